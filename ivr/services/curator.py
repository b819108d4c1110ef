"""The curator's evening: how the regulation is kept, what people call about, how well they are heard (clause 17)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.calendar import WorkingCalendar
from ivr.domain.compliance import NOBODY, Breach, Clause, Kept, Kind, added
from ivr.domain.correction import CORRECTABLE
from ivr.domain.load import share
from ivr.domain.message import Message
from ivr.domain.regulation import Regulation
from ivr.domain.report import Period
from ivr.domain.staffing import HourNeed, needs
from ivr.ports import Clock
from ivr.ports.console import Conversations
from ivr.ports.curator import Tallies
from ivr.services.audit import AccessLog

_WEEKLY_FROM = 63
_PAGE = 50
_MOST_SHOWN = 20
_DAYS_A_TURN = 20
_USUAL_TALK_SECONDS = 180.0
_CLAUSES = (Kind.KEPT, Kind.OF)
_KEEPING = (*_CLAUSES, Kind.LOAD)
_SUBJECTS = (Kind.TOPIC, Kind.PLACE, Kind.MODE, Kind.LOAD, Kind.HOUR)
_HEARING = (Kind.RIGHT, Kind.SLOT, Kind.WORDS, Kind.ERRORS, Kind.MISHEARD, Kind.RETOPIC)


@dataclass(frozen=True, slots=True)
class Point:
    """The figures of a day, or of a week from its Monday; None: nothing to divide."""

    day: date
    received: int
    lost: float | None
    available: float | None
    productive: float | None
    answer: float | None
    handling: float | None


@dataclass(frozen=True, slots=True)
class Keeping:
    """Whether we manage: each clause, the worst first, and the norms over time.

    Attributes:
        total: the period as one point. counted_at: how fresh it is.
    """

    clauses: Sequence[Kept]
    total: Point
    points: Sequence[Point]
    weekly: bool
    counted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """A title with its count."""

    key: str
    count: int


@dataclass(frozen=True, slots=True)
class Subjects:
    """What people call about.

    Attributes:
        heat: topic, then count by Monday; the most frequent topic first.
        days: calls a day; hours: calls in working hours, by hour, on average over the working days counted.
        needs: how many operators each hour wants (clause 10).
    """

    topics: Sequence[Row]
    places: Sequence[Row]
    modes: Sequence[Row]
    weeks: Sequence[date]
    heat: Mapping[str, Mapping[date, int]]
    days: Sequence[tuple[date, int]]
    weekly: bool
    needs: Sequence[HourNeed]
    talk_seconds: float


@dataclass(frozen=True, slots=True)
class Slot:
    """How often a field was right, and the word error rate of those that people corrected."""

    field: str
    right: int
    of: int
    words: int
    errors: int

    @property
    def accuracy(self) -> float | None:
        """Right of all that people have looked at."""
        return share(self.right, self.of)

    @property
    def error_rate(self) -> float | None:
        """Errors in words of corrected fields; None where no words are counted."""
        return share(self.errors, self.words)


@dataclass(frozen=True, slots=True)
class Hearing:
    """How well the assistant hears.

    Attributes:
        months: first day of each month, then the accuracy of each field.
        misheard: what was heard, what was said, how often. retopics: topic before and after, how often.
    """

    slots: Sequence[Slot]
    months: Sequence[tuple[date, Mapping[str, float | None]]]
    misheard: Sequence[tuple[str, str, int]]
    retopics: Sequence[tuple[str, str, int]]


@dataclass(slots=True)
class DayCounting:
    """Counts days, so that the pages need not read the journal."""

    tallies: Tallies
    clock: Clock

    async def sweep(self, municipality: str, calendar: WorkingCalendar) -> int:
        """Count days that wait for it; how many. May be made at any time, by anybody."""
        now = self.clock.now()
        today = now.astimezone(calendar.zone).date()
        waiting = await self.tallies.waiting(municipality, today, now, _DAYS_A_TURN)
        for day in waiting:
            await self.tallies.count(municipality, day, calendar, now)
        return len(waiting)


@dataclass(slots=True)
class Curator:
    """Adds up what was counted."""

    tallies: Tallies
    conversations: Conversations
    rules: Regulation
    clock: Clock
    log: AccessLog

    async def keeping(self, actor: Actor, period: Period) -> Keeping:
        """How the regulation is kept.

        Raises:
            Forbidden: not for this role.
        """
        town = await self._look(actor, "keeping")
        sums = added(await self.tallies.sums(town, period, _KEEPING))
        kept = [kept_of(sums, clause) for clause in Clause]
        weekly = len(list(period)) > _WEEKLY_FROM
        by_day: dict[date, dict[str, float]] = {}
        for day, key, count in await self.tallies.series(town, period, Kind.LOAD, weekly=weekly):
            by_day.setdefault(day, {})[key] = count
        points = [point_of(day, counts) for day, counts in by_day.items()]
        worst_first = sorted(kept, key=lambda one: (one.share is None, one.share or 0.0))
        counted = await self.tallies.counted_at(town, period.last)
        return Keeping(worst_first, point_of(period.last, sums[Kind.LOAD]), points, weekly, counted)

    async def broken(
        self, actor: Actor, period: Period, clause: Clause, page: int = 0
    ) -> tuple[Kept, Sequence[tuple[date, Breach, Message | None]], bool]:
        """The rows that broke a clause, and whether there are more.

        Raises:
            Forbidden: not for this role.
        """
        town = await self._look(actor, f"clause {clause}")
        actor.require(Deed.LIST, Thing.MESSAGE)
        found = await self.tallies.breaches(town, period, clause, _PAGE + 1, page * _PAGE)
        here = {one.id: one for one in await self.conversations.messages_of([one.subject for _, one in found[:_PAGE]])}
        rows = [(day, one, here.get(one.subject)) for day, one in found[:_PAGE]]
        sums = added(await self.tallies.sums(town, period, _CLAUSES))
        return kept_of(sums, clause), rows, len(found) > _PAGE

    async def subjects(self, actor: Actor, period: Period) -> Subjects:
        """What people call about, where from, when.

        Raises:
            Forbidden: not for this role.
        """
        town = await self._look(actor, "subjects")
        sums = added(await self.tallies.sums(town, period, _SUBJECTS))
        heat: dict[str, dict[date, int]] = {}
        for monday, key, count in await self.tallies.series(town, period, Kind.TOPIC, weekly=True):
            heat.setdefault(key, {})[monday] = int(count)
        weekly = len(list(period)) > _WEEKLY_FROM
        days: dict[date, int] = {}
        for day, _, count in await self.tallies.series(town, period, Kind.MODE, weekly=weekly):
            days[day] = days.get(day, 0) + int(count)
        load = sums[Kind.LOAD]
        talk = share(int(load.get("talk_seconds", 0)), int(load.get("talks", 0))) or _USUAL_TALK_SECONDS
        topics = _rows(sums[Kind.TOPIC])
        return Subjects(
            topics, _rows(sums[Kind.PLACE])[:_MOST_SHOWN], _rows(sums[Kind.MODE]),
            sorted({monday for counts in heat.values() for monday in counts}),
            {row.key: heat.get(row.key, {}) for row in topics}, sorted(days.items()), weekly,
            self._needs(sums[Kind.HOUR], load.get("open", 0), talk), talk,
        )  # fmt: skip

    def _needs(self, hours: Mapping[str, float], days: float, talk_seconds: float) -> Sequence[HourNeed]:
        if not days:
            return []
        return needs(
            {int(hour): count / days for hour, count in hours.items()}, talk_seconds,
            within_seconds=self.rules.answer_seconds, wanted=self.rules.availability_above,
            least=self.rules.operators_at_least,
        )  # fmt: skip

    async def hearing(self, actor: Actor, period: Period) -> Hearing:
        """How well the assistant hears, as far as people have put right what it understood.

        Raises:
            Forbidden: not for this role.
        """
        town = await self._look(actor, "hearing")
        sums = added(await self.tallies.sums(town, period, _HEARING))
        slots = [
            Slot(field, *(int(sums[kind].get(field, 0)) for kind in (Kind.RIGHT, Kind.SLOT, Kind.WORDS, Kind.ERRORS)))
            for field in CORRECTABLE
        ]
        months: dict[date, dict[Kind, dict[str, float]]] = {}
        for kind in (Kind.RIGHT, Kind.SLOT):
            for day, field, count in await self.tallies.series(town, period, kind):
                counts = months.setdefault(day.replace(day=1), {}).setdefault(kind, {})
                counts[field] = counts.get(field, 0) + count
        by_month = [
            (month, {field: share(int(counts.get(Kind.RIGHT, {}).get(field, 0)), int(counts[Kind.SLOT].get(field, 0)))
                     for field in CORRECTABLE})
            for month, counts in sorted(months.items()) if Kind.SLOT in counts
        ]  # fmt: skip
        return Hearing(slots, by_month, _pairs(sums[Kind.MISHEARD]), _pairs(sums[Kind.RETOPIC]))

    async def _look(self, actor: Actor, what: str) -> str:
        actor.require(Deed.VIEW, Thing.REPORT)
        await self.log.note_once(actor, Deed.VIEW, Thing.REPORT, what)
        return actor.account.municipality


def kept_of(sums: Mapping[str, Mapping[str, float]], clause: Clause) -> Kept:
    """How a clause was kept, by the sums of its counts."""
    return Kept(clause, int(sums[Kind.KEPT].get(clause, 0)), int(sums[Kind.OF].get(clause, 0)))


def lately(today: date, days: int = 30) -> Period:
    """So many days up to today."""
    return Period(today - timedelta(days=days - 1), today)


def _rows(counts: Mapping[str, float]) -> list[Row]:
    """The most frequent first, what has no value last."""
    return sorted(
        (Row(key, int(count)) for key, count in counts.items()), key=lambda row: (row.key == NOBODY, -row.count)
    )


def _pairs(counts: Mapping[str, float]) -> Sequence[tuple[str, str, int]]:
    often = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:_MOST_SHOWN]
    return [(*_split(key), int(count)) for key, count in often]


def _split(key: str) -> tuple[str, str]:
    before, _, after = key.partition(">")
    return before, after


def point_of(day: date, counts: Mapping[str, float]) -> Point:
    """The columns of appendix 1 as figures."""
    received, lost = int(counts.get("received", 0)), int(counts.get("lost", 0))
    return Point(
        day, received, share(lost, received), share(received - lost, received),
        share(int(counts.get("reached", 0)), int(counts.get("outgoing", 0))),
        _mean(counts, "ring_seconds", "rings"), _mean(counts, "talk_seconds", "talks"),
    )  # fmt: skip


def _mean(counts: Mapping[str, float], total: str, number: str) -> float | None:
    return counts.get(total, 0.0) / counts[number] if counts.get(number) else None
