"""Calls that the product itself places: to operators, to citizens (fulfils `ports.Dialler`)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from ivr.adapters.sip.engine import Engine
from ivr.adapters.sip.leg import SipLeg
from ivr.errors import LineError, NotReached
from ivr.ports import HungUp
from ivr.ports.telephone import silently

_ADDRESS = re.compile(r"sips?:[A-Za-z0-9+_.!~*'()-]+(:[^@\s]*)?@[A-Za-z0-9.\[\]:-]+(;[A-Za-z0-9=;.-]*)?")
_UNKNOWN = 0


class SipDialler:
    """Places calls with the engine's free legs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def free(self) -> int:
        """Legs that the library does not hold."""
        return self._engine.capacity - self._engine.busy

    async def call(self, address: str, caller: str = "", rings: Callable[[], None] = silently) -> SipLeg:
        """Ring a SIP address until it answers; given up (CANCEL) when the waiting task is cancelled.

        Args:
            rings: told when the telephone rings.

        Raises:
            NotReached: it refused, was busy, or did not exist: the SIP status says which.
            LineError: no leg is free, or this is no SIP address.
        """
        if not _ADDRESS.fullmatch(address):
            raise LineError("not a SIP address that can be called")
        placed = asyncio.ensure_future(self._engine.dial(address, display=caller))
        try:
            leg = await asyncio.shield(placed)
        except asyncio.CancelledError:  # it may be placed a moment later: then it must not ring
            placed.add_done_callback(_hang_up)
            raise
        leg.ringing.add_done_callback(lambda _: rings())
        try:
            await asyncio.shield(leg.answered)
        except asyncio.CancelledError:
            leg.hang_up()
            raise
        except LineError as fault:
            over = await leg.next_event()
            raise NotReached(over.code if isinstance(over, HungUp) else _UNKNOWN) from fault
        return leg


def _hang_up(placed: asyncio.Future[SipLeg]) -> None:
    if not placed.cancelled() and placed.exception() is None:
        placed.result().hang_up()
