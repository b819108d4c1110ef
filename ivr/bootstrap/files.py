"""What the files say, all mistakes gathered in one report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ivr.adapters.files import wav
from ivr.adapters.files.calendar import production_table, read_calendar
from ivr.adapters.files.layers import Layers
from ivr.adapters.files.settings import OVERLAY, Settings, project_root, read_regulation
from ivr.domain.calendar import WorkingCalendar
from ivr.domain.municipality import Municipalities, Municipality
from ivr.domain.regulation import Regulation
from ivr.errors import RuleBroken, SettingsError

if TYPE_CHECKING:
    from ivr.adapters.files.catalog import PromptCatalog

T = TypeVar("T")

TOWNS = "towns"
"""Folder of other municipalities than the house's own: in `config/` the installer's files, in the data people's."""


def is_own(settings: Settings, municipality: str) -> bool:
    """It is the house's own, or none is named."""
    return municipality in ("", settings.municipality.key)


def town_folder(settings: Settings, municipality: str = "") -> Path:
    """Where files are that people of a municipality have changed; without a key, those of the house's own."""
    return settings.data if is_own(settings, municipality) else settings.data / TOWNS / municipality


def orders_file(settings: Settings, municipality: str = "") -> Path:
    """Where people's orders about single days are kept ("closed today"); without a key, those of the first."""
    return settings.data / ("orders.toml" if is_own(settings, municipality) else f"orders.{municipality}.toml")


def municipalities_of(settings: Settings, years: range | None = None) -> Municipalities:
    """All that are served, each with its calendar; the years are those around the present one.

    Raises:
        SettingsError: every mistake of every calendar.
    """
    year = datetime.now(UTC).year
    mistakes: list[str] = []
    served = []
    for table in settings.served:
        calendar = tried(lambda: calendar_for(settings, years or range(year - 1, year + 3), table.key), mistakes)  # noqa: B023
        if calendar:
            operators = settings.desk.operators if table.operators is None else table.operators
            served.append(
                Municipality(table.key, table.title, calendar, table.numbers, table.overflow_numbers, operators)
            )
    if mistakes:
        raise SettingsError(list(dict.fromkeys(mistakes)))
    return Municipalities(tuple(served))


def intercoms(settings: Settings) -> tuple[Path, ...]:
    """Where the engines are asked to do something."""
    return tuple(settings.data / f"engine-{number}.intercom" for number in settings.engine_numbers)


def calendar_of(settings: Settings) -> WorkingCalendar:
    """The working calendar of the first municipality around the present year."""
    return municipalities_of(settings).first.calendar


def calendar_for(settings: Settings, years: range, municipality: str = "") -> WorkingCalendar:
    """The working calendar of these years, people's orders and hours in it; without a key, that of the first.

    Raises:
        SettingsError: every mistake of its files.
        RuleBroken: nobody with this key is served.
    """
    key = key_of(settings, municipality)
    file = calendar_file(settings.named(key).calendar)
    return read_calendar(years, file, orders_file(settings, key), overlay_file(settings, key))


def key_of(settings: Settings, municipality: str) -> str:
    """The key of a municipality that is served; without one, that of the house's own.

    Raises:
        RuleBroken: nobody with this key is served.
    """
    key, known = municipality or settings.municipality.key, [table.key for table in settings.served]
    if key not in known:
        named = ", ".join(known)
        raise RuleBroken("6.2", f"no municipality {key!r}; known: {named}", "no_municipality", asked=key, known=named)
    return key


def calendar_file(named: Path) -> Path:
    """A calendar's file: named by its place in `config/`, or anywhere."""
    return project_root() / "config" / named


def live_folder(settings: Settings) -> Path:
    """Where those listen who are told what happens."""
    return settings.data / "live"


def overlay_file(settings: Settings, municipality: str = "") -> Path:
    """What people have changed in the console: settings and hours, of other municipalities than the own hours alone."""
    return town_folder(settings, municipality) / OVERLAY


