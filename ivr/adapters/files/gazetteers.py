"""Reads and writes the municipality's places and streets, `config/gazetteer.ru.toml`."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.adapters.files.tables import place_of
from ivr.adapters.files.ui import words
from ivr.errors import SettingsError
from ivr.language.likeness import plain

SECTIONS = ("localities", "streets")
MOST_WORDS = 4
_NAME = re.compile(r"[^\W_]+(?:[ .-]+[^\W_]+)*\.?")
_WIDTH = 110


@dataclass(frozen=True, slots=True)
class Places:
    """Names in the nominative, as they are written."""

    localities: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()

    def with_more(self, more: Places) -> Places:
        """Both lists together, each name once."""
        return Places(
            tuple(each_once((*self.localities, *more.localities))), tuple(each_once((*self.streets, *more.streets)))
        )


def read_gazetteer(file: Mapping[str, Any], path: Path, mistakes: list[str]) -> Places:
    """The names of a file.

    Args:
        file: what it says.
        path: where it is.
        mistakes: what is wrong is added here: file, line, what to do.
    """
    for section in file:
        if section not in SECTIONS:
            where = place_of(path, section)
            mistakes.append(f"{where}: {words('word_files.unknown_section', given=section)}")
    found: dict[str, tuple[str, ...]] = {}
    for section in SECTIONS:
        listed = file.get(section, "")
        if not isinstance(listed, str):
            sentence = words("word_files.not_names", given=listed)
            mistakes.append(f"{place_of(path, section)}: {section}: {sentence}")
            continue
        names = [" ".join(name.split()) for name in listed.split(",")] if listed.strip() else []
        for name in names:
            wrong = wrong_name(name)
            if wrong:
                mistakes.append(f"{place_of(path, section, item=name.split(' ')[0])}: {section}: {wrong}")
        found[section] = tuple(each_once(name for name in names if name))
    return Places(**found)


def wrong_name(name: str) -> str:
    """What is wrong with a name, "" if nothing is."""
    if not name:
        return words("word_files.no_name")
    if not _NAME.fullmatch(name) or name.isdigit():
        return words("word_files.strange_name", given=name)
    if len(name.split()) > MOST_WORDS:
        return words("word_files.long_name", given=name, most=MOST_WORDS)
    kind, _, rest = name.partition(" ")
    kinds = {plain(known) for known in words("gazetteer.kinds").split(",")}
    return words("word_files.typed_name", given=name, kind=kind) if rest and plain(kind) in kinds else ""


def each_once(names: Iterable[str]) -> list[str]:
    """The names in their order, those that only look different left out."""
    return list({plain(name): name for name in reversed(list(names))}.values())[::-1]


def write_gazetteer(path: Path, places: Places) -> Path:
    """Put the names into the file at once; what was there stays beside it.

    Returns:
        The file of the names that were there before.

    Raises:
        SettingsError: the file cannot be written.
    """
    before, new = path.with_suffix(".before.toml"), path.with_suffix(".new.toml")
    head = f"{words('gazetteer.head')}\n"
    body = (f'{section} = """\n{_lines(getattr(places, section))}"""\n' for section in SECTIONS)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with new.open("w", encoding="utf-8") as file:
            file.write("\n".join((head, *body)))
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            before.write_bytes(path.read_bytes())
        new.replace(path)
    except OSError as fault:
        raise SettingsError(f"{path}: {fault.strerror}") from fault
    return before


def _lines(names: Iterable[str]) -> str:
    joined = ", ".join(name.replace(" ", "\0") for name in names)
    lines = textwrap.wrap(joined, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines).replace("\0", " ")
