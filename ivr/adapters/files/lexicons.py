"""Reads the Russian word lists of `config/` into the lexicon; all mistakes at once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from ivr.errors import SettingsError
from ivr.language.lexicon import Lexicon, NumberPlan, TopicWords

_GROUPS = ("strong", "medium", "weak", "against")


def read_lexicon(config: Path, plan: NumberPlan | None = None) -> Lexicon:
    """The lexicon of a municipality.

    Raises:
        SettingsError: every mistake of both files.
    """
    mistakes: list[str] = []
    words = _read(config / "lexicon.ru.toml", mistakes)
    topics = _read(config / "topics.ru.toml", mistakes)
    if mistakes:
        raise SettingsError(mistakes)
    groups = {
        f"{table}.{name}": frozenset(listed)
        for table, lists in words.items()
        if table not in ("numerals", "repeated_digits")
        for name, listed in lists.items()
    }
    return Lexicon(
        numerals={form: int(value) for value, forms in words["numerals"].items() for form in forms},
        repeated_digits={form: int(value) for value, forms in words["repeated_digits"].items() for form in forms},
        words=groups,
        topics=tuple(_topic(key, table) for key, table in topics["topics"].items()),
        number_plan=plan or NumberPlan(),
    )


def _read(path: Path, mistakes: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        mistakes.append(f"{path}: {fault}")
        return {}


def _topic(key: str, table: dict[str, Any]) -> TopicWords:
    lists = {group: tuple(table.get(group, ())) for group in _GROUPS}
    return TopicWords(key, table["title"], **lists, pairs=tuple((a, b) for a, b in table.get("pairs", ())))
