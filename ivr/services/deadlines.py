"""The sweeps over the journal: each may be made at any time, by anybody, any number of times (clauses 5, 13, 15)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from ivr.domain.calendar import WorkingCalendar
from ivr.domain.notices import Notice, calendar_notice, disk_notice, few_operators_notice, notices_of, publicity_notice
from ivr.domain.regulation import Regulation
from ivr.ports import Announce, Clock, Journal, NoticeBook

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Deadlines:
    """Finds what people must be told of, and tells each thing once.

    Attributes:
        free_share: how much of the disk is free, 0..1.
        calendar_until: the last day that a decree about moved days off speaks of.
    """

    municipality: str
    journal: Journal
    notices: NoticeBook
    clock: Clock
    rules: Regulation
    calendar: WorkingCalendar
    announce: Announce
    free_share: Callable[[], float]
    calendar_until: Callable[[], date] = lambda: date.max

    async def watch_callbacks(self) -> int:
        """Urgent rows, deadlines, windows, cards not written; how many are news."""
        now = self.clock.now()
        rows = await self.journal.callbacks(self.municipality)
        return await self._tell(notice for callback, _ in rows for notice in notices_of(callback, now, self.rules))

    async def watch_house(self) -> int:
        """The quarterly task of clause 5, the disk, the end of the calendar; how many are news."""
        now = self.clock.now()
        today = now.astimezone(self.calendar.zone).date()
        found = (
            publicity_notice(self.municipality, now, self.calendar),
            disk_notice(self.municipality, self.free_share(), today),
            calendar_notice(self.municipality, self.calendar_until(), today),
        )
        return await self._tell(notice for notice in found if notice)

    async def watch_shift(self, few_since: datetime | None) -> int:
        """Too few operators at their place; how many are news.

        Args:
            few_since: since when.
        """
        found = few_operators_notice(self.municipality, few_since, self.clock.now())
        return await self._tell([found] if found else [])

    async def _tell(self, found: Iterable[Notice]) -> int:
        return await tell(found, self.notices, self.announce, self.clock.now())


async def tell(found: Iterable[Notice], notices: NoticeBook, announce: Announce, now: datetime) -> int:
    """Post what was found; what is news is shown on the live board and logged. How many are news."""
    news = await notices.post(list(found), now)
    for notice in news:
        facts = {"kind": str(notice.kind), "subject": notice.subject, "at": notice.at.isoformat()}
        announce("notice", facts)
        log.info("notice", extra={"action": "notice_posted", "why": str(notice.kind)})
    return len(news)
