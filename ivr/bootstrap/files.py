"""What the files say, all mistakes gathered in one report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ivr.adapters.files.calendar import production_table, read_calendar
from ivr.adapters.files.layers import Layers
from ivr.adapters.files.settings import OVERLAY, Settings, project_root, read_regulation
from ivr.domain.calendar import WorkingCalendar
from ivr.domain.regulation import Regulation
from ivr.errors import SettingsError

if TYPE_CHECKING:
    from ivr.adapters.files.catalog import PromptCatalog

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


def live_folder(settings: Settings) -> Path:
    """Where those listen who are told what happens."""
    return settings.data / "live"


def overlay_file(settings: Settings) -> Path:
    """What people have changed in the console."""
    return settings.data / OVERLAY


def calendar_stamp(settings: Settings) -> tuple[float, ...]:
    """When the calendar's files were last changed."""
    ours = (orders_file(settings), overlay_file(settings))
    files = (project_root() / "config" / "calendar.toml", production_table(), *ours)
    return tuple(file.stat().st_mtime if file.exists() else 0.0 for file in files)


def regulation_of(settings: Settings) -> Regulation:
    """The regulation's numbers, those that people have changed over the installer's.

    Raises:
        SettingsError: every mistake.
    """
    return read_regulation(over=overlay_file(settings))


def words_of(settings: Settings) -> Layers:
    """The word lists: people's own over the installer's."""
    return Layers(settings.data / "words", project_root() / "config")


def catalog_of(settings: Settings) -> PromptCatalog:
    """The assistant's phrases, people's own voice over the installer's.

    Raises:
        SettingsError: the texts file is wrong.
    """
    from ivr.adapters.files.catalog import PromptCatalog

    root = project_root()
    return PromptCatalog(root / "config" / "prompts.ru.toml", root / "audio" / "prompts", settings.data / "prompts")


def words_stamp(settings: Settings) -> tuple[float, ...]:
    """When people's own words and phrases were last changed."""
    folders = (settings.data / "words", settings.data / "prompts")
    return tuple(path.stat().st_mtime for folder in folders for path in sorted(folder.glob("*.toml")))


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
