"""The working calendar: weekly hours of `config/calendar.toml`, public holidays and transfers, local days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from ivr.adapters.files.settings import project_root
from ivr.adapters.files.tables import read_table
from ivr.domain.calendar import DayRule, Hours, WorkingCalendar
from ivr.errors import SettingsError

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FRIDAY = 5


def read_calendar(years: range, path: Path | None = None) -> WorkingCalendar:
    """The calendar of these years.

    Raises:
        SettingsError: every mistake of the file.
    """
    file = path or project_root() / "config" / "calendar.toml"
    data = read_table(file)
    mistakes: list[str] = []
    week: dict[int, Hours] = {}
    for name, text in data.get("week", {}).items():
        if name not in _WEEKDAYS:
            mistakes.append(f"{file}: week.{name}: no such day")
        elif hours := _hours(text, f"{file}: week.{name}", mistakes):
            week[_WEEKDAYS.index(name) + 1] = hours
    local: dict[date, DayRule] = {}
    for name, text in data.get("days", {}).items():
        day = _day(name, f"{file}: days.{name}", mistakes)
        if day:
            local[day] = DayRule(None if text == "closed" else _hours(text, f"{file}: days.{name}", mistakes), "local")
    try:
        zone = ZoneInfo(data.get("time_zone", "Europe/Moscow"))
    except (ZoneInfoNotFoundError, ValueError):
        mistakes.append(f"{file}: time_zone: unknown {data['time_zone']!r}")
    if not week:
        mistakes.append(f"{file}: week: at least one working day is needed")
    if mistakes:
        raise SettingsError(mistakes)
    public = _public_days(years, week, timedelta(minutes=int(data.get("short_day_minutes", 60))))
    return WorkingCalendar(week, {**public, **local}, zone)


def _hours(text: Any, where: str, mistakes: list[str]) -> Hours | None:
    try:
        opens, closes = str(text).split("-")
        return Hours(time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip()))
    except ValueError as fault:
        mistakes.append(f"{where}: {text!r} is not like 09:00-18:00 ({fault})")
        return None


def _day(name: str, where: str, mistakes: list[str]) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        mistakes.append(f"{where}: not a date like 2026-12-31")
        return None


def _public_days(years: range, week: Mapping[int, Hours], shorter: timedelta) -> dict[date, DayRule]:
    """Public holidays, days off moved to other dates, Saturdays worked instead, and short days before holidays."""
    known = holidays.country_holidays("RU", years=[*years, years.stop])
    weekday = week.get(1) or next(iter(week.values()))
    rules = {day: DayRule(None, "public_holiday") for day in known}
    for swapped in getattr(known, "weekend_workdays", ()):
        rules[swapped] = DayRule(week.get(_FRIDAY, weekday), "transferred_working_day")
    named = [day for day, names in known.items() if "(" not in names or day in rules]
    for day in named:
        eve = day - timedelta(days=1)
        rule = rules.get(eve)
        hours = rule.hours if rule else week.get(eve.isoweekday())
        if hours and eve.year in years:
            closes = (datetime.combine(eve, hours.closes) - shorter).time()
            if closes > hours.opens:
                rules[eve] = DayRule(Hours(hours.opens, closes), "short_day")
    return rules
