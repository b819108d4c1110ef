"""What the files say, all mistakes gathered in one report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from ivr.adapters.files.calendar import production_table, read_calendar
from ivr.adapters.files.settings import OVERLAY, Settings, project_root
from ivr.domain.calendar import WorkingCalendar
from ivr.errors import SettingsError

T = TypeVar("T")


def orders_file(settings: Settings) -> Path:
    """Where people's orders about single days are kept ("closed today")."""
    return settings.data / "orders.toml"


def calendar_of(settings: Settings) -> WorkingCalendar:
    """The working calendar around the present year, people's orders in it."""
    year = datetime.now(UTC).year
    return calendar_for(settings, range(year - 1, year + 3))


def calendar_for(settings: Settings, years: range) -> WorkingCalendar:
    """The working calendar of these years, people's orders and hours in it."""
    return read_calendar(years, orders=orders_file(settings), hours=overlay_file(settings))


def overlay_file(settings: Settings) -> Path:
    """What people have changed in the console."""
    return settings.data / OVERLAY


def calendar_stamp(settings: Settings) -> tuple[float, ...]:
    """When the calendar's files were last changed."""
    ours = (orders_file(settings), overlay_file(settings))
    files = (project_root() / "config" / "calendar.toml", production_table(), *ours)
    return tuple(file.stat().st_mtime if file.exists() else 0.0 for file in files)


def tried(read: Callable[[], T], mistakes: list[str]) -> T | None:
    """What a reader gives; its mistakes join the others', and there is None."""
    try:
        return read()
    except SettingsError as fault:
        mistakes.extend(fault.mistakes)
        return None


def secret(file: Path | None) -> str:
    """A password from its file.

    Raises:
        SettingsError: the file cannot be read.
    """
    try:
        return file.read_text("utf-8").strip() if file else ""
    except OSError as fault:
        raise SettingsError(f"mail.password_file: {file}: {fault.strerror}") from fault
