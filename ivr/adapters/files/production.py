"""The Russian production calendar: public holidays, days off moved, Saturdays worked, short days (Labour Code 95, 112).

The library `holidays` is asked for any year; `config/production.toml` holds the years of the Government's decrees and
overrules it. What neither knows for certain (a future year without a decree) is told by `known_until`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import holidays

from ivr.adapters.files.tables import place_of, read_table
from ivr.domain.calendar import DayRule, Hours
from ivr.errors import SettingsError

_MOVED = re.compile(r"substituted from (\d\d)/(\d\d)/(\d{4})")
_DAY = timedelta(days=1)
_FRIDAY = 5


@dataclass(frozen=True, slots=True)
class ProductionYear:
    """One year's days that differ from the week.

    Attributes:
        holidays: public holidays by law.
        off: weekdays off because a holiday fell on a weekend, or by decree.
        worked: weekend days worked, with the weekday each stands for.
        short: days an hour shorter.
    """

    holidays: frozenset[date]
    off: frozenset[date]
    worked: Mapping[date, int]
    short: frozenset[date]


def production_days(years: range, week: Mapping[int, Hours], shorter: timedelta, table: Path) -> dict[date, DayRule]:
    """Rules of all days of these years that differ from the week; the table of decrees overrules the library.

    Raises:
        SettingsError: the table cannot be read.
    """
    decreed = _decreed(table)
    rules: dict[date, DayRule] = {}
    for year in years:
        rules |= _rules(decreed.get(year) or _by_library(year), week, shorter)
    return rules


def disagreements(table: Path) -> list[str]:
    """Days on which the library and the table of decrees differ: "2026-05-08: short"."""
    found = []
    for year, decreed in _decreed(table).items():
        library = _by_library(year)
        for what in ("off", "worked", "short"):
            differ = set(getattr(decreed, what)) ^ set(getattr(library, what))
            found += [f"{day}: {what}" for day in sorted(differ)]
    return found


def known_until(table: Path) -> date:
    """The last day that a decree speaks of: beyond it days off may still be moved."""
    return date(max(_decreed(table), default=date.min.year), 12, 31)


def _by_library(year: int) -> ProductionYear:
    known = holidays.country_holidays("RU", years=[year, year + 1], language="en_US")
    real = {day for day, names in known.items() if any("(" not in name for name in names.split("; "))}
    here = {day for day in known if day.year == year}
    moved = {day: _moved_from(known[day]) for day in here - real}
    worked = {source: day.isoweekday() for day, source in moved.items() if source in known.weekend_workdays}
    stood_for = {source: day for day, source in moved.items() if source in worked}
    short = {day - _DAY for day in real if (day - _DAY).year == year and day - _DAY not in known}
    short = {day for day in short if day.isoweekday() <= _FRIDAY}  # a Saturday off is no working day to shorten
    short |= {source for source, day in stood_for.items() if day + _DAY in real}
    return ProductionYear(frozenset(here & real), frozenset(moved), worked, frozenset(short))


def _moved_from(names: str) -> date | None:
    found = _MOVED.search(names)
    return date(int(found[3]), int(found[1]), int(found[2])) if found else None


def _decreed(table: Path) -> dict[int, ProductionYear]:
    if not table.exists():
        return {}
    years, mistakes = {}, []
    for name, days in read_table(table).items():
        try:
            library = _by_library(int(name))
            worked = {day: library.worked.get(day, day.isoweekday()) for day in _days(days, "worked")}
            off, short = frozenset(_days(days, "off")), frozenset(_days(days, "short"))
            mistakes += [f"{place_of(table, name)}: [{name}]: {fault}" for fault in _contradictions(days)]
        except (ValueError, TypeError, AttributeError) as fault:
            mistakes.append(f"{table}: [{name}]: {fault}")
            continue
        mistakes += [f"{table}: [{name}]: {day} is of another year" for day in (*worked, *off) if day.year != int(name)]
        years[int(name)] = ProductionYear(library.holidays, off, worked, short)
    if mistakes:
        raise SettingsError(mistakes)
    return years


def _contradictions(days: Mapping[str, object]) -> Iterator[str]:
    """A day named twice, or said to be two things at once."""
    worked, off, short = (Counter(_days(days, what)) for what in ("worked", "off", "short"))
    for what, listed in (("worked", worked), ("off", off), ("short", short)):
        yield from (f"{day} stands twice in {what}" for day, count in listed.items() if count > 1)
    yield from (f"{day} is worked anyway: it is no weekend" for day in worked if day.isoweekday() <= _FRIDAY)
    yield from (f"{day} is worked and off at once" for day in worked if day in off)
    yield from (f"{day} is off and short at once" for day in short if day in off)


def _days(table: Mapping[str, object], what: str) -> Iterator[date]:
    listed = table.get(what, [])
    if not isinstance(listed, list):
        raise TypeError(f"{what} must be a list of dates")
    for day in listed:
        if not isinstance(day, date) or isinstance(day, datetime):
            raise TypeError(f"{what}: {day!r} is not a date like 2026-12-31")
        yield day


def _rules(year: ProductionYear, week: Mapping[int, Hours], shorter: timedelta) -> dict[date, DayRule]:
    rules = {day: DayRule(None, "public_holiday") for day in year.holidays}
    rules |= {day: DayRule(None, "day_off_moved") for day in year.off}
    for day, stands_for in year.worked.items():
        hours = week.get(stands_for) or next(iter(week.values()))
        rules[day] = DayRule(hours, "transferred_working_day")
    for day in year.short:
        usual = rules[day].hours if day in rules else week.get(day.isoweekday())
        if usual and (closes := (datetime.combine(day, usual.closes) - shorter).time()) > usual.opens:
            reason = rules[day].reason if day in rules else "short_day"
            rules[day] = DayRule(Hours(usual.opens, closes), reason)
    return rules
