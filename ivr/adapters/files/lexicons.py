"""Reads the Russian word lists of `config/` into the lexicon; all mistakes at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ivr.adapters.files.gazetteers import read_gazetteer
from ivr.adapters.files.layers import Folder
from ivr.adapters.files.topic_words import read_topic_words
from ivr.adapters.files.ui import words
from ivr.errors import SettingsError
from ivr.language.flags import FlagWords
from ivr.language.lexicon import Lexicon, NumberPlan
from ivr.language.name_forms import NameWords
from ivr.language.text import Phrases, plain

T = TypeVar("T")
Groups = dict[str, tuple[str, ...]]
_FILES = ("lexicon", "numbers", "names", "topics", "gazetteer", "flags")


def lexicon_files(config: Folder) -> tuple[Path, ...]:
    """What a lexicon is read from: where these are the same, the words are the same."""
    return tuple(config / f"{name}.ru.toml" for name in _FILES)


def read_lexicon(config: Folder, plan: NumberPlan | None = None) -> Lexicon:
    """The lexicon of a municipality.

    Raises:
        SettingsError: every mistake of all files.
    """
    mistakes: list[str] = []
    files = {name: config / f"{name}.ru.toml" for name in _FILES}
    tables = {name: _read(path, mistakes) for name, path in files.items()}
    topics, landmarks = read_topic_words(tables["topics"], files["topics"], mistakes)
    places = read_gazetteer(tables["gazetteer"], files["gazetteer"], mistakes)
    flags = _flag_words(tables["flags"], files["flags"], mistakes)
    if mistakes:
        raise SettingsError(mistakes)
    numbers = _shaped(files["numbers"], mistakes, lambda: _numbers(tables["numbers"]))
    names = _shaped(files["names"], mistakes, lambda: _names(tables["names"]["names"]))
    lists = _shaped(files["lexicon"], mistakes, lambda: _groups(tables["lexicon"]))
    if numbers is None or names is None or lists is None:
        raise SettingsError(mistakes)
    name_words, officials, name_lists = names
    groups = {**lists, **numbers.pop("groups"), **name_lists}
    return Lexicon(
        words={group: frozenset(listed) for group, listed in groups.items()},
        phrases={group: Phrases(listed) for group, listed in groups.items()},
        topics=topics,
        names=name_words,
        officials=officials,
        landmarks=landmarks,
        number_plan=plan or NumberPlan(),
        localities=places.localities,
        streets=places.streets,
        flags=flags,
        **numbers,
    )


def _shaped(path: Path, mistakes: list[str], build: Callable[[], T]) -> T | None:
    """What is built from a file; a part that is missing or of another shape is a mistake of the file."""
    try:
        return build()
    except KeyError as fault:
        mistakes.append(f"{path}: {words('word_files.missing', given=fault.args[0])}")
    except (AttributeError, TypeError, ValueError) as fault:
        mistakes.append(f"{path}: {words('word_files.shape', why=fault)}")
    return None


def _numbers(file: dict[str, Any]) -> dict[str, Any]:
    """Numerals, and the lists about telephones."""
    single = ("numerals", "repeated_digits", "city_codes", "ordinals", "house_letters")
    return {
        "numerals": _values(file["numerals"]),
        "repeated_digits": _values(file["repeated_digits"]),
        "city_codes": {code: frozenset(map(plain, names)) for code, names in file["city_codes"].items()},
        "ordinals": _values(file["ordinals"]),
        "house_letters": {plain(form): letter for letter, forms in file["house_letters"].items() for form in forms},
        "groups": _groups({table: lists for table, lists in file.items() if table not in single}, needed=("phones",)),
    }


def _names(file: dict[str, Any]) -> tuple[NameWords, tuple[tuple[str, str, str], ...], Groups]:
    """Names, the officials, and the lists of the words around names."""
    context = dict(file["context"])
    officials = tuple(_official(full) for full in context.pop("officials").split(","))
    refusals = tuple(plain(refusal) for refusal in context.pop("refusals"))
    lists = {f"names.{name}": tuple(_listed(listed)) for name, listed in context.items()}
    return _name_words(file), officials, {**lists, "names.refusals": refusals}


def _groups(file: dict[str, Any], needed: Sequence[str] = ("addresses", "confirmation", "gist")) -> Groups:
    for table in needed:
        file[table].items()
    return {
        f"{table}.{name}": tuple(plain(item) for item in listed)
        for table, lists in file.items()
        for name, listed in lists.items()
    }


def _values(table: dict[str, list[str]]) -> dict[str, int]:
    return {plain(form): int(value) for value, forms in table.items() for form in forms}


def _read(path: Path, mistakes: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        mistakes.append(f"{path}: {fault}")
        return {}


def _name_words(table: dict[str, Any]) -> NameWords:
    male = _listed(table["male"])
    patronymics = {spoken: official for official, forms in table["patronymics"].items() for spoken in _listed(forms)}
    ends = {gender: tuple(_listed(listed)) for gender, listed in table["surname_ends"].items()}
    fixed, common, misheard = ends.pop("both"), ends.pop("common"), ends.pop("misheard")
    return NameWords(
        male=frozenset(male),
        extra={
            "masc": frozenset(_listed(table["extra_male"])) | set(male),
            "femn": frozenset(_listed(table["extra_female"])),
        },
        short={spoken: name for name, forms in table["short"].items() for spoken in _listed(forms)},
        patronymics=patronymics,
        surname_ends=ends,
        common_ends=common,
        fixed_ends=fixed,
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
