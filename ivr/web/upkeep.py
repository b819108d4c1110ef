"""What the console does by itself: it follows the files that people change, and looks at the access log once a day."""

from __future__ import annotations

import asyncio
import logging
import time

from ivr.web.rooms import Rooms

log = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0
_FIRST_CHAIN_SECONDS, _CHAIN_SECONDS = 600.0, 24 * 3600.0


async def keep_up(rooms: Rooms) -> None:
    """Until it is cancelled."""
    next_chain = time.monotonic() + _FIRST_CHAIN_SECONDS
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            await asyncio.to_thread(rooms.administration.follow)
        except Exception:  # the edge of a sweep: the next one tries again
            log.exception("the files cannot be followed", extra={"action": "follow_failed"})
        if time.monotonic() >= next_chain:
            next_chain = time.monotonic() + _CHAIN_SECONDS
            rooms.log.begin_look()
