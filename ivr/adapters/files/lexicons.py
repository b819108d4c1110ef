"""Reads the Russian word lists of `config/` into the lexicon; all mistakes at once."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from ivr.adapters.files.layers import Folder
from ivr.errors import SettingsError
from ivr.language.flags import FlagWords
from ivr.language.lexicon import Landmarks, Lexicon, NumberPlan, Pair, TopicWords
from ivr.language.name_forms import NameWords
from ivr.language.text import Phrases, plain

_WEIGHTS = {"weak": 1.0, "medium": 2.5, "strong": 4.0, "certain": 6.0, "against": -3.0, "never": -9.0}


def read_lexicon(config: Folder, plan: NumberPlan | None = None) -> Lexicon:
    """The lexicon of a municipality.

    Raises:
        SettingsError: every mistake of both files.
    """
    mistakes: list[str] = []
    words = _read(config / "lexicon.ru.toml", mistakes)
    numbers = _read(config / "numbers.ru.toml", mistakes)
    names = _read(config / "names.ru.toml", mistakes)
    topics = _read(config / "topics.ru.toml", mistakes)
    gazetteer = _read(config / "gazetteer.ru.toml", mistakes)
    flags = _flag_words(_read(config / "flags.ru.toml", mistakes), config / "flags.ru.toml", mistakes)
    if mistakes:
        raise SettingsError(mistakes)
    numerals, repeated, codes = (numbers.pop(table) for table in ("numerals", "repeated_digits", "city_codes"))
    ordinals, letters = (numbers.pop(table) for table in ("ordinals", "house_letters"))
    context = names["names"].pop("context")
    officials = tuple(_official(full) for full in context.pop("officials").split(","))
    refusals = context.pop("refusals")
    words["names"] = {"refusals": refusals, **{name: _listed(listed) for name, listed in context.items()}}
    groups = {
        f"{table}.{name}": tuple(plain(listed) for listed in lists[name])
        for table, lists in (*words.items(), *numbers.items())
        for name in lists
    }
    return Lexicon(
        numerals=_values(numerals),
        repeated_digits=_values(repeated),
        city_codes={code: frozenset(map(plain, names)) for code, names in codes.items()},
        words={group: frozenset(listed) for group, listed in groups.items()},
        phrases={group: Phrases(listed) for group, listed in groups.items()},
        topics=tuple(_topic(key, table) for key, table in topics["topics"].items()),
        names=_name_words(names["names"]),
        officials=officials,
        landmarks=_landmarks(topics["landmarks"]),
        number_plan=plan or NumberPlan(),
        ordinals=_values(ordinals),
        house_letters={plain(form): letter for letter, forms in letters.items() for form in forms},
        localities=_names(gazetteer["localities"]),
        streets=_names(gazetteer["streets"]),
        flags=flags,
    )


def _values(table: dict[str, list[str]]) -> dict[str, int]:
    return {plain(form): int(value) for value, forms in table.items() for form in forms}


def _read(path: Path, mistakes: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        mistakes.append(f"{path}: {fault}")
        return {}


def _topic(key: str, table: dict[str, Any]) -> TopicWords:
    weights = {word: weight for group, weight in _WEIGHTS.items() for word in _listed(table.get(group, ""))}
    pairs, decisive = (tuple(_pair(pair) for pair in table.get(name, ())) for name in ("pairs", "decisive"))
    return TopicWords(key, table["title"], weights, pairs, decisive)


def _name_words(table: dict[str, Any]) -> NameWords:
    male = _listed(table["male"])
    patronymics = {spoken: official for official, forms in table["patronymics"].items() for spoken in _listed(forms)}
    ends = {gender: tuple(_listed(listed)) for gender, listed in table["surname_ends"].items()}
    fixed, misheard = ends.pop("both"), ends.pop("misheard")
    return NameWords(
        male=frozenset(male),
        extra={
            "masc": frozenset(_listed(table["extra_male"])) | set(male),
            "femn": frozenset(_listed(table["extra_female"])),
        },
        short={spoken: name for name, forms in table["short"].items() for spoken in _listed(forms)},
        patronymics=patronymics,
        surname_ends=ends,
        fixed_ends=tuple(fixed),
        misheard_end=misheard,
        slurred_ends=tuple(_listed(table["slurred"]["ends"])),
        full_end=table["slurred"]["full"],
    )


def _official(full: str) -> tuple[str, str, str]:
    name, patronymic, surname = full.split()
    return plain(name), plain(patronymic), plain(surname)


def _listed(text: str, mark: str = ",") -> list[str]:
    return [plain(word.strip()) for word in text.split(mark) if word.strip()]


def _flag_words(table: dict[str, Any], path: Path, mistakes: list[str]) -> FlagWords:
    """The lists of flags; every expression that is none is named."""
    for flag, groups in table.items():
        for group, listed in groups.items():
            for expression in listed:
                try:
                    re.compile(expression)
                except re.error as fault:
                    mistakes.append(f"{path}: {flag}.{group}: {expression}: {fault}")
    return FlagWords(**{flag: table.get(flag, {}) for flag in ("abuse", "threat", "advert", "emergency")})


def _names(text: str) -> tuple[str, ...]:
    """Names as they are written, between commas."""
    return tuple(" ".join(name.split()) for name in text.split(",") if name.strip())


def _pair(text: str) -> Pair:
    first, second = text.split("+")
    return frozenset(_listed(first, "|")), frozenset(_listed(second, "|"))


def _landmarks(table: dict[str, Any]) -> Landmarks:
    return Landmarks(frozenset(_listed(table["before"])), frozenset(table["topics"]))
