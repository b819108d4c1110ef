"""The legs of a call, each written down as it lived: invited, ringing, answered, ended, and why (appendix 1)."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from ivr.domain.leg import BUSY, CANCELLED, OK, LegRecord, Side
from ivr.errors import LineError, NotReached
from ivr.ports import Dialler, HungUp, Leg


@dataclass(slots=True)
class OpenLeg:
    """A leg that lasts still."""

    book: LegBook
    side: Side
    who: str
    number: str
    invited_at: datetime
    why: str = ""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    _written: bool = False

    def rings(self) -> None:
        """The telephone rings."""
        self.ringing_at = self.ringing_at or self.book.now()

    def answered(self) -> None:
        """The handset was lifted."""
        self.answered_at = self.book.now()

    def over(self, how: HungUp | None = None, cause: int = OK, by: str = "us") -> None:
        """It has ended; written once, however often this is told."""
        if self._written:
            return
        self._written = True
        if how:
            cause, by = how.code or OK, "no_media" if how.no_media else "far" if how.by_caller else "us"
        book = self.book
        record = LegRecord(
            self.id, book.municipality, book.call, self.side, self.invited_at, book.now(),
            ringing_at=self.ringing_at, answered_at=self.answered_at, cause=cause, ended_by=by, mode=book.mode,
            why=self.why, who=self.who, number=self.number, source=book.source,
        )  # fmt: skip
        book.records.append(record)


@dataclass(slots=True)
class LegBook:
    """The legs of one call.

    Attributes:
        call: what they belong to. source: the engine.
        mode: as it is when a leg ends.
        records: those that are over.
    """

    call: str
    municipality: str
    source: str
    now: Callable[[], datetime]
    mode: str = ""
    records: list[LegRecord] = field(default_factory=list)

    def begin(self, side: Side, who: str, number: str, *, why: str = "", id_: str = "") -> OpenLeg:
        """A leg begins now."""
        leg = OpenLeg(self, side, who, number, self.now(), why)
        leg.id = id_ or leg.id
        return leg

    async def dial(self, dialler: Dialler, address: str, caller: str, leg: OpenLeg) -> Leg:
        """Ring an address and write down what becomes of it.

        Raises:
            NotReached, LineError: as the dialler does.
        """
        try:
            answered = await dialler.call(address, caller, leg.rings)
        except NotReached as fault:
            leg.over(cause=fault.code, by="far")
            raise
        except LineError:
            leg.over(cause=BUSY)  # no leg of our own was free
            raise
        except asyncio.CancelledError:
            leg.over(cause=CANCELLED)
            raise
        leg.answered()
        return answered
