"""Dates and times as people type them into a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_FIRST_SERIAL_DAY = datetime(1899, 12, 30)  # day 0 of Excel's numbers
_SERIAL_DAYS = (20_000, 80_000)
_CENTURY = 2000
_SHORT_YEAR = 100
_NUMBERS = re.compile(r"(?<!\d)(?P<day>\d{1,2})\s?[./-]\s?(?P<month>\d{1,2})\s?[./-]\s?(?P<year>\d{4}|\d{2})(?!\d)")
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})")
_NAMED = re.compile(r"(?<!\d)(?P<day>\d{1,2})\s+(?P<name>[^\W\d_]{3,})\.?\s+(?P<year>\d{4})")
_TIME = re.compile(
    r"(?<!\d)(?P<hour>[01]?\d|2[0-3])\s?(?:[:.\-]|[^\W\d_]\.?)\s?(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?!\d)"
)


class NotADate(ValueError):
    """No date can be made of what was typed."""


@dataclass(frozen=True, slots=True)
class WrittenMoment:
    """What was typed: a day, a time, or both. The time is None when none was given."""

    day: date | None
    time: time | None = None

    def moment(self, zone: ZoneInfo) -> datetime:
        """The moment in UTC; midnight when no time was given. Needs a day."""
        return datetime.combine(self.day or date.min, self.time or time(), zone).astimezone(UTC)


def read_moment(given: object, given_time: object, months: Sequence[str]) -> WrittenMoment:
    """The day and time of two cells, the second for a column with the time alone.

    Args:
        months: beginnings of the months' names, January first.

    Raises:
        NotADate: something was typed that is neither a date nor a time.
    """
    written = _read(given, months)
    if given_time is not None and written.time in (None, time()):
        later = _read(given_time, months)
        return WrittenMoment(written.day or later.day, later.time)
    return written


def _read(given: object, months: Sequence[str]) -> WrittenMoment:
    if isinstance(given, datetime):
        return _of_datetime(given)
    if isinstance(given, date):
        return WrittenMoment(given)
    if isinstance(given, time):
        return WrittenMoment(None, given.replace(microsecond=0, tzinfo=None))
    if isinstance(given, timedelta):
        return _of_datetime(_FIRST_SERIAL_DAY + given)
    if isinstance(given, int | float) and not isinstance(given, bool):
        return _of_number(float(given))
    return _of_text(str(given or "").strip(), months)


def _of_datetime(moment: datetime) -> WrittenMoment:
    rounded = (moment + timedelta(milliseconds=500)).replace(microsecond=0, tzinfo=None)
    day = rounded.date() if rounded >= _FIRST_SERIAL_DAY + timedelta(days=2) else None
    return WrittenMoment(day, rounded.time())


def _of_number(days: float) -> WrittenMoment:
    if 0 <= days < 1 or _SERIAL_DAYS[0] <= days <= _SERIAL_DAYS[1]:
        return _of_datetime(_FIRST_SERIAL_DAY + timedelta(days=days))
    raise NotADate(str(days))


def _of_text(text: str, months: Sequence[str]) -> WrittenMoment:
    if not text:
        return WrittenMoment(None)
    day, rest = _day(text, months)
    found = _TIME.search(rest)
    clock = time(int(found["hour"]), int(found["minute"]), int(found["second"] or 0)) if found else None
    if day is None and clock is None:
        raise NotADate(text)
    return WrittenMoment(day, clock)


def _day(text: str, months: Sequence[str]) -> tuple[date | None, str]:
    """The day, and the text after it."""
    for pattern in (_ISO, _NUMBERS, _NAMED):
        found = pattern.search(text)
        if not found:
            continue
        parts = found.groupdict()
        month = parts["month"] if "month" in parts else _month(parts["name"], months)
        year = int(parts["year"])
        try:
            day = date(year + _CENTURY if year < _SHORT_YEAR else year, int(month), int(parts["day"]))
        except ValueError as fault:
            raise NotADate(text) from fault
        return day, text[found.end() :]
    return None, text


def _month(name: str, months: Sequence[str]) -> int:
    for number, beginning in enumerate(months, 1):
        if name.lower().startswith(beginning):
            return number
    raise NotADate(name)
