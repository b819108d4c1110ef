"""What the reports hold: a day's load, the rows of appendices 1 to 3, the month (clauses 6.2, 16-19)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from ivr.domain.load import LoadHour, share

_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)
_SATURDAY = 5
_COUNTS = ("received", "lost", "outgoing", "reached")


class Form(StrEnum):
    """Which paper."""

    LOAD = "load"  # appendix 1
    MESSAGES = "messages"  # appendix 2
    WEEK = "week"  # appendix 3, to the ministry
    MONTH = "month"  # to the head


@dataclass(frozen=True, slots=True)
class Heading:
    """Whose paper it is and when it was made.

    Attributes:
        municipality: its full name. title: dates, and the edition when there was one before.
    """

    municipality: str
    title: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of local time, both ends included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"the period ends ({self.last}) before it begins ({self.first})")

    @classmethod
    def parse(cls, text: str) -> Self:
        """A period as people write it: 2026, 2026-11, 2026-W47, 2026-11-23 or 2026-11-01..2026-11-30.

        Raises:
            ValueError: it is none of these.
        """
        if ".." in text:
            first, _, last = text.partition("..")
            return cls(date.fromisoformat(first.strip()), date.fromisoformat(last.strip()))
        if re.fullmatch(r"\d{4}", text):
            return cls(date(int(text), 1, 1), date(int(text), 12, 31))
        if re.fullmatch(r"\d{4}-\d{2}", text):
            return cls.month_of(date.fromisoformat(f"{text}-01"))
        if re.fullmatch(r"\d{4}-W\d{2}", text):
            return cls.week_of(date.fromisoformat(f"{text}-1"))
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return cls(date.fromisoformat(text), date.fromisoformat(text))
        raise ValueError(f"{text!r} is not like 2026, 2026-11, 2026-W47 or 2026-11-01..2026-11-30")

    @classmethod
    def week_of(cls, day: date) -> Self:
        """Monday to Sunday around a day (interpretation 14)."""
        monday = day - day.weekday() * _DAY
        return cls(monday, monday + 6 * _DAY)

    @classmethod
    def month_of(cls, day: date) -> Self:
        """The calendar month of a day."""
        first = day.replace(day=1)
        return cls(first, (first + 31 * _DAY).replace(day=1) - _DAY)

    @property
    def before(self) -> Period:
        """The month before when this is a month, else as many days before."""
        if self == Period.month_of(self.first):
            return Period.month_of(self.first - _DAY)
        return Period(self.first - (self.last - self.first) - _DAY, self.first - _DAY)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __iter__(self) -> Iterator[date]:
        day = self.first
        while day <= self.last:
            yield day
            day += _DAY

    def mondays(self) -> Iterator[date]:
        """First days of the weeks the period touches."""
        monday = Period.week_of(self.first).first
        while monday <= self.last:
            yield monday
            monday += _WEEK

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """First moment of the period and first moment after it, UTC."""
        begins = datetime.combine(self.first, time(), zone)
        ends = datetime.combine(self.last + _DAY, time(), zone)
        return begins.astimezone(UTC), ends.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class LoadDay:
    """The load of one day as the exchange counted it (appendix 1, columns in brackets).

    Attributes:
        received: calls that came in working hours (C); None on a closed day.
        lost: of them not answered by a person, the machine's among them (D, interpretation 9).
        outgoing: calls made (H). reached: of them a conversation took place (I).
        by_machine: of the lost, answered by the machine (shown beside the form).
        after_hours: calls outside working hours; no part of appendix 1.
        ring_seconds: mean time until a person answered (clause 11), None when nobody did.
        note: code of the reason why the day is blank or unusual, for example "public_holiday".
        rings, talks: seconds until each operator answered, and of each conversation (clause 11).
        machine_rings: seconds until the machine answered each call.
        refused: calls of robots, or above capacity (the exchange rings the next engine, so they may be received there);
            no part of appendix 1.
        hours: the same by hour.
    """

    day: date
    received: int | None = None
    lost: int | None = None
    outgoing: int | None = None
    reached: int | None = None
    by_machine: int = 0
    after_hours: int = 0
    ring_seconds: float | None = None
    note: str = ""
    rings: tuple[float, ...] = ()
    talks: tuple[float, ...] = ()
    machine_rings: tuple[float, ...] = ()
    refused: int = 0
    hours: tuple[LoadHour, ...] = ()

    @property
    def lost_share(self) -> float | None:
        """E = D/C; None when no calls came."""
        return share(self.lost, self.received)

    @property
    def accepted(self) -> int | None:
        """F = C-D."""
        return None if self.received is None else self.received - (self.lost or 0)

    @property
    def availability(self) -> float | None:
        """G = F/C; None when no calls came."""
        return share(self.accepted, self.received)

    @property
    def productivity(self) -> float | None:
        """J = I/H; None when no calls were made."""
        return share(self.reached, self.outgoing)

    @classmethod
    def total(cls, day: date, days: tuple[LoadDay, ...]) -> LoadDay:
        """The days added up; the ring time is weighed by answered calls."""
        open_days = [one for one in days if one.received is not None]
        rung = [(one.ring_seconds, one.accepted or 0) for one in open_days if one.ring_seconds is not None]
        answered = sum(count for _, count in rung)
        return cls(
            day,
            received=sum(one.received or 0 for one in open_days),
            lost=sum(one.lost or 0 for one in open_days),
            outgoing=sum(one.outgoing or 0 for one in days),
            reached=sum(one.reached or 0 for one in days),
            by_machine=sum(one.by_machine for one in days),
            after_hours=sum(one.after_hours for one in days),
            ring_seconds=sum(seconds * count for seconds, count in rung) / answered if answered else None,
            rings=tuple(seconds for one in days for seconds in one.rings),
            talks=tuple(seconds for one in days for seconds in one.talks),
            machine_rings=tuple(seconds for one in days for seconds in one.machine_rings),
            refused=sum(one.refused for one in days),
            hours=_by_hour(days),
        )


def _by_hour(days: tuple[LoadDay, ...]) -> tuple[LoadHour, ...]:
    hours: dict[int, list[LoadHour]] = {}
    for one in days:
        for hour in one.hours:
            hours.setdefault(hour.hour, []).append(hour)
    return tuple(
        LoadHour(hour, *(sum(getattr(one, count) for one in same) for count in _COUNTS))
        for hour, same in sorted(hours.items())
    )


@dataclass(frozen=True, slots=True)
class LoadWeek:
    """One form of appendix 1: Monday to Friday, and a Saturday or Sunday that was worked (interpretation 10).

    Attributes:
        after_hours: days on which calls came outside working hours, weekends among them.
    """

    monday: date
    days: tuple[LoadDay, ...]
    after_hours: tuple[LoadDay, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One row of appendix 2: the thirteen columns in their order, as words for people.

    Attributes:
        received_at: local time without a zone, whole seconds.
    """

    received_at: datetime
    topic: str = ""
    name: str = ""
    phone: str = ""
    address: str = ""
    gist: str = ""
    repeated: str = ""
    outcome: str = ""
    operator: str = ""
    executor: str = ""
    result: str = ""
    comment: str = ""
    status: str = ""


MESSAGE_COLUMNS = tuple(column.name for column in fields(MessageRow))


@dataclass(frozen=True, slots=True)
class WeekRow:
    """One row of appendix 3: four columns, nothing personal of the caller."""

    received_at: datetime
    topic: str
    gist: str
    operator: str


@dataclass(frozen=True, slots=True)
class Promise:
    """How a callback stands against clause 13.

    Attributes:
        first_attempt_at: None: nobody has tried yet.
        is_open: it still waits for somebody.
    """

    due_at: datetime
    first_attempt_at: datetime | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Punctuality:
    """Promises of a period: kept by the hour, kept late, overdue and untried, waiting, closed without a call."""

    in_time: int = 0
    late: int = 0
    overdue: int = 0
    waiting: int = 0
    needless: int = 0

    @property
    def share(self) -> float | None:
        """Kept in time, of those whose hour has come."""
        return share(self.in_time, self.in_time + self.late + self.overdue)


def is_weekend(day: date) -> bool:
    """Saturday or Sunday."""
    return day.weekday() >= _SATURDAY
