"""Reads the regulation's lists: `config/vocabulary.ru.toml`, and the topics of `config/topics.ru.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ivr.adapters.files.layers import Folder
from ivr.adapters.files.tables import read_table
from ivr.domain.vocabulary import FIXED, Demand, Kind, Term, Vocabulary
from ivr.errors import SettingsError

_LONGEST_KEY = 64


def read_vocabulary(config: Folder) -> Vocabulary:
    """The current edition of all lists.

    Raises:
        SettingsError: every mistake of both files.
    """
    file, topics_file = config / "vocabulary.ru.toml", config / "topics.ru.toml"
    data, topics = read_table(file), read_table(topics_file)
    mistakes: list[str] = []
    edition = str(data.get("edition", ""))
    try:
        date.fromisoformat(edition)
    except ValueError:
        mistakes.append(f"{file}: edition: {edition!r} is not a date like 2024-12-24")
    if topics.get("edition") != edition:
        mistakes.append(f"{topics_file}: edition: must be {edition!r}, the edition of {file.name}")
    lists: dict[Kind, dict[str, Term]] = {}
    for kind in Kind:
        path, table = (topics_file, topics) if kind is Kind.TOPICS else (file, data)
        lists[kind] = _terms(table.get(kind, {}), f"{path}: {kind}", mistakes)
    mistakes += [f"{file}: {name}: there is no such list" for name in data if name not in (*Kind, "edition")]
    mistakes += _missing(lists, file)
    if mistakes:
        raise SettingsError(mistakes)
    return Vocabulary(edition, lists)


def _terms(table: Mapping[str, Any], where: str, mistakes: list[str]) -> dict[str, Term]:
    terms: dict[str, Term] = {}
    for key, entry in table.items():
        title, demands = (entry.get("title"), entry.get("demands")) if isinstance(entry, dict) else (None, None)
        if not title or not isinstance(title, str):
            mistakes.append(f"{where}.{key}: title is missing")
        elif demands is not None and demands not in list(Demand):
            mistakes.append(f"{where}.{key}: demands: {demands!r} is none of {', '.join(Demand)}")
        elif len(key) > _LONGEST_KEY:
            mistakes.append(f"{where}.{key}: a key has at most {_LONGEST_KEY} letters")
        else:
            terms[key] = Term(key, title, Demand(demands) if demands else None)
    return terms


def _missing(lists: Mapping[Kind, Mapping[str, Term]], file: Path) -> list[str]:
    """What the product cannot do without: the fixed keys, and a term for each thing a row can demand."""
    mistakes = [f"{file}: {kind}: the list is empty" for kind, terms in lists.items() if not terms]
    for kind, keys in FIXED.items():
        mistakes += [f"{file}: {kind}.{key} is missing" for key in keys if key not in lists[kind]]
        mistakes += [f"{file}: {kind}.{key}: there is no such key" for key in lists[kind] if key not in list(keys)]
    for kind, demands in (
        (Kind.OUTCOMES, (Demand.EXECUTOR,)),
        (Kind.RESULTS, (Demand.PLANNED_TIME, Demand.ATTEMPT_TIME)),
    ):
        mistakes += [
            f"{file}: {kind}: one term must have demands = {str(demand)!r}"
            for demand in demands
            if all(term.demands is not demand for term in lists[kind].values())
        ]
    return mistakes
