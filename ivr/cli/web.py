"""`ivr serve web`: the console's process."""

from __future__ import annotations

import logging
from pathlib import Path

from ivr.adapters.files.settings import Settings
from ivr.bootstrap.web import build_console
from ivr.errors import IvrError
from ivr.web.server import Address, server

log = logging.getLogger(__name__)


async def run_console(settings: Settings, config: Path | None) -> None:
    """Answer browsers and programs until SIGTERM or Ctrl-C.

    Raises:
        SettingsError: a file or the database is not as it should be.
        IvrError: the port or the certificate cannot be used. No mistake that ends the service: calls are answered
            without a console too, and it is tried again.
    """
    web = settings.web
    console = build_console(settings, config)
    try:
        running = server(console.app, Address(web.host, web.port, web.certificate, web.key))
        log.info("answering browsers", extra={"action": "console_ready", "port": web.port})
        await running.serve()
    except (OSError, SystemExit) as fault:
        raise IvrError(f"web.port: {web.host}:{web.port} cannot be used: {fault}") from fault
    finally:
        console.dispose()
