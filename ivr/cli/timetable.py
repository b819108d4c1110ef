"""The process of the timetable: sweeps over the journal until it is asked to end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket

from ivr.adapters.files.settings import Settings
from ivr.bootstrap import build_callback_room


async def run_timetable(settings: Settings) -> None:
    """Make the sweeps until SIGTERM or Ctrl-C.

    Raises:
        SettingsError: a file or the database is not as it should be.
    """
    room = build_callback_room(settings)
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    await room.timetable(f"{socket.gethostname()}:{os.getpid()}").run(stop)
    room.dispose()
