"""The process of the timetable: sweeps over the journal until it is asked to end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket

from ivr.adapters.files.settings import Settings
from ivr.bootstrap.office import build_callback_room
from ivr.bootstrap.watch import Watch, build_watch
from ivr.errors import SettingsError

log = logging.getLogger(__name__)

_LOOK_SECONDS = 5.0


async def run_timetable(settings: Settings) -> None:
    """Make the sweeps until SIGTERM or Ctrl-C.

    Raises:
        JournalError: the database is away.
        SettingsError: a file or the database is not as it should be.
    """
    room = build_callback_room(settings)
    watch = build_watch(room, f"{socket.gethostname()}:{os.getpid()}")
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    following = asyncio.create_task(_follow_calendar(watch))
    await watch.timetable.run(stop)
    following.cancel()
    watch.dispose()
    room.dispose()


async def _follow_calendar(watch: Watch) -> None:
    """Leader or not: who becomes the leader knows the hours already."""
    while True:
        try:
            if watch.follow_calendar():
                log.info("the hours were read", extra={"action": "calendar_changed"})
        except SettingsError as fault:
            log.error("the calendar cannot be read: %s", fault, extra={"action": "calendar_unreadable"})
        await asyncio.sleep(_LOOK_SECONDS)
