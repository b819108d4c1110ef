"""Settings that people change in the console: `console.toml` of the data folder, laid over the installer's file.

Every version is kept (fulfils `ports.house.HouseBook`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from ivr.adapters.files.calendar import WEEKDAYS, read_calendar, week_of
from ivr.adapters.files.settings import OVERLAY, Settings, read_regulation, read_settings
from ivr.adapters.files.tables import quoted, read_table
from ivr.adapters.files.versions import FileVersions, write_safely
from ivr.domain.version import INSTALLED, Version
from ivr.errors import RuleBroken, SettingsError
from ivr.ports.house import Tables

VERSIONS = "versions"
_WHAT = "console"
_SECRETS = "secrets"
_SECRET_KEY = "password_file"
_TABLES = ("municipality", "phone", "desk", "web", "speech", "mail", "sign_in")


class FileHouseBook:
    """The overlay file of one installation.

    Args:
        config: the installer's file, None for the usual one.
        calendar: the file of the hours, None for the usual one.
    """

    def __init__(self, data: Path, config: Path | None = None, calendar: Path | None = None) -> None:
        self._data = data
        self._path = data / OVERLAY
        self._config = config
        self._calendar = calendar
        self._versions = FileVersions(data / VERSIONS)
        self._known: tuple[float, Settings, dict[str, object]] | None = None

    def model(self) -> Path | None:
        """The speech model in use, None where others' recogniser is."""
        settings, _ = self._now()
        return None if settings.speech.url else settings.model

    def settings(self) -> Tables:
        """As the product reads them; the regulation's numbers are the table "regulation"."""
        settings, numbers = self._now()
        tables = {name: getattr(settings, name, None) for name in _TABLES}
        return {name: table.model_dump() if table else {} for name, table in tables.items()} | {"regulation": numbers}

    def _now(self) -> tuple[Settings, dict[str, object]]:
        changed = self._path.stat().st_mtime if self._path.exists() else 0.0
        if self._known is None or self._known[0] != changed:
            self._known = (changed, *self._read())
        return self._known[1:]

    def week(self) -> Mapping[str, str]:
        """As the calendar reads it."""
        return week_of(self._path, self._calendar)

    def days(self) -> Mapping[str, str]:
        """Only those of the overlay."""
        return {str(day): str(hours) for day, hours in self._overlay().get("days", {}).items()}

    def change(self, by: str, tables: Tables) -> None:
        """Lay values over; the old file is put back when the whole no longer holds."""
        known = self._overlay()
        for name, news in tables.items():
            both = {**known.get(name, {}), **news}
            known[name] = {key: value for key, value in both.items() if value is not None}
        self._replace(known, by, " ".join(f"{name}.{key}" for name, news in tables.items() for key in news))

    def change_week(self, by: str, week: Mapping[str, str]) -> None:
        """Lay the hours over."""
        self._replace(self._overlay() | {"week": {day: week.get(day, "closed") for day in WEEKDAYS}}, by, "week")

    def change_days(self, by: str, days: Mapping[str, str]) -> None:
        """Lay the days over."""
        self._replace(self._overlay() | {"days": dict(sorted(days.items()))}, by, "days")

    def keep_secret(self, name: str, secret: str) -> str:
        """In a file of its own beside the one in use; no version of it is kept."""
        path = self._data / _SECRETS / f"{name}-{token_hex(4)}"  # another name: whoever works with it notices
        write_safely(path, secret.encode())
        return str(path)

    def forget_secrets(self, name: str) -> None:
        """Read anew: the file's time may be that of the change before."""
        settings, _ = self._read()
        table = getattr(settings, name, None)
        named = {Path(path).resolve() for path in _secrets(table.model_dump() if table else {})}
        for file in (self._data / _SECRETS).glob(f"{name}-*"):
            if file.resolve() not in named:
                file.unlink(missing_ok=True)

    def history(self) -> Sequence[Version]:
        """The newest first."""
        return self._versions.of(_WHAT)

    def values(self, number: int) -> Tables:
        """As the file of that version says."""
        if number == INSTALLED:
            return {}
        return tomllib.loads(self._versions.content(_WHAT, number).decode())

    def restore(self, by: str, number: int) -> None:
        """Write it again."""
        self._replace(dict(self.values(number)), by, f"restored:{number}")

    def _overlay(self) -> dict[str, Any]:
        return read_table(self._path) if self._path.exists() else {}

    def _replace(self, tables: Mapping[str, Mapping[str, object]], by: str, note: str) -> None:
        before, known = (self._path.read_bytes(), self._overlay()) if self._path.exists() else (None, {})
        for name, values in tables.items():
            if values != known.get(name):
                _require_secrets(name, values)
        content = "".join(_table(name, values) for name, values in tables.items() if values).encode()
        write_safely(self._path, content)
        try:
            settings, _ = self._read()
            if "model" in tables.get("speech", {}):
                _require_folder(settings.model)
            year = datetime.now(UTC).year
            read_calendar(range(year, year + 1), self._calendar, hours=self._path)
        except SettingsError:
            if before is None:
                self._path.unlink()
            else:
                write_safely(self._path, before)
            raise
        if before is not None and not self.history():
            self._versions.keep(_WHAT, before, "", "before")
        self._versions.keep(_WHAT, content, by, note)

    def _read(self) -> tuple[Settings, dict[str, object]]:
        rules = read_regulation(over=self._path)
        numbers = {name: getattr(rules, name) for name in rules.__dataclass_fields__}
        return read_settings(self._config), numbers


def missing_secrets(data: Path) -> Sequence[str]:
    """Paths of passwords that the console's settings in a data folder name and that are not there."""
    overlay = data / OVERLAY
    tables = read_table(overlay).values() if overlay.exists() else ()
    return [path for table in tables for path in _secrets(table) if not Path(path).is_file()]


def _require_folder(model: Path) -> None:
    if not model.is_dir():
        raise SettingsError(f"{model}: there is no such speech model any more")


def _require_secrets(name: str, table: Mapping[str, object]) -> None:
    for path in _secrets(table):
        if not Path(path).is_file():
            raise RuleBroken("6.1", f"{name}: its password {path} is there no more", "password_gone")


def _secrets(table: Mapping[str, object]) -> Iterator[str]:
    """Paths of the passwords that a table names, also those of tables within it."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _secrets(value)
        elif key == _SECRET_KEY and value:
            yield str(value)


def _table(name: str, values: Mapping[str, object]) -> str:
    """A table; tables within it are written within its lines."""
    lines = [f"{_key(key)} = {_value(value)}" for key, value in values.items()]
    return "\n".join((f"[{name}]", *lines, "", ""))


def _key(key: str) -> str:
    plain = key.replace("_", "").replace("-", "")
    return key if plain.isascii() and plain.isalnum() else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        inner = (f"{_key(key)} = {_value(each)}" for key, each in value.items() if each is not None)
        return f"{{ {', '.join(inner)} }}"
    return quoted(str(value))
