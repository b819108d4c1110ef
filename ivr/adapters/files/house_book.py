"""Settings that people change in the console: `console.toml` of the data folder, laid over the installer's file.

Every version stays beside it with its date (fulfils `ports.house.HouseBook`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ivr.adapters.files.calendar import WEEKDAYS, read_calendar, week_of
from ivr.adapters.files.settings import OVERLAY, Settings, read_settings
from ivr.adapters.files.tables import read_table
from ivr.errors import SettingsError

_TABLES = ("municipality", "phone", "desk", "web")
_OLD = "settings"


class FileHouseBook:
    """The overlay file of one installation.

    Args:
        config: the installer's file, None for the usual one.
    """

    def __init__(self, data: Path, config: Path | None = None) -> None:
        self._path = data / OVERLAY
        self._config = config
        self._known: tuple[float, Settings] | None = None

    def settings(self) -> Mapping[str, Mapping[str, object]]:
        """As the product reads them."""
        changed = self._path.stat().st_mtime if self._path.exists() else 0.0
        if self._known is None or self._known[0] != changed:
            self._known = (changed, self._read())
        return {name: getattr(self._known[1], name).model_dump() for name in _TABLES}

    def week(self) -> Mapping[str, str]:
        """As the calendar reads it."""
        return week_of(self._path)

    def change(self, **tables: Mapping[str, object]) -> None:
        """Lay values over; the old file is put back when the whole no longer holds."""
        known = read_table(self._path) if self._path.exists() else {}
        for name, news in tables.items():
            known[name] = {**known.get(name, {}), **{key: value for key, value in news.items() if value is not None}}
        self._replace(known)

    def change_week(self, week: Mapping[str, str]) -> None:
        """Lay the hours over."""
        known = read_table(self._path) if self._path.exists() else {}
        self._replace(known | {"week": {day: week.get(day, "closed") for day in WEEKDAYS}})

    def _replace(self, tables: Mapping[str, Mapping[str, object]]) -> None:
        before = self._path.read_bytes() if self._path.exists() else None
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self._path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write("".join(_table(name, values) for name, values in tables.items() if values))
        fresh.replace(self._path)
        try:
            self._read()
            year = datetime.now(UTC).year
            read_calendar(range(year, year + 1), hours=self._path)
        except SettingsError:
            if before is None:
                self._path.unlink()
            else:
                self._path.write_bytes(before)
            raise
        if before is not None:
            self._keep(before)

    def _keep(self, before: bytes) -> None:
        folder = self._path.parent / _OLD
        folder.mkdir(exist_ok=True, mode=0o700)
        kept = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}.toml"
        kept.touch(mode=0o600)
        kept.write_bytes(before)

    def _read(self) -> Settings:
        return read_settings(self._config)


def _table(name: str, values: Mapping[str, object]) -> str:
    lines = [f"{key} = {_value(value)}" for key, value in values.items()]
    return "\n".join((f"[{name}]", *lines, "", ""))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    safe = "".join(letter if letter.isprintable() else " " for letter in str(value))
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'
