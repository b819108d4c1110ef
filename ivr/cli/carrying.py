"""What an engine does with its finished recordings where a store is set: it carries them away, beside its calls."""

from __future__ import annotations

import asyncio
import logging
import socket

from ivr.adapters.objects.archive import StoredRecordings
from ivr.ports import Clock, Recordings, Troubles

log = logging.getLogger(__name__)

_LOOK_SECONDS = 5.0
_LONGEST_NAME = 64


async def carry_away(recordings: Recordings, troubles: Troubles, municipality: str, engine: str, clock: Clock) -> None:
    """Round after round, until it is cancelled; recordings that wait are noted as a trouble, of which people are told.

    Without a store it returns at once.
    """
    if not isinstance(recordings, StoredRecordings):
        return
    name = f"recordings:{socket.gethostname()} {engine}"[:_LONGEST_NAME]
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            done = await asyncio.to_thread(recordings.carry_away)
            await troubles.since(municipality, name, bool(done.fault and done.waiting), clock.now())
        except Exception:  # the edge of a round: the next one tries again
            log.exception("recordings wait", extra={"action": "recordings_wait"})
