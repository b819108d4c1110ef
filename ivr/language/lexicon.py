"""The words that understanding rests on, as data; read from `config/*.ru.toml` by the files adapter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TopicWords:
    """Words of one topic, in their dictionary form (appendix 2's list)."""

    key: str
    title: str
    strong: tuple[str, ...] = ()
    medium: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NumberPlan:
    """How local numbers are completed (interpretation 6).

    Attributes:
        local_code: put before 5 digits.
        regional_code: put before 6 digits that begin with `regional_prefix`.
    """

    local_code: str = "48755"
    regional_code: str = "4875"
    regional_prefix: str = "5"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All word lists by section and key."""

    numerals: Mapping[str, int]
    repeated_digits: Mapping[str, int]
    words: Mapping[str, frozenset[str]]
    topics: tuple[TopicWords, ...]
    number_plan: NumberPlan = field(default_factory=NumberPlan)

    def has(self, group: str, word: str) -> bool:
        """The word belongs to the group, for example "phones.fillers"."""
        return word in self.words.get(group, frozenset())
