"""What is looked at again and again for all municipalities, by the hours as they are now."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from ivr.adapters.clock import SystemClock
from ivr.adapters.files.calendar import production_table
from ivr.adapters.files.disk import free_share
from ivr.adapters.files.production import known_until
from ivr.adapters.files.settings import Settings
from ivr.adapters.sip.probe import is_reachable
from ivr.adapters.storage.notices import DatabaseNoticeBook
from ivr.adapters.timetable import Sweep
from ivr.bootstrap.files import calendar_stamp, municipalities_of
from ivr.domain.municipality import Municipalities, Municipality
from ivr.domain.regulation import Regulation
from ivr.errors import SettingsError
from ivr.ports import Announce, Journal
from ivr.services.deadlines import Deadlines
from ivr.services.presence import Shift

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Watch:
    """The sweeps that tell people in time."""

    settings: Settings
    rules: Regulation
    journal: Journal
    notices: DatabaseNoticeBook
    announce: Announce
    shift: Shift
    _served: Municipalities | None = None
    _seen: tuple[float, ...] = ()

    def sweeps(self) -> tuple[Sweep, ...]:
        """All of them."""
        sweeps = (
            Sweep("callbacks", 20, self.callbacks),
            Sweep("house", 300, self.house),
            Sweep("shift", 20, self.presence),
        )
        return (*sweeps, Sweep("phones", 30, self.phones)) if self.settings.desk.probe_phones else sweeps

    async def callbacks(self) -> int:
        """Promises and their hours; how many are news."""
        return sum([await self._deadlines(town).watch_callbacks() for town in self._towns()])

    async def house(self) -> int:
        """The quarterly task, the disk, the end of the calendar; how many are news."""
        return sum([await self._deadlines(town).watch_house() for town in self._towns()])

    async def presence(self) -> int:
        """Enough operators at their place (clause 9); how many are news."""
        news = 0
        for town in self._towns():
            since = await self.shift.few_since(town, self.rules.operators_at_least)
            news += await self._deadlines(town).watch_shift(since)
        return news

    async def phones(self) -> int:
        """Whose telephone is there, and whose is gone; how many have changed."""
        return sum([await self.shift.follow_phones(town, is_reachable) for town in self._towns()])

    def _towns(self) -> tuple[Municipality, ...]:
        """By the hours as they are now: a person may have ordered a day closed or open."""
        seen = calendar_stamp(self.settings)
        if self._served is None:
            self._served, self._seen = municipalities_of(self.settings), seen
        elif seen != self._seen:
            self._seen = seen
            try:
                self._served = municipalities_of(self.settings)
            except SettingsError as fault:  # somebody is writing the file: until it is mended the old hours hold
                log.error("hours not read", extra={"action": "calendar_refused", "why": str(fault)})
        return self._served.served

    def _deadlines(self, town: Municipality) -> Deadlines:
        return Deadlines(
            municipality=town.key, journal=self.journal, notices=self.notices, clock=SystemClock(), rules=self.rules,
            calendar=town.calendar, announce=self.announce, free_share=lambda: free_share(self.settings.data),
            calendar_until=lambda: known_until(production_table()),
        )  # fmt: skip
