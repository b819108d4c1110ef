"""The sweeps over the journal: each may be made at any time, by anybody, any number of times (clauses 5, 9, 13–21)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from ivr.domain.calendar import WorkingCalendar
from ivr.domain.notices import (
    Notice,
    NoticeKind,
    answer_notice,
    calendar_notice,
    disk_notice,
    few_operators_notice,
    notices_of,
    publicity_notice,
)
from ivr.domain.regulation import Regulation
from ivr.ports import Addressees, Announce, CallbackBook, Clock, NoticeBook, Troubles
from ivr.ports.storage import nobody

log = logging.getLogger(__name__)

_LASTING = timedelta(seconds=20)  # what is over sooner was a hiccup
TROUBLES: Mapping[str, NoticeKind] = {
    "trunk": NoticeKind.TRUNK,
    "mail": NoticeKind.MAIL,
    "recordings": NoticeKind.RECORDINGS,
}
"""Whoever sees one of these notes it in `Troubles` under this name (with ":" and which one); the sweep tells of it."""


@dataclass(slots=True)
class Deadlines:
    """Finds what people must be told of, and tells each thing once.

    Attributes:
        free_share: how much of the disk is free, 0..1.
        known_until: the last day whose transferred days the calendar knows.
        neighbours: by name of `TROUBLES`: asks whether it works.
        letters: who is written to of each notice.
    """

    municipality: str
    callbacks: CallbackBook
    notices: NoticeBook
    troubles: Troubles
    clock: Clock
    rules: Regulation
    calendar: WorkingCalendar
    announce: Announce
    free_share: Callable[[], float]
    known_until: Callable[[], date] = lambda: date.max
    neighbours: Mapping[str, Callable[[], Awaitable[bool]]] = field(default_factory=dict)
    letters: Addressees = nobody

    async def watch_callbacks(self) -> int:
        """Urgent rows, deadlines, windows, cards not written; how many are news."""
        now = self.clock.now()
        rows = await self.callbacks.open(self.municipality)
        found = [notice for callback in rows for notice in notices_of(callback, now, self.rules)]
        reminders = (answer_notice(callback, now, self.calendar) for callback in rows)
        return await self._tell([*found, *(notice for notice in reminders if notice)])

    async def watch_house(self) -> int:
        """The quarterly task of clause 5, the disk, the calendar; how many are news."""
        now = self.clock.now()
        today = now.astimezone(self.calendar.zone).date()
        found = (
            publicity_notice(self.municipality, now, self.calendar),
            disk_notice(self.municipality, self.free_share(), today),
            calendar_notice(self.municipality, self.known_until(), today),
        )
        return await self._tell(notice for notice in found if notice)

    async def watch_neighbours(self, kind: str) -> int:
        """Neighbours of a kind ("trunk", "mail"), and whatever was noted not to work; how many are news."""
        for name, works in self.neighbours.items():
            if name.partition(":")[0] != kind:
                continue
            wrong = not await works()
            await self.troubles.since(self.municipality, name, wrong, self.clock.now())
        return await self.watch_troubles()

    async def watch_troubles(self) -> int:
        """What does not work, or who is missing, for longer than a moment; how many are news."""
        now, standing = self.clock.now(), await self.troubles.standing(self.municipality)
        return await self._tell(
            Notice(TROUBLES[kind], self.municipality, name, since)
            for name, since in standing.items()
            if (kind := name.partition(":")[0]) in TROUBLES and now - since >= _LASTING
        )

    def follow(self, calendar: WorkingCalendar) -> None:
        """From the next sweep on the hours are these."""
        self.calendar = calendar

    async def watch_shift(self, few_since: datetime | None) -> int:
        """Too few operators at their place; how many are news.

        Args:
            few_since: since when.
        """
        found = few_operators_notice(self.municipality, few_since, self.clock.now())
        return await self._tell([found] if found else [])

    async def _tell(self, found: Iterable[Notice]) -> int:
        return await tell(found, self.notices, self.announce, self.clock.now(), self.letters)


async def tell(
    found: Iterable[Notice], notices: NoticeBook, announce: Announce, now: datetime, letters: Addressees = nobody
) -> int:
    """Post what was found; what is news is shown on the live board and logged. How many are news."""
    news = await notices.post(list(found), now, letters)
    for notice in news:
        facts = {"kind": str(notice.kind), "subject": notice.subject, "at": notice.at.isoformat(), "key": notice.key}
        announce("notice", {**facts, "municipality": notice.municipality})
        log.info("notice", extra={"action": "notice_posted", "why": str(notice.kind)})
    return len(news)
