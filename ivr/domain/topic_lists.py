"""The words of a topic as people write them: lists between commas, pairs one a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WORDS = ("certain", "strong", "medium", "weak", "against", "never", "brief", "phrases")
"""Lists of words or phrases between commas."""

PAIRS = ("pairs", "decisive")
"""Lists of pairs, one a line: "one | other + third | fourth"."""


@dataclass(frozen=True, slots=True)
class TopicLists:
    """One topic.

    Attributes:
        title: as the regulation has it.
        lists: by name, as they are written; those that are empty are missing.
    """

    key: str
    title: str
    lists: Mapping[str, str]

    @property
    def count(self) -> int:
        """How many words, phrases and pairs it is recognised by."""
        return sum(len([word for word in text.replace("\n", ",").split(",") if word.strip()])
                   for text in self.lists.values())  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a file of words.

    Attributes:
        line: 1, 2, 3 …; 0: the file as a whole.
        place: which list, "topics.snow.strong".
    """

    line: int
    place: str
    sentence: str
