"""Where a text names people: by the dictionary, by what stands around a word, by capital letters and initials."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ivr.domain.contact import PersonName
from ivr.language.lexicon import Lexicon
from ivr.language.morphology import Morphology
from ivr.language.text import plain

_KEPT = 20_000
_SURE = 0.35
_DOUBTFUL = 0.3
_LIKELY = 0.1
_ROLES = ("Patr", "Surn", "Name")
_OWN_NAMES = (*_ROLES, "Geox", "Orgn", "Trad")
_SMALL = ("CONJ", "PRCL", "PREP", "NPRO", "INTJ")
_FUNCTION = ("PRED", "ADVB", "VERB", "INFN", "NUMR")
_NO_SURNAMES = ("no_names", "no_surnames", "roles", "relatives")
_LABELS = ("surname_label", "name_label", "patronymic_label", "introductions")
_STEM = 4
_STREET_REACH = 2
_AFTER_LABEL = 2


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text.

    Attributes:
        plain: as words are compared. text: as it was written.
        opens: it opens a sentence, so that its capital letter says nothing.
        is_initial: one capital letter with a full stop.
    """

    plain: str
    text: str
    opens: bool = False
    is_initial: bool = False

    @property
    def is_capital(self) -> bool:
        """Written like a proper name."""
        return not self.opens and len(self.text) > 1 and self.text[0].isupper() and self.text[1:].islower()


@dataclass(frozen=True, slots=True)
class _Known:
    """The parts of a name that is known, their dictionary forms and the beginnings they have in every form."""

    parts: tuple[str, ...]
    lemmas: frozenset[str]
    stems: frozenset[str]

    def has(self, lemma: Callable[[str], str], word: str) -> bool:
        """The word is a form of one of them."""
        if word[:_STEM] in self.stems and any(_one_stem(word, part) for part in self.parts):
            return True
        return lemma(word) in self.lemmas


