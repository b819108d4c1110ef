"""The words of the topics as the console changes them: people's own file over the installer's.

Fulfils `ports.house.TopicBook`.
"""

from __future__ import annotations

import re
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ivr.adapters.files.layers import Layers
from ivr.adapters.files.lexicons import read_lexicon
from ivr.adapters.files.tables import quoted
from ivr.adapters.files.topic_words import read_topic_words
from ivr.adapters.files.ui import words
from ivr.adapters.files.versions import write_safely
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.domain.topic_lists import PAIRS, WORDS, Mistake, TopicLists
from ivr.domain.vocabulary import Kind
from ivr.errors import SettingsError
from ivr.language.facts import Certain
from ivr.language.lexicon import NumberPlan
from ivr.language.morphology import Morphology
from ivr.language.understanding import Understanding

NAME = "topics.ru.toml"
_SAID = re.compile(r"(?P<path>.*?)(?::(?P<line>\d+))?: (?P<place>[\w.]+): (?P<sentence>.*)", re.DOTALL)
_NEXT = r"(?:^[ \t]*(?:#[^\n]*)?\n)*^\["
"""The next table, with the empty lines and remarks before it."""
_SYNTAX = re.compile(r"\(at line (\d+), column \d+\)")


class FileTopicBook:
    """`topics.ru.toml`.

    Args:
        folders: where the word lists are.
        plan: how local numbers are completed, for trying phrases.
    """

    def __init__(self, folders: Layers, plan: NumberPlan) -> None:
        self._folders, self._plan = folders, plan
        self._morphology: Morphology | None = None
        self._known: tuple[str, Understanding] | None = None

    def text(self) -> str:
        """The file that holds."""
        return (self._folders / NAME).read_text("utf-8")

    def installed(self) -> str:
        """The installer's."""
        return (self._folders.under / NAME).read_text("utf-8")

    def topics(self) -> Sequence[TopicLists]:
        """In the regulation's order."""
        tables = tomllib.loads(self.text())["topics"]
        return [TopicLists(key, str(table.get("title", key)), _written(table)) for key, table in tables.items()]

    def with_topic(self, key: str, lists: Mapping[str, str]) -> str:
        """The whole file with other lists of one topic; everything else stays as it is written."""
        text = self.text()
        title = next(topic.title for topic in self.topics() if topic.key == key)
        lines = [f"[topics.{key}]", f"title = {quoted(title)}"]
        lines += [f"{name} = {quoted(' '.join(lists[name].split()))}" for name in WORDS if lists.get(name, "").strip()]
        for name in PAIRS:
            pairs = [" ".join(line.split()) for line in lists.get(name, "").splitlines() if line.strip()]
            lines += [f"{name} = [{', '.join(map(quoted, pairs))}]"] if pairs else []
        section = re.compile(rf"^\[topics\.{re.escape(key)}\]\n.*?(?={_NEXT}|\Z)", re.MULTILINE | re.DOTALL)
        whole = "\n".join(lines) + "\n"
        return section.sub(lambda _found: whole, text, count=1)

    def mistakes(self, text: str) -> Sequence[Mistake]:
        """What is wrong with such a file, with its lines; titles and keys are the regulation's and stay."""
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as fault:
            found = _SYNTAX.search(str(fault))
            return [Mistake(int(found[1]) if found else 0, "", words("topic_book.syntax"))]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / NAME
            file.write_text(text, "utf-8")
            said: list[str] = []
            read_topic_words(table, file, said)
            try:
                lists = read_vocabulary(Layers(Path(folder), self._folders.under)).lists
            except SettingsError as fault:
                said += fault.mistakes
                lists = {}
        mistakes = [_mistake(one) for one in said]
        regulated = read_vocabulary(self._folders).titles(Kind.TOPICS)
        given = {key: term.title for key, term in lists.get(Kind.TOPICS, {}).items()}
        if lists and list(given.items()) != list(regulated.items()):
            differ = sorted({*given.items()} ^ {*regulated.items()}) or list(given.items())
            mistakes.append(Mistake(_line(text, f"topics.{differ[0][0]}"), f"topics.{differ[0][0]}",
                                    words("topic_book.titles")))  # fmt: skip
        return mistakes

    def keep(self, text: str) -> None:
        """From now on this holds."""
        write_safely(self._folders.over / NAME, text.encode())

    def forget(self) -> None:
        """The installer's file holds."""
        (self._folders.over / NAME).unlink(missing_ok=True)

    def reader(self, text: str) -> Callable[[str], Sequence[Certain[str]]]:
        """What finds the topics of a message with such a file; the one made last is kept."""
        if self._known is None or self._known[0] != text:
            self._morphology = self._morphology or Morphology()
            with tempfile.TemporaryDirectory() as folder:
                (Path(folder) / NAME).write_text(text, "utf-8")
                lexicon = read_lexicon(Layers(Path(folder), self._folders.under), self._plan)
            self._known = (text, Understanding(lexicon, self._morphology))
        understand = self._known[1]
        return lambda message: understand(message).topics


def _written(table: Mapping[str, Any]) -> dict[str, str]:
    lists = {name: str(table[name]) for name in WORDS if table.get(name)}
    return lists | {name: "\n".join(map(str, table[name])) for name in PAIRS if table.get(name)}


def _mistake(said: str) -> Mistake:
    found = _SAID.fullmatch(said)
    if found is None:
        return Mistake(0, "", said.rpartition("/")[2])
    return Mistake(int(found["line"] or 0), found["place"], found["sentence"])


def _line(text: str, table: str) -> int:
    lines = text.splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.strip() == f"[{table}]"), 0)
