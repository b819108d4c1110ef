"""The working calendar: when the line is staffed, and by when a promise is due (clauses 8, 12, 13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ivr.domain.regulation import Regulation

_FAR = 60  # days looked ahead for a working day; the longest Russian holidays last 12


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours of one day, local time, [opens, closes)."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError("the day closes before it opens")


@dataclass(frozen=True, slots=True)
class DayRule:
    """What makes one date differ from its weekday.

    Attributes:
        hours: None = closed.
        reason: code of the reason: "public_holiday", "day_off_moved", "transferred_working_day", "short_day", "local"
            (the settings), "order" (a person's).
        note: who ordered it and why.
    """

    hours: Hours | None
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A person's order about one day.

    Attributes:
        hours: "closed", or hours like "09:00-15:00".
        who, why: as they are shown.
        at: when it was given.
    """

    hours: str
    who: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment with its reasoning: codes "reason:YYYY-MM-DD" in the order the days were looked at."""

    at: datetime
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Weekly hours, corrected day by day.

    Attributes:
        week: hours by ISO weekday (1 = Monday); a missing weekday is closed.
        days: dates that differ (holidays, transferred days, short days, local and manual ones).
        zone: the municipality's time zone.
    """

    week: Mapping[int, Hours]
    days: Mapping[date, DayRule] = field(default_factory=dict)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Moscow"))

    def hours(self, day: date) -> Hours | None:
        """Opening hours of a date, None = closed."""
        rule = self.days.get(day)
        return rule.hours if rule else self.week.get(day.isoweekday())

    def is_open(self, moment: datetime) -> bool:
        """Somebody is on duty at this moment."""
        local = moment.astimezone(self.zone)
        hours = self.hours(local.date())
        return hours is not None and hours.opens <= local.time() < hours.closes

    def hours_of(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The opening hours of a date one by one, UTC; the last may be shorter."""
        hours = self.hours(day)
        if hours is None:
            return
        begins, closes = (datetime.combine(day, at, self.zone).astimezone(UTC) for at in (hours.opens, hours.closes))
        while begins < closes:
            ends = min(begins + timedelta(hours=1), closes)
            yield begins, ends
            begins = ends

    def next_working_day(self, after: date) -> date:
        """The first working day later than `after`.

        Raises:
            ValueError: the calendar has no working day for two months.
        """
        for ahead in range(1, _FAR):
            day = after + timedelta(days=ahead)
            if self.hours(day):
                return day
        raise ValueError(f"no working day within {_FAR} days after {after}")

    def callback_deadline(self, called_at: datetime, rules: Regulation) -> Deadline:
        """By when the first attempt to call back is due: 12:00 of the next working day (clause 13).

        A call before opening on a working day is due the same day, unless `formal_clause_13` (interpretation 2) or that
        day opens too late for it.
        """
        local = called_at.astimezone(self.zone)
        today = self.hours(local.date())
        in_time = today is not None and local.time() < today.opens < rules.callback_by
        early = in_time and not rules.formal_clause_13
        day = local.date() if early else self.next_working_day(local.date())
        because = [f"before_opening:{day}"] if early else self._skipped(local.date(), day)
        due = datetime.combine(day, rules.callback_by, self.zone).astimezone(UTC)
        return Deadline(due, (*because, f"due:{day}"))

    def _skipped(self, first: date, last: date) -> list[str]:
        """Why each day between was passed over, and why the last one works."""
        reasons = []
        for ahead in range(1, (last - first).days + 1):
            day = first + timedelta(days=ahead)
            rule = self.days.get(day)
            if rule or day != last:
                reasons.append(f"{rule.reason if rule else 'weekend'}:{day}")
        return reasons
