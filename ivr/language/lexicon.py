"""The words that understanding rests on, as data; read from `config/*.ru.toml` by the files adapter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ivr.language.flags import FlagWords
from ivr.language.name_forms import NameWords
from ivr.language.text import Phrases

Pair: TypeAlias = tuple[frozenset[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class TopicWords:
    """Words of one topic, in their dictionary form (appendix 2's list).

    Attributes:
        weights: how much each word speaks for the topic, or against it.
        pairs: words of the one set near words of the other speak for it too.
        decisive: pairs that settle it.
        brief: words that settle it when hardly anything else is said.
        phrases: words said just so, one after another, that settle it.
    """

    key: str
    title: str
    weights: Mapping[str, float] = field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()
    decisive: tuple[Pair, ...] = ()
    brief: frozenset[str] = frozenset()
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Landmarks:
    """What is said without being meant: places that only say where, and turns of speech.

    Attributes:
        before, topics: a word of these topics after one of these prepositions hardly counts.
        idioms: their words say nothing («который день», «за счёт»).
    """

    before: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    idioms: tuple[str, ...] = ()


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
    """All word lists by section and key.

    Attributes:
        numerals: values of number words, as they are said, declined and misheard.
        repeated_digits: digits of words like «нуля» in «два нуля».
        city_codes: names of towns by the code of their six-digit numbers.
        words: single words of a list, by "section.key".
        phrases: the whole list, phrases of several words included.
        topics: the regulation's topics with their words.
        names: names and endings of names.
        officials: name, patronymic and surname of those who are addressed by name but do not call.
        landmarks: how topics' words are said merely as places.
        number_plan: how local numbers are completed.
        ordinals: values of ordinal numbers by their dictionary form.
        house_letters: letters of houses, as they are called.
        localities, streets: the municipality's, as they are written.
        flags: what flags are known by.
    """

    numerals: Mapping[str, int]
    repeated_digits: Mapping[str, int]
    city_codes: Mapping[str, frozenset[str]]
    words: Mapping[str, frozenset[str]]
    phrases: Mapping[str, Phrases]
    topics: tuple[TopicWords, ...]
    names: NameWords
    officials: tuple[tuple[str, str, str], ...] = ()
    landmarks: Landmarks = field(default_factory=Landmarks)
    number_plan: NumberPlan = field(default_factory=NumberPlan)
    ordinals: Mapping[str, int] = field(default_factory=dict)
    house_letters: Mapping[str, str] = field(default_factory=dict)
    localities: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()
    flags: FlagWords = field(default_factory=lambda: FlagWords({}, {}, {}, {}))

    def section(self, name: str) -> dict[str, frozenset[str]]:
        """The lists of one section by their own names."""
        return {
            group.removeprefix(f"{name}."): listed
            for group, listed in self.words.items()
            if group.startswith(f"{name}.")
        }

    def has(self, group: str, word: str) -> bool:
        """The word belongs to the group, for example "phones.fillers"."""
        return word in self.words.get(group, frozenset())
