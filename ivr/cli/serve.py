"""`ivr serve`: the engines and the recogniser as supervised children."""

from __future__ import annotations

import asyncio
import logging
import signal
from pathlib import Path

from ivr.adapters.files.settings import Settings
from ivr.adapters.supervision import Supervisor
from ivr.bootstrap import build, timetable_child
from ivr.errors import SettingsError

log = logging.getLogger(__name__)

_STOP_SECONDS = 110.0


async def run_service(settings: Settings, config: Path | None) -> None:
    """Keep all processes alive until SIGTERM or Ctrl-C.

    Raises:
        SettingsError: the settings are wrong, or a child refused them.
    """
    house = build(settings)
    house.journal().dispose()
    house.recordings().close()
    supervisor = Supervisor([*house.children(config), timetable_child(config)], _STOP_SECONDS)
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    supervisor.start()
    refused = asyncio.create_task(supervisor.failed.wait())
    asked = asyncio.create_task(stop.wait())
    await asyncio.wait({refused, asked}, return_when=asyncio.FIRST_COMPLETED)
    await supervisor.stop()
    if refused.done():
        raise SettingsError("a process of the service cannot work with these settings; its own lines above say why")
    asked.cancel()
    refused.cancel()
