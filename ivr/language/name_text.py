"""A text prepared for the search for names: at each word the parts of a name that it may be, whole or torn in two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ivr.language.gazetteer import Gazetteer
from ivr.language.lexicon import Lexicon
from ivr.language.morphology import Morphology
from ivr.language.name_context import NameContext
from ivr.language.name_forms import NAME, PATRONYMIC, RARE, SOLID, SURNAME, NameForms, Part

ROLES = (SURNAME, NAME, PATRONYMIC)
_LONGEST_CHAIN = 6
_SHORTEST_STUTTER, _MOST_STUTTERS = 2, 3
_SHORTEST_TORN = 6
_TORN = -0.15


@dataclass(frozen=True, slots=True)
class Token:
    """Words [start, end) as one part of a name; a penalty when it had to be put together."""

    start: int
    end: int
    parts: tuple[Part, ...]
    penalty: float = 0.0


@dataclass(frozen=True, slots=True)
class NameKnowledge:
    """What the search for names rests on.

    Attributes:
        matters: words of the topics: hardly surnames.
        gazetteer: a place is not a surname.
        lists: the section of names.
    """

    lexicon: Lexicon
    morphology: Morphology
    forms: NameForms
    matters: frozenset[str]
    gazetteer: Gazetteer
    lists: Mapping[str, frozenset[str]]


class NameText:
    """One text, with its tokens.

    Args:
        raw: the words as heard, lower case.
        words: the same by `text.split`.
        knowledge: words and forms.
        masked: places of telephone numbers.
        asked: the text answers the question for the name.
    """

    def __init__(
        self, raw: Sequence[str], words: Sequence[str], knowledge: NameKnowledge, masked: frozenset[int], asked: bool
    ) -> None:
        self.raw, self.words, self.masked, self.asked = raw, words, masked, asked
        self.knowledge, self.forms = knowledge, knowledge.forms
        self.context = NameContext(words, knowledge.lexicon, knowledge.lists, masked)
        self.oblique = self._oblique_places()
        self.tokens = [self._tokens_at(place) for place in range(len(words))]

    def has(self, group: str, word: str) -> bool:
        """The word belongs to a list of names."""
        return self.context.has(group, word)

    def chains(self, start: int, most: int) -> Iterator[tuple[Token, ...]]:
        """Tokens one after another, at most so many."""
        for token in self.tokens[start] if start < len(self.tokens) else ():
            yield (token,)
            if most > 1:
                for rest in self.chains(self._after_stutter(token.end), most - 1):
                    yield (token, *rest)

    def _oblique_places(self) -> list[bool]:
        """Where a word may belong to a name in another case than the nominative."""
        lists, nothing = self.knowledge.lists, frozenset[str]()
        asking, booking = lists.get("call_back", nothing), lists.get("booking", nothing)
        later = asking | booking | lists.get("called", nothing)
        earlier = asking | booking | lists.get("from_words", nothing)
        found = [False] * len(self.words)
        for place, word in enumerate(self.words):
            if word in later:
                first = max(place - _LONGEST_CHAIN, 0)
                found[first:place] = [True] * (place - first)
            if word in earlier:
                last = min(place + 2 * _LONGEST_CHAIN, len(found) - 1)
                found[place + 1 : last + 1] = [True] * (last - place)
        return found

    def _after_stutter(self, place: int) -> int:
        """The next word, without its beginning said before it («анат анатольевна»)."""
        for _ in range(_MOST_STUTTERS):
            if place + 1 >= len(self.words) or not self._is_stutter(place):
                break
            place += 1
        return place

    def _is_stutter(self, place: int) -> bool:
        word, following = self.words[place], self.words[place + 1]
        if word == following or len(word) < _SHORTEST_STUTTER or not following.startswith(word):
            return word == following
        named = place > 0 and self._is(NAME, place - 1) and self._is(PATRONYMIC, place + 1)
        return named or all(part.weight < RARE for token in self.tokens[place] for part in token.parts)

    def _is(self, role: str, place: int) -> bool:
        return any(part.role == role and part.weight >= SOLID for token in self.tokens[place] for part in token.parts)

    def _tokens_at(self, place: int) -> tuple[Token, ...]:
        if place in self.masked:
            return ()
        found = []
        parts = self.forms.of(self.raw[place], self.oblique[place])
        if parts and not self.has("no_names", self.words[place]):
            found.append(Token(place, place + 1, parts))
        torn = self.torn(place)
        return (*found, torn) if torn else tuple(found)

    def torn(self, place: int) -> Token | None:
        """A part torn in two («петров на», «о лег», «бел кина»), or of two words («Мамед оглы»)."""
        if place + 1 >= len(self.words) or place + 1 in self.masked:
            return None
        first, second = self.raw[place], self.words[place + 1]
        if self.has("parts", second):
            names = any(part.role == NAME for part in self.forms.of(first))
            whole = Part(PATRONYMIC, f"{first} {second}", None, None, 1.2)
            return Token(place, place + 2, (whole,)) if names else None
        if all(self.has("no_names", word) for word in (self.words[place], second)):
            return None
        is_name = any(part.role == NAME for part in self.forms.of(first))  # «степан ида»: hardly two names
        if is_name and self._links(second):
            return None
        joined = first + second
        wanted = self._wanted(place, joined)
        forms = self.forms.of(joined, self.oblique[place]) if wanted else ()
        parts = tuple(part for part in forms if part.role in wanted and (part.role != SURNAME or part.weight >= SOLID))
        sure = is_name or not self.knowledge.morphology.known(self.words[place])
        return Token(place, place + 2, parts, -_TORN if sure else _TORN) if parts else None

    def _wanted(self, place: int, whole: str) -> set[str]:
        """Which parts two words may make together."""
        second = self.words[place + 1]
        wanted = {PATRONYMIC} if self.has("patronymic_ends", second) else set[str]()
        if self.knowledge.morphology.known(whole):
            wanted |= {NAME, PATRONYMIC}
            if len(whole) >= _SHORTEST_TORN and not self.has("no_names", second) and self._is_rest(place):
                wanted.add(SURNAME)
        return wanted

    def _is_rest(self, place: int) -> bool:
        """The second word is no name of its own, or the first is no word."""
        return not self._is_name(place + 1) or not self.knowledge.morphology.known(self.words[place])

    def _links(self, word: str) -> bool:
        """A pronoun, a preposition or a conjunction, that may well stand after a name."""
        parses = self.knowledge.morphology.parses(word)
        return bool(parses) and parses[0].tag.POS in {"NPRO", "PREP", "CONJ", "PRCL"}

    def _is_name(self, place: int) -> bool:
        """The word is surely a part of a name by itself."""
        return any(part.weight >= SOLID for part in self.forms.of(self.raw[place]))
