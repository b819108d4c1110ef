"""What the curator's pages ask of the database: days in counts, the audit of recordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from ivr.domain.calendar import WorkingCalendar
from ivr.domain.compliance import Breach, Clause, Kind, TownCounts
from ivr.domain.report import Period
from ivr.domain.review import Review, Why


class Tallies(Protocol):
    """Days in counts; pages add them up and never read the journal's rows."""

    async def count(self, municipality: str, day: date, calendar: WorkingCalendar, now: datetime) -> int:
        """Count a day anew; how many counts it has."""

    async def waiting(self, municipality: str, today: date, now: datetime, limit: int) -> Sequence[date]:
        """Days to be counted, the latest first: never counted, not settled yet, put right since."""

    async def sums(self, municipality: str, period: Period, kinds: Sequence[Kind]) -> Sequence[tuple[str, str, float]]:
        """Kind, key, count of a period, of these kinds."""

    async def series(
        self, municipality: str, period: Period, kind: Kind, *, weekly: bool = False
    ) -> Sequence[tuple[date, str, float]]:
        """Day (or Monday), key, count of a kind, oldest first."""

    async def breaches(
        self, municipality: str, period: Period, clause: Clause, limit: int = 100, offset: int = 0
    ) -> Sequence[tuple[date, Breach]]:
        """Rows that broke a clause, the latest first."""

    async def counted_at(self, municipality: str, day: date) -> datetime | None:
        """When a day was counted last."""


class RegionBook(Protocol):
    """All municipalities at a glance."""

    async def counts(
        self, towns: Sequence[str], period: Period, kinds: Sequence[Kind], now: datetime
    ) -> Mapping[str, TownCounts]:
        """Of each of these, those of which nothing is known included."""


class Reviews(Protocol):
    """Recordings chosen for the audit."""

    async def draw(
        self, municipality: str, begins: datetime, ends: datetime, why: Why, count: int
    ) -> Sequence[tuple[str, str]]:
        """Messages with a recording that fit a rule and were never chosen, at random: id, operator."""

    async def add(self, reviews: Sequence[Review]) -> int:
        """Put them into the queue; one that was chosen already stays as it is. How many are new."""

    async def page(self, municipality: str, *, done: bool | None = None, limit: int = 100) -> Sequence[Review]:
        """The latest first; without `done` all."""

    async def find(self, review: str) -> Review | None:
        """One of them."""

    async def keep(self, review: Review) -> None:
        """As it is now."""

    async def asked(self, municipality: str, operator: str, limit: int = 50) -> Sequence[Review]:
        """Those with a question to an operator, the unanswered first."""
