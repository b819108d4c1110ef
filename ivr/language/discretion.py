"""What must not leave the house is taken out of free text: numbers of telephones and flats, names of people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ivr.domain.contact import PersonName
from ivr.language.lexicon import Lexicon
from ivr.language.morphology import Morphology
from ivr.language.phone_runs import find_runs

_DATE = r"\b\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})\b"
_MAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_DIGITS = r"\+?\d(?:[\s().\u2010-\u2015-]{0,3}\d){4,}"
_WRITTEN = re.compile(f"(?P<kept>{_DATE})|{_MAIL}|{_DIGITS}")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*|\d+")
_INITIALS = r"(?:[^\W\d_a-z]\.\s?){1,2}"
_LONG_NUMBER = 5
_NUMBER_WORDS = 3
_SURE = 0.35
_DOUBTFUL = 0.3
_ROLES = ("Patr", "Surn", "Name")
_OWN_NAMES = (*_ROLES, "Geox", "Orgn", "Trad")
_STEM = 4
_STREET_REACH = 2


@dataclass(frozen=True, slots=True)
class Covers:
    """What stands in the place of hidden words, and the words that a flat's number follows."""

    number: str
    name: str
    flats: frozenset[str] = frozenset()


class Discretion:
    """Hides numbers and names (clause 19: the weekly report leaves the house; appendix 3 holds nothing personal)."""

    def __init__(self, lexicon: Lexicon, morphology: Morphology, covers: Covers) -> None:
        self._lexicon = lexicon
        self._morphology = morphology
        self._covers = covers
        name, number = re.escape(covers.name), re.escape(covers.number)
        self._beside = re.compile(rf"{_INITIALS}(?={name})|(?<={name})\s?{_INITIALS}(?!\w)")
        self._repeated = re.compile(rf"({name}|{number})(?:[\s,]*\1)+")

    def hide(self, text: str, caller: PersonName | None = None) -> str:
        """The text without what points to a person; streets and houses stay, for they name the trouble.

        Args:
            caller: the caller's name as known: it is hidden in every form, whatever the dictionary says.
        """
        text = _WRITTEN.sub(lambda found: found["kept"] or self._covers.number, text)
        words = list(_WORD.finditer(text))
        hidden = dict(self._numbers(words)) | dict(self._names(words, caller))
        pieces, end = [], 0
        for place, word in enumerate(words):
            if place in hidden:
                pieces += [text[end : word.start()], hidden[place]]
                end = word.end()
        text = "".join([*pieces, text[end:]])
        return self._repeated.sub(r"\1", self._beside.sub("", text)).strip()

    def _numbers(self, words: Sequence[re.Match[str]]) -> Iterator[tuple[int, str]]:
        spoken = [word[0].lower() for word in words]
        for run in find_runs(spoken, self._lexicon):
            said = not all(word.isdigit() for word in spoken[run.start : run.end])  # written ones are seen above
            digits = sum(len(numeral.digits) for numeral in run.numerals)
            long = said and digits >= _LONG_NUMBER and len(run.numerals) >= _NUMBER_WORDS
            flat = run.start > 0 and spoken[run.start - 1] in self._covers.flats
            if long or flat:
                yield from ((place, self._covers.number) for place in range(run.start, run.end))

    def _names(self, words: Sequence[re.Match[str]], caller: PersonName | None) -> Iterator[tuple[int, str]]:
        known = [part.lower() for part in (caller.full.split() if caller else ())]
        spoken = [word[0].lower() for word in words]
        street = {
            place
            for place in range(len(spoken))
            if any(
                self._lexicon.has("addresses.street_types", word)
                for word in spoken[max(place - _STREET_REACH, 0) : place]
            )
        }
        sure = {
            place
            for place, word in enumerate(spoken)
            if self._same(word, known) or (place not in street and self._sounds(word) >= _SURE)
        }
        for place, word in enumerate(spoken):
            near = {at for at in sure & {place - 1, place + 1} if _written_alike(words[place][0], words[at][0])}
            if place in sure or (near and place not in street and self._sounds(word)):
                yield place, self._covers.name

    def _same(self, word: str, known: Sequence[str]) -> bool:
        lemma = self._morphology.lemma(word)
        return any(lemma == self._morphology.lemma(part) or _one_stem(word, part) for part in known)

    def _sounds(self, word: str) -> float:
        """How surely a word is a name, 0 to 1; little when it is a thing or a creature as well (hope, rose, frost)."""
        parses = self._morphology.parses(word)
        named: float = sum(parse.score for parse in parses if any(role in parse.tag for role in _ROLES))
        common = any("NOUN" in parse.tag and not any(role in parse.tag for role in _OWN_NAMES) for parse in parses)
        return min(named, _DOUBTFUL) if common else named


def _written_alike(word: str, name: str) -> bool:
    """Beside a name with a capital, a word without one is no name: «Остап, свет отключили»."""
    return word[:1].isupper() or not name[:1].isupper()


def _one_stem(word: str, part: str) -> bool:
    """Two forms of one name that the dictionary does not know: equal but for an ending of three letters."""
    common = 0
    for one, other in zip(word, part, strict=False):
        if one != other:
            break
        common += 1
    return common >= max(_STEM, len(part) - 2) and abs(len(word) - len(part)) <= 3 and len(word) - common <= 3
