"""The live board, for somebody who is signed in: what is going on just now, and how the day goes (clauses 9, 11)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.board import CallNow, CallsNow, Figure, Lamp, figures
from ivr.domain.municipality import Municipality
from ivr.domain.presence import Presence, Standing, Told
from ivr.domain.regulation import Regulation
from ivr.domain.report import LoadDay, Period
from ivr.ports import Clock
from ivr.ports.console import Conversations
from ivr.ports.reports import ReportSource
from ivr.services.audit import AccessLog
from ivr.services.presence import Shift

T = TypeVar("T")

_NEWEST = 30
_TODAY_KEPT, _WEEK_KEPT, _LAMPS_KEPT = timedelta(seconds=5), timedelta(minutes=10), timedelta(seconds=10)
_AFTER_CALL = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class BoardView:
    """What the board shows.

    Attributes:
        calls: without any word for those who may not read citizens.
        shift: everybody who is or was at work today; None: nobody keeps count.
        least: how many must be at their place.
        is_open: it is working time.
    """

    calls: Sequence[CallNow]
    shift: Sequence[Standing] | None
    least: int
    figures: Sequence[Figure]
    lamps: Sequence[Lamp]
    is_open: bool
    now: datetime

    @property
    def present(self) -> int:
        """How many are at their place."""
        return sum(one.present for one in self.shift or ())


@dataclass(slots=True)
class LiveBoard:
    """Follows the news, and shows them to those who may.

    Attributes:
        lamps: looks at what the house depends on, for a municipality.
        town: the municipality with its present calendar. source: what its load is read from.
    """

    conversations: Conversations
    source: Callable[[Municipality], ReportSource]
    shift: Shift
    town: Callable[[str], Municipality]
    lamps: Callable[[str], Awaitable[Sequence[Lamp]]]
    rules: Regulation
    clock: Clock
    log: AccessLog
    _calls: CallsNow = field(default_factory=CallsNow)
    _lamps_seen: dict[str, tuple[datetime, Sequence[Lamp]]] = field(default_factory=dict)
    _looking: asyncio.Task[None] | None = None
    _kept: dict[tuple[str, ...], tuple[datetime, Any]] = field(default_factory=dict)

    def follow(self, news: Mapping[str, object]) -> bool:
        """Take a piece of news; whether the board has changed."""
        return self._calls.follow(news, self.clock.now())

    async def view(self, actor: Actor) -> BoardView:
        """The board now.

        Raises:
            Forbidden: not for this role.
            JournalError: the database is away.
        """
        actor.require(Deed.VIEW, Thing.BOARD)
        await self.log.note_once(actor, Deed.VIEW, Thing.BOARD)
        town, now = self.town(actor.account.municipality), self.clock.now()
        newest = await self.conversations.calls(town.key, limit=_NEWEST)
        calls = self._calls.settle(newest, town.key, now)
        if not actor.may(Deed.VIEW, Thing.CALL):
            calls = [replace(call, said=(), partial=None) for call in calls]
        shift = list((await self.shift.standings(town)).values()) if self.shift.counts else None
        lamps = await self._lit(town.key, now)
        return BoardView(
            calls, shift, self.rules.operators_at_least, await self._figures(town, now), lamps,
            town.calendar.is_open(now), now,
        )  # fmt: skip

    async def mark(self, actor: Actor, state: Presence) -> None:
        """An operator says what he does.

        Raises:
            Forbidden: not for this role.
            JournalError: it could not be kept.
        """
        actor.require(Deed.WORK, Thing.CALLBACK)
        await self.log.note(actor, Deed.WORK, Thing.BOARD, facts={"state": state.value})
        lasting = _AFTER_CALL if state is Presence.AFTER_CALL else None
        await self.shift.mark(actor.account.municipality, actor.account.name, state, Told.CONSOLE, lasting=lasting)

    async def _figures(self, town: Municipality, now: datetime) -> Sequence[Figure]:
        today = now.astimezone(town.calendar.zone).date()
        week = Period(today - timedelta(days=7), today - timedelta(days=1))
        day = await self._load("day", town, Period(today, today), _TODAY_KEPT)
        usual = await self._load("week", town, week, _WEEK_KEPT)
        return figures(day, usual, self.rules)

    async def _load(self, name: str, town: Municipality, period: Period, lasting: timedelta) -> LoadDay:
        def look() -> LoadDay:
            return LoadDay.total(period.last, tuple(self.source(town).load(town.key, period)))

        return await self._keep((name, town.key, str(period.last)), lasting, lambda: asyncio.to_thread(look))

    async def _lit(self, town: str, now: datetime) -> Sequence[Lamp]:
        """The lamps as they were a moment ago: nobody waits for a neighbour that does not answer, save the first."""
        known = self._lamps_seen.get(town)
        if known is None:
            await self._light(town)
        elif now - known[0] >= _LAMPS_KEPT and (self._looking is None or self._looking.done()):
            self._looking = asyncio.create_task(self._light(town))
        return self._lamps_seen[town][1]

    async def _light(self, town: str) -> None:
        self._lamps_seen[town] = self.clock.now(), await self.lamps(town)

    async def _keep(self, key: tuple[str, ...], lasting: timedelta, look: Callable[[], Awaitable[T]]) -> T:
        """What was found a moment ago, or found now."""
        now = self.clock.now()
        known = self._kept.get(key)
        if known is None or now - known[0] >= lasting:
            known = now, await look()
            self._kept = {old: kept for old, kept in self._kept.items() if now - kept[0] < _WEEK_KEPT}
            self._kept[key] = known
        found: T = known[1]
        return found
