"""`ivr serve web`: the console's process."""

from __future__ import annotations

import logging
from pathlib import Path

from ivr.adapters.files.settings import Settings
from ivr.bootstrap.web import build_console
from ivr.errors import SettingsError
from ivr.web.server import Address, server

log = logging.getLogger(__name__)


async def run_console(settings: Settings, config: Path | None) -> None:
    """Answer browsers and programs until SIGTERM or Ctrl-C.

    Raises:
        SettingsError: a file, the database, the certificate or the port is not as it should be.
    """
    web = settings.web
    console = build_console(settings, config)
    try:
        running = server(console.app, Address(web.host, web.port, web.certificate, web.key))
        log.info("answering browsers", extra={"action": "console_ready", "port": web.port})
        await running.serve()
    except (OSError, SystemExit) as fault:
        raise SettingsError(f"web.port: {web.host}:{web.port} cannot be used: {fault}") from fault
    finally:
        console.dispose()