class NamesTold:
    """Finds the places of names; rather one word too many than a name that leaves the house."""

    def __init__(self, lexicon: Lexicon, morphology: Morphology) -> None:
        self._lexicon = lexicon
        self._morphology = morphology
        self._lemma = lru_cache(_KEPT)(morphology.lemma)
        self._sounds = lru_cache(_KEPT)(self._heard)
        self._kinds = lru_cache(_KEPT)(self._look_up)
        self._surname_ends = tuple(end for ends in lexicon.names.surname_ends.values() for end in ends)

    def places(self, words: Sequence[Word], caller: PersonName | None) -> set[int]:
        """Places of words that name somebody.

        Args:
            caller: the caller's name as known, hidden in every form.
        """
        spoken = [word.plain for word in words]
        kinds = frozenset().union(*map(self._kinds, spoken))
        known = self._known(caller)
        street = self._street_places(spoken) if "street" in kinds else set()
        sure = set(self._labelled(spoken)) if "label" in kinds else set()
        for place, word in enumerate(spoken):
            named = place not in street and self._is_named(words, place, word)
            if (
                named
                or ("short" in kinds and self._is_short(spoken, place))
                or (known and known.has(self._lemma, word))
            ):
                sure.add(place)
        if not sure:
            return sure
        told = sure | {place for at in sure for place in self._beside(words, at, sure | street)}
        if any(words[place].text[0].isupper() for place in told):
            return told  # a text with capital letters has them on surnames too
        return told | set(self._surnames_beside(spoken, told, street))

    def _known(self, caller: PersonName | None) -> _Known | None:
        parts = tuple(plain(caller.full).split()) if caller else ()
        if not parts:
            return None
        return _Known(parts, frozenset(map(self._lemma, parts)), frozenset(part[:_STEM] for part in parts))

    def _beside(self, words: Sequence[Word], at: int, others: set[int]) -> Iterator[int]:
        """Words next to a name that may be one as well; beside «Остап» only those with a capital are."""
        for place in {at - 1, at + 1} - others:
            if not 0 <= place < len(words):
                continue
            word, name = words[place], words[at]
            alike = word.text[0].isupper() or not name.text[0].isupper()
            sounds = self._sounds(word.plain) and "small" not in self._kinds(word.plain)
            if alike and (sounds or word.is_capital):
                yield place

    def _is_short(self, spoken: Sequence[str], place: int) -> bool:
        """«Пал палыч»."""
        if "short" not in self._kinds(spoken[place]):
            return False
        return any("patronymic" in self._kinds(word) for word in spoken[place + 1 : place + 2])

    def _is_named(self, words: Sequence[Word], place: int, word: str) -> bool:
        sounds = self._sounds(word)
        if sounds >= _SURE or (sounds and words[place].is_capital):
            return True
        if len(word) == 1 or not words[place].text[0].isupper():
            return False
        return any(one.is_initial for one in (*words[max(place - 1, 0) : place], *words[place + 1 : place + 2]))

    def _street_places(self, spoken: Sequence[str]) -> set[int]:
        """What a street is called after; but a name with its patronymic is a person («на улице пушкина лариса …»)."""
        types = [place for place, word in enumerate(spoken) if "street" in self._kinds(word)]
        near = {place + reach for place in types for reach in range(1, _STREET_REACH + 1)}
        people = {place for place, word in enumerate(spoken[1:]) if near and "patronymic" in self._kinds(word)}
        return near - people

    def _labelled(self, spoken: Sequence[str]) -> Iterator[int]:
        """What somebody says himself to be a name: «фамилия моя …», «меня зовут …»."""
        for place, word in enumerate(spoken):
            if "label" not in self._kinds(word):
                continue
            after = place + 1
            while after < min(place + 1 + _AFTER_LABEL, len(spoken)) and "after_label" in self._kinds(spoken[after]):
                after += 1
            if after < len(spoken) and "small" not in self._kinds(spoken[after]):
                yield after

    def _surnames_beside(self, spoken: Sequence[str], told: set[int], street: set[int]) -> Iterator[int]:
        """A surname that is a thing or a creature too («волк андрей степанович», «… орехов» as the last word)."""
        for start, end in _runs(told):
            if not any("given" in self._kinds(word) for word in spoken[start:end]):
                continue
            left, right = start - 1, end
            opens = left == 0 or (left > 0 and "function" in self._kinds(spoken[left - 1]))
            if opens and left not in street and "nominal" in self._kinds(spoken[left]):
                yield left
            if right == len(spoken) - 1 and right not in street and "nominal" in self._kinds(spoken[right]):
                yield right

    def _heard(self, word: str) -> float:
        """How surely a word is a name, 0 to 1; little when it is a thing or a creature as well (hope, rose, frost)."""
        parses = self._morphology.parses(word)
        named: float = sum(parse.score for parse in parses if _has(parse, _ROLES))
        if not named or self._lexicon.has("names.greetings", word):
            return 0.0
        common = any("NOUN" in parse.tag and not _has(parse, _OWN_NAMES) for parse in parses)
        guessed = not self._morphology.known(word) and not any(_has(parse, ("Patr", "Surn")) for parse in parses)
        return min(named, _DOUBTFUL) if common or guessed or "function" in self._kinds(word) else named

    def _look_up(self, word: str) -> frozenset[str]:
        """What a word may be.

        "function": no name; "small": a word like «и», «на»; "given": a name or patronymic; "patronymic": that alone;
        "short": a name as it is said before one («пал палыч»);
        "nominal": a surname perhaps; "street": a kind of street; "label", "after_label": words before a name.
        """
        parses, has = self._morphology.parses(word), self._lexicon.has
        likely = [parse for parse in parses if parse.score >= _LIKELY]
        small = any(_has(parse, _SMALL) for parse in likely)
        function = small or word.isdigit() or any(_has(parse, _FUNCTION) for parse in likely)
        creature = any("anim" in parse.tag or "ADJF" in parse.tag for parse in parses)
        shaped = word.endswith(self._surname_ends)
        may_be = creature or shaped or not self._morphology.known(word)
        facts = {
            "function": function,
            "small": small,
            "given": any(_has(parse, ("Name", "Patr")) for parse in likely),
            "patronymic": word in self._lexicon.names.patronymics or any("Patr" in parse.tag for parse in likely),
            "short": word in self._lexicon.names.short,
            "nominal": may_be and not function and not any(has(f"names.{group}", word) for group in _NO_SURNAMES),
            "street": has("addresses.street_types", word),
            "label": any(has(f"names.{label}", word) for label in _LABELS),
            "after_label": has("names.after_label", word),
        }
        return frozenset(name for name, holds in facts.items() if holds)


def _runs(places: set[int]) -> Iterator[tuple[int, int]]:
    """Places that follow one another, as [start, end)."""
    start = end = -1
    for place in sorted(places):
        if place != end:
            if end > start:
                yield start, end
            start = place
        end = place + 1
    if end > start:
        yield start, end


def _has(parse: Any, grammemes: Sequence[str]) -> bool:
    return any(grammeme in parse.tag for grammeme in grammemes)


def _one_stem(word: str, part: str) -> bool:
    """Two forms of one name that the dictionary does not know: equal but for an ending of three letters."""
    common = 0
    for one, other in zip(word, part, strict=False):
        if one != other:
            break
        common += 1
    return common >= max(_STEM, len(part) - 2) and abs(len(word) - len(part)) <= 3 and len(word) - common <= 3
