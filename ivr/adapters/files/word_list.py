"""A municipality's own words, a file for `ivr model adapt`: a word or a name of several words on each line.

A line in square brackets says what the words after it name (`config/ui.ru.toml`, [adapt.headings]; or the English
names of `WordKind`); before the first such line they are any words. `#` begins a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ivr.errors import SettingsError
from ivr.language.local_words import WordKind

_LARGEST_BYTES = 2_000_000


def read_word_list(path: Path, letters: str, headings: Mapping[str, str]) -> list[tuple[str, WordKind]]:
    """The words in lower case with what they name.

    Args:
        path: the file, UTF-8.
        letters: with which a word can be spelled.
        headings: other names of the kinds, by the kind's own name.

    Raises:
        SettingsError: every line that cannot be used, with its number.
    """
    kinds = {kind.value: kind for kind in WordKind} | {name.lower(): WordKind(kind) for kind, name in headings.items()}
    kind, found, mistakes = WordKind.OTHER, [], []
    for number, line in _lines(path):
        if line.startswith("["):
            heading = line.strip("[] ").lower()
            if heading not in kinds:
                mistakes.append(f"{path}:{number}: [{heading}]: unknown; known: {', '.join(sorted(kinds))}")
            kind = kinds.get(heading, kind)
            continue
        for word in re.split(r"[\s\-.,;]+", line.lower()):
            if strange := sorted(set(word) - set(letters)):
                mistakes.append(f"{path}:{number}: {word}: cannot be spelled, the model has no {' '.join(strange)}")
            elif word:
                found.append((word, kind))
    if mistakes or not found:
        raise SettingsError(mistakes or f"{path}: there is no word in it")
    return found


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise SettingsError(f"{path}: larger than {_LARGEST_BYTES // 1_000_000} MB")
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise SettingsError(f"{path}: cannot be read: {fault}") from fault
    for number, line in enumerate(text.splitlines(), start=1):
        if words := line.partition("#")[0].strip():
            yield number, words
