"""The working calendar: the week and local days of `config/calendar.toml`, the production calendar, people's orders.

The later overrules the earlier: the week, the production calendar, local days, orders ("closed today").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ivr.adapters.files.production import production_days
from ivr.adapters.files.settings import project_root
from ivr.adapters.files.tables import place_of, quoted, read_table
from ivr.adapters.files.versions import write_safely
from ivr.domain.calendar import DayRule, Hours, Order, WorkingCalendar
from ivr.errors import SettingsError

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CLOSED = "closed"
_LONGEST_SPAN = timedelta(days=366)
_MINUTES_A_DAY = 24 * 60


def production_table() -> Path:
    """The table of the Government's decrees."""
    return project_root() / "config" / "production.toml"


def read_calendar(
    years: range, path: Path | None = None, orders: Path | None = None, hours: Path | None = None
) -> WorkingCalendar:
    """The calendar of these years.

    Args:
        hours: a file whose tables `week` and `days` are laid over those of the calendar.

    Raises:
        SettingsError: every mistake of the files, with its line.
    """
    file = path or project_root() / "config" / "calendar.toml"
    data = read_table(file)
    mistakes = [f"{place_of(file, name)}: unknown {name}" for name in data if name not in _KNOWN]
    week = _week(*_week_table(file, data, hours), mistakes)
    local = _local_days(file, data.get("days", {}), mistakes)
    if hours and hours.exists():
        local |= _local_days(hours, read_table(hours).get("days", {}), mistakes)
    zone = _zone(data, file, mistakes)
    shorter = _shorter(data, file, mistakes)
    ordered = _ordered(orders, mistakes) if orders else {}
    if mistakes or zone is None:
        raise SettingsError(mistakes)
    public = production_days(years, week, shorter, production_table())
    return WorkingCalendar(week, {**public, **local, **ordered}, zone)


def _ordered(file: Path, mistakes: list[str]) -> dict[date, DayRule]:
    rules: dict[date, DayRule] = {}
    try:
        given = read_orders(file)
    except SettingsError as fault:
        mistakes.extend(fault.mistakes)
        return rules
    for day, order in given.items():
        hours = _hours(order.hours, place_of(file, str(day), "hours"), mistakes)
        rules[day] = DayRule(hours, "order", f"{order.who}: {order.why}")
    return rules


def week_of(hours: Path | None = None, path: Path | None = None) -> Mapping[str, str]:
    """Hours by weekday as they are written ("09:00-18:00", "closed"), Monday first; arguments as `read_calendar`'s."""
    file = path or project_root() / "config" / "calendar.toml"
    _, table = _week_table(file, read_table(file), hours)
    return {day: str(table.get(day, CLOSED)) for day in WEEKDAYS}


def _week_table(file: Path, data: Mapping[str, Any], hours: Path | None) -> tuple[Path, Mapping[str, Any]]:
    over = read_table(hours).get("week") if hours and hours.exists() else None
    return (hours, over) if hours and over else (file, data.get("week", {}))


def _week(file: Path, table: Any, mistakes: list[str]) -> dict[int, Hours]:
    week: dict[int, Hours] = {}
    if not isinstance(table, Mapping):
        mistakes.append(f"{place_of(file, 'week')}: week: hours by weekday are needed")
        return week
    for name, text in table.items():
        where = place_of(file, "week", name)
        if name not in WEEKDAYS:
            mistakes.append(f"{where}: week.{name}: no such day; the days are {', '.join(WEEKDAYS)}")
        elif hours := _hours(text, where, mistakes):
            week[WEEKDAYS.index(name) + 1] = hours
    if not week:
        mistakes.append(f"{file}: week: at least one working day is needed")
    return week


def _local_days(file: Path, table: Any, mistakes: list[str]) -> dict[date, DayRule]:
    """Single days and spans of days ("2026-12-28..2026-12-30"); a day is named once."""
    rules: dict[date, DayRule] = {}
    named: dict[date, str] = {}
    if not isinstance(table, Mapping):
        mistakes.append(f"{place_of(file, 'days')}: days: hours by day are needed")
        return rules
    for name, text in table.items():
        where = place_of(file, "days", name)
        hours = _hours(text, where, mistakes)
        for day in _span(name, where, mistakes):
            if day in named:
                mistakes.append(f"{where}: {name}: {day} is named already in {named[day]}")
            rules[day], named[day] = DayRule(hours, "local"), f"{name} ({where.rpartition('/')[2]})"
    return rules


