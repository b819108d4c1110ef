"""The shift: who is at work, and whose telephone is rung (clause 9)."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from ivr.domain.municipality import Municipality
from ivr.domain.presence import Presence, PresenceChange, Standing, Told, few_since, standings
from ivr.errors import JournalError
from ivr.ports import Announce, Clock, PresenceBook

log = logging.getLogger(__name__)

_PATIENCE_SECONDS = 0.3


@dataclass(slots=True)
class Shift:
    """Keeps who is at work, and tells it.

    Attributes:
        telephones: operators by SIP address; whom nobody names is no person: a ring group of the exchange.
        counts: off: nobody keeps count, everybody is rung.
    """

    book: PresenceBook
    clock: Clock
    announce: Announce
    telephones: Mapping[str, str] = field(default_factory=dict)
    counts: bool = True
    _known: dict[str, Mapping[str, Standing]] = field(default_factory=dict)

    async def mark(
        self, municipality: str, who: str, state: Presence, told: Told, *, by: str = "",
        lasting: timedelta | None = None,
    ) -> Standing:  # fmt: skip
        """An operator is on shift, away, off, or busy with what a call left to do.

        Args:
            by: who says so.
            lasting: how long, for work after a call.

        Raises:
            JournalError: it could not be kept.
        """
        now = self.clock.now()
        until = now + lasting if lasting else None
        await self.book.add(PresenceChange(uuid.uuid4().hex, municipality, who, state, now, told, by or who, until))
        self.announce("presence", {"who": who, "state": state.value, "told": told.value, "since": now.isoformat()})
        log.info("presence", extra={"action": "presence", "code": state.value, "why": told.value})
        return Standing(who, state, now, told)

    async def rest(self, municipality: str, who: str, lasting: timedelta) -> None:
        """A conversation is over: who is on shift writes the card for so long, and is not rung."""
        known = self._known.get(municipality, {}).get(who)
        if self.counts and known and known.state is Presence.ON_SHIFT:
            await self.mark(municipality, who, Presence.AFTER_CALL, Told.LINE, lasting=lasting)

    async def follow_phones(self, whose: Municipality, reachable: Callable[[str], Awaitable[bool]]) -> int:
        """In working hours a telephone that is there puts its operator on shift, one that is gone takes him off; what
        he says himself counts for more. How many have changed.

        Raises:
            JournalError: it could not be kept.
        """
        if not (self.counts and whose.calendar.is_open(self.clock.now())):
            return 0
        known, changed = await self.standings(whose), 0
        for address in whose.operators:
            who = self.telephones.get(address)
            if who is None:
                continue
            state = _by_phone(known.get(who), there=await reachable(address))
            if state:
                await self.mark(whose.key, who, state, Told.PHONE)
                changed += 1
        return changed

    async def standings(self, whose: Municipality) -> Mapping[str, Standing]:
        """Everybody who is or was at work today, by name.

        Raises:
            JournalError: the database is away.
        """
        now = self.clock.now()
        return standings(await self._today(whose, now), now, whose.calendar.zone)

    async def standings_soon(self, whose: Municipality) -> Mapping[str, Standing]:
        """The same for a caller who waits: what was known last, when the database does not answer at once."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                self._known[whose.key] = await self.standings(whose)
        except (JournalError, TimeoutError) as fault:
            log.warning("presence unknown", extra={"action": "presence_unknown", "why": type(fault).__name__})
        return self._known.get(whose.key, {})

    def present(self, known: Mapping[str, Standing]) -> int | None:
        """How many are at their place; None: nobody keeps count."""
        return sum(one.present for one in known.values()) if self.counts else None

    def to_ring(self, whose: Municipality, known: Mapping[str, Standing]) -> Sequence[str]:
        """Addresses to ring: of those who are on shift, and of ring groups."""
        if not self.counts:
            return whose.operators
        free = {who for who, one in known.items() if one.state is Presence.ON_SHIFT}
        return [address for address in whose.operators if self.telephones.get(address) in (None, *free)]

    async def few_since(self, whose: Municipality, wanted: int) -> datetime | None:
        """Since when too few have been at their place in today's working hours; None: enough, or nobody works now.

        Raises:
            JournalError: the database is away.
        """
        now, calendar = self.clock.now(), whose.calendar
        if not self.counts or not calendar.is_open(now):
            return None
        local = now.astimezone(calendar.zone)
        hours = calendar.hours(local.date())
        opened = datetime.combine(local.date(), hours.opens if hours else time(), calendar.zone)
        return few_since(await self._today(whose, now), wanted, opened, now, calendar.zone)

    async def _today(self, whose: Municipality, now: datetime) -> Sequence[PresenceChange]:
        midnight = datetime.combine(now.astimezone(whose.calendar.zone).date(), time(), whose.calendar.zone)
        return await self.book.since(whose.key, midnight)


def _by_phone(known: Standing | None, *, there: bool) -> Presence | None:
    """What a telephone that is there, or gone, changes."""
    if there and (known is None or (known.told is Told.PHONE and not known.present)):
        return Presence.ON_SHIFT
    return Presence.AWAY if known and known.present and not there else None
