"""Calls that the product itself places: to operators, to citizens (fulfils `ports.Dialler`)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from ivr.adapters.sip.engine import Engine
from ivr.adapters.sip.leg import SipLeg
from ivr.errors import LineError, NotReached
from ivr.ports import HungUp

_ADDRESS = re.compile(r"sips?:[A-Za-z0-9+_.!~*'()-]+(:[^@\s]*)?@[A-Za-z0-9.\[\]:-]+(;[A-Za-z0-9=;.-]*)?")
_UNKNOWN = 0


class SipDialler:
    """Places calls with the engine's free legs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def call(self, address: str, caller: str = "", rings: Callable[[], None] = lambda: None) -> SipLeg:
        """Ring a SIP address until it answers; given up (CANCEL) when the waiting task is cancelled.

        Args:
            rings: told when the telephone rings.

        Raises:
            NotReached: it refused, was busy, or did not exist: the SIP status says which.
            LineError: no leg is free, or this is no SIP address.
        """
        if not _ADDRESS.fullmatch(address):
            raise LineError("not a SIP address that can be called")
        leg = await self._engine.dial(address, display=caller)
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