def _span(name: str, where: str, mistakes: list[str]) -> Sequence[date]:
    first, dots, last = name.partition("..")
    begins = _day(first.strip(), where, mistakes)
    ends = _day(last.strip(), where, mistakes) if dots else begins
    if begins is None or ends is None:
        return ()
    if not begins <= ends <= begins + _LONGEST_SPAN:
        mistakes.append(f"{where}: {name}: ends before it begins, or more than a year later")
        return ()
    return [begins + timedelta(days=ahead) for ahead in range((ends - begins).days + 1)]


def read_orders(path: Path) -> Mapping[date, Order]:
    """Orders by day.

    Raises:
        SettingsError: the file was spoilt by hand.
    """
    if not path.exists():
        return {}
    try:
        return {date.fromisoformat(day): Order(**order) for day, order in read_table(path).items()}
    except (ValueError, TypeError) as fault:
        raise SettingsError(f"{path}: {fault}") from fault


def keep_order(path: Path, day: date, order: Order | None) -> None:
    """Give an order about a day; None takes it back.

    Raises:
        SettingsError: the hours are not hours.
    """
    mistakes: list[str] = []
    if order:
        _hours(order.hours, str(day), mistakes)
    if mistakes:
        raise SettingsError(mistakes)
    orders = {known: kept for known, kept in read_orders(path).items() if known != day}
    orders |= {day: order} if order else {}
    write_safely(path, "".join(_order_table(day, orders[day]) for day in sorted(orders)).encode())


_KNOWN = ("time_zone", "short_day_minutes", "week", "days")


def _order_table(day: date, order: Order) -> str:
    facts = asdict(order) | {"at": order.at.isoformat()}
    lines = [f"{name} = {quoted(value) if name != 'at' else value}" for name, value in facts.items()]
    return "\n".join((f"[{day}]", *lines, "", ""))


def _hours(text: Any, where: str, mistakes: list[str]) -> Hours | None:
    """Hours as they are written; several spans of a day must join without a gap (clause 8: no break for lunch)."""
    if text == CLOSED:
        return None
    try:
        spans = sorted(map(_one_span, text if isinstance(text, list) else str(text).split(",")), key=_opening)
    except ValueError as fault:
        mistakes.append(f'{where}: {text!r} is neither hours like "09:00-18:00" nor "{CLOSED}" ({fault})')
        return None
    for one, next_one in pairwise(spans):
        if next_one.opens < one.closes:
            mistakes.append(f"{where}: {text!r}: the hours overlap from {next_one.opens:%H:%M}")
        elif next_one.opens > one.closes:
            mistakes.append(f"{where}: {text!r}: clause 8 knows no break, here one begins at {one.closes:%H:%M}")
    return Hours(spans[0].opens, max(span.closes for span in spans))


def _one_span(text: Any) -> Hours:
    opens, closes = str(text).split("-")
    return Hours(time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip()))


def _opening(hours: Hours) -> time:
    return hours.opens


def _day(name: str, where: str, mistakes: list[str]) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        mistakes.append(f"{where}: {name}: not a date like 2026-12-31, nor a span like 2026-12-28..2026-12-30")
        return None


def _zone(data: Mapping[str, Any], file: Path, mistakes: list[str]) -> ZoneInfo | None:
    name = data.get("time_zone", "Europe/Moscow")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError):
        mistakes.append(f"{place_of(file, 'time_zone')}: time_zone: unknown {name!r}")
        return None


def _shorter(data: Mapping[str, Any], file: Path, mistakes: list[str]) -> timedelta:
    minutes = data.get("short_day_minutes", 60)
    if isinstance(minutes, int) and 0 <= minutes < _MINUTES_A_DAY:
        return timedelta(minutes=minutes)
    mistakes.append(f"{place_of(file, 'short_day_minutes')}: short_day_minutes: no number of minutes: {minutes!r}")
    return timedelta()


class FileOrderBook:
    """Orders in a file of the data folder (fulfils `ports.house.OrderBook`)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def orders(self) -> Mapping[date, Order]:
        """By day."""
        return read_orders(self._path)

    def keep(self, day: date, order: Order | None) -> None:
        """Write the file anew."""
        keep_order(self._path, day, order)