def calendar_stamp(settings: Settings) -> tuple[float, ...]:
    """When the calendars' files were last changed."""
    keys, names = [table.key for table in settings.served], [table.calendar for table in settings.served]
    files = (
        *map(calendar_file, names), *(orders_file(settings, key) for key in keys), production_table(),
        *(overlay_file(settings, key) for key in keys),
    )  # fmt: skip
    return tuple(file.stat().st_mtime if file.exists() else 0.0 for file in files)


def regulation_of(settings: Settings) -> Regulation:
    """The regulation's numbers, those that people have changed over the installer's.

    Raises:
        SettingsError: every mistake.
    """
    return read_regulation(over=overlay_file(settings))


def words_of(settings: Settings, municipality: str = "") -> Layers:
    """The word lists: people's own over the installer's, those of another municipality over the common ones."""
    own, common = town_folder(settings, municipality) / "words", project_root() / "config"
    if is_own(settings, municipality):
        return Layers(own, common)
    return Layers(own, Layers(common / TOWNS / municipality, common))


def directory_of(settings: Settings, municipality: str = "") -> Layers:
    """Where the executors are: nobody passes questions on to another municipality's."""
    words = words_of(settings, municipality)
    if is_own(settings, municipality):
        return words
    return Layers(words.over, project_root() / "config" / TOWNS / municipality)


def catalog_of(settings: Settings, municipality: str = "") -> PromptCatalog:
    """The assistant's phrases, people's own voice over the installer's, another municipality's over the common one.

    Raises:
        SettingsError: a texts file is wrong.
    """
    from ivr.adapters.files.catalog import PromptCatalog, TownVoice

    texts, sounds = project_root() / "config" / "prompts.ru.toml", project_root() / "audio" / "prompts"
    own = town_folder(settings, municipality) / "prompts"
    if is_own(settings, municipality):
        return PromptCatalog(texts, sounds, own)
    town = TownVoice(texts.parent / TOWNS / municipality / texts.name, sounds / municipality)
    return PromptCatalog(texts, sounds, own, town)


def words_stamp(settings: Settings) -> tuple[float, ...]:
    """When people's own words and phrases, and other municipalities' files, were last changed."""
    places = [town_folder(settings, table.key) for table in settings.served]
    files = [
        path for place in places for name in ("words", "prompts") for path in sorted((place / name).glob("*.toml"))
    ]
    root = project_root()
    for table in settings.municipalities:
        installed = (
            (root / "config" / TOWNS / table.key).glob("*.toml"),
            (root / "audio" / "prompts" / table.key).glob("*.*"),
        )
        files += [path for found in installed for path in sorted(found)]
    return tuple(path.stat().st_mtime for path in files)


def waiting_music(named: Path) -> bytes:
    """What waiting callers hear, PCM.

    Raises:
        SettingsError: the file cannot be read, or is not 8,000 Hz, 16 bit, mono.
    """
    file = project_root() / named
    try:
        sound = wav.parse(file.read_bytes())
    except (OSError, ValueError) as fault:
        raise SettingsError(f"desk.music: {file}: {fault}") from fault
    if (sound.rate_hz, sound.bits, sound.channels) != (wav.RATE_HZ, 16, 1) or not sound.pcm:
        raise SettingsError(f"desk.music: {file}: 8,000 Hz, 16 bit and one channel are needed")
    return sound.pcm


def tried(read: Callable[[], T], mistakes: list[str]) -> T | None:
    """What a reader gives; its mistakes join the others', and there is None."""
    try:
        return read()
    except SettingsError as fault:
        mistakes.extend(fault.mistakes)
        return None


def secret(file: Path | None, whose: str = "mail") -> str:
    """A password from its file.

    Args:
        whose: the table of the settings that names it.

    Raises:
        SettingsError: the file cannot be read.
    """
    try:
        return file.read_text("utf-8").strip() if file else ""
    except OSError as fault:
        raise SettingsError(f"{whose}.password_file: {file}: {fault.strerror}") from fault
