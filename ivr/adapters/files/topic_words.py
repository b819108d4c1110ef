"""Reads the words of the topics from `config/topics.ru.toml`; every mistake is named with its line, for the curator."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ivr.adapters.files.tables import place_of
from ivr.adapters.files.ui import words
from ivr.language.lexicon import Landmarks, Pair, TopicWords
from ivr.language.text import plain

WEIGHTS = {"certain": 6.0, "strong": 4.0, "medium": 2.5, "weak": 1.0, "against": -3.0, "never": -9.0}
_LISTS, _PAIRS = (*WEIGHTS, "brief"), ("pairs", "decisive")
_KEYS = ("title", *_LISTS, *_PAIRS, "phrases")
_WORD = re.compile(r"=?[^\W\d_]+(?:-[^\W\d_]+)*")

Keys = tuple[str, ...]


def read_topic_words(
    file: Mapping[str, Any], path: Path, mistakes: list[str]
) -> tuple[tuple[TopicWords, ...], Landmarks]:
    """The topics in the file's order, and the landmarks.

    Args:
        file: what the file says.
        path: where it is.
        mistakes: what is wrong is added here, one sentence a mistake: file, line, what to do.
    """
    reader = _Reader(path, mistakes)
    topics = reader.table(("topics",), file.get("topics", {}))
    landmarks = reader.landmarks(reader.table(("landmarks",), file.get("landmarks", {})), topics)
    return tuple(reader.topic(key, reader.table(("topics", key), entry)) for key, entry in topics.items()), landmarks


class _Reader:
    """Reads one file and collects what is wrong with it; what is wrong is left out of what it gives."""

    def __init__(self, path: Path, mistakes: list[str]) -> None:
        self._path, self._mistakes = path, mistakes

    def table(self, keys: Keys, entry: Any) -> Mapping[str, Any]:
        """The entry, if it is a table."""
        if isinstance(entry, dict):
            return entry
        self._wrong(keys, words("word_files.not_table"))
        return {}

    def topic(self, key: str, entry: Mapping[str, Any]) -> TopicWords:
        """One topic with its words."""
        for name in entry:
            if name not in _KEYS:
                close = get_close_matches(name, _KEYS, 1) or [", ".join(_KEYS)]
                self._wrong(("topics", key, name), words("word_files.unknown", given=name, close=close[0]))
        lists = {name: self._words(("topics", key, name), entry.get(name, "")) for name in _LISTS}
        self._said_twice(key, {name: lists[name] for name in WEIGHTS})
        weights = {word: weight for name, weight in WEIGHTS.items() for word in lists[name]}
        pairs, decisive = (self._pairs(("topics", key, name), entry.get(name, [])) for name in _PAIRS)
        phrases = self._phrases(("topics", key, "phrases"), entry.get("phrases", ""))
        title = str(entry.get("title", key))
        return TopicWords(key, title, weights, pairs, decisive, frozenset(lists["brief"]), phrases)

    def landmarks(self, entry: Mapping[str, Any], topics: Mapping[str, Any]) -> Landmarks:
        """Words before places; the topics they are said for, which there must be."""
        named = entry.get("topics", [])
        if not isinstance(named, list):
            self._wrong(("landmarks", "topics"), words("word_files.not_list", given=named))
            named = []
        for topic in named:
            if topic not in topics:
                self._wrong(("landmarks", "topics"), words("word_files.no_topic", given=topic), str(topic))
        before = frozenset(self._words(("landmarks", "before"), entry.get("before", "")))
        idioms = self._phrases(("landmarks", "idioms"), entry.get("idioms", ""))
        return Landmarks(before, frozenset(map(str, named)), idioms)

    def _phrases(self, keys: Keys, listed: Any) -> tuple[str, ...]:
        """Phrases between commas; every word of them is a word."""
        if not isinstance(listed, str):
            self._wrong(keys, words("word_files.not_text", given=listed))
            return ()
        phrases = [" ".join(phrase.split()) for phrase in listed.split(",")] if listed.strip() else []
        for phrase in phrases:
            self._sound(keys, phrase.split(" "))
        return tuple(plain(phrase) for phrase in phrases if phrase)

    def _words(self, keys: Keys, listed: Any) -> list[str]:
        if not isinstance(listed, str):
            self._wrong(keys, words("word_files.not_text", given=listed))
            return []
        return self._sound(keys, listed.split(",") if listed.strip() else ())

    def _sound(self, keys: Keys, listed: Iterable[str]) -> list[str]:
        """Those that are words; an empty one, and two without a mark between them, are mistakes."""
        found: list[str] = []
        for word in (given.strip() for given in listed):
            if _WORD.fullmatch(word):
                found.append(word[0] + plain(word[1:]) if word.startswith("=") else plain(word))
            elif not word:
                self._wrong(keys, words("word_files.empty"))
            else:
                self._wrong(keys, words("word_files.not_a_word", given=word), word)
        return found

    def _said_twice(self, key: str, lists: Mapping[str, list[str]]) -> None:
        """A word can have one weight only."""
        weight: dict[str, str] = {}
        for name, listed in lists.items():
            for word in listed:
                if weight.setdefault(word, name) != name:
                    sentence = words("word_files.twice", given=word, other=weight[word])
                    self._wrong(("topics", key, name), sentence, word)

    def _pairs(self, keys: Keys, listed: Any) -> tuple[Pair, ...]:
        if not isinstance(listed, list):
            self._wrong(keys, words("word_files.not_list", given=listed))
            return ()
        return tuple(pair for given in listed if (pair := self._pair(keys, given)))

    def _pair(self, keys: Keys, given: Any) -> Pair | None:
        sides = given.split("+") if isinstance(given, str) else []
        if len(sides) != 2:
            self._wrong(keys, words("word_files.not_pair", given=given), str(given))
            return None
        first, second = (self._sound(keys, side.split("|")) for side in sides)
        return (frozenset(first), frozenset(second)) if first and second else None

    def _wrong(self, keys: Keys, sentence: str, item: str = "") -> None:
        where = place_of(self._path, *keys, item=item)
        self._mistakes.append(f"{where}: {'.'.join(keys)}: {sentence}")
