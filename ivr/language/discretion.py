"""What must not leave the house is taken out of free text: numbers of telephones and flats, names of people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ivr.domain.contact import PersonName
from ivr.language.lexicon import Lexicon
from ivr.language.morphology import Morphology
from ivr.language.names_told import NamesTold, Word
from ivr.language.phone_runs import Run, find_runs
from ivr.language.text import plain

_DATE = r"\b\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})\b"
_TIMES = r"\b\d{1,2}[.:]\d{2}\s?[-\u2013]\s?\d{1,2}[.:]\d{2}\b"
_MAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_PLATE = r"\b[^\W\d_]\s?\d{3}\s?[^\W\d_]{2}\s?\d{2,3}\b"
_DIGITS = r"\+?\d(?:[\s().\u2010-\u2015-]{0,3}\d){4,}"
_WRITTEN = re.compile(f"(?P<kept>{_DATE}|{_TIMES})|{_MAIL}|{_PLATE}|{_DIGITS}")
_MAY_BE_WRITTEN = re.compile(r"[\d@]")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*|\d+")
_INITIALS = r"(?:[^\W\d_a-z]\.\s?){1,2}"
_LONG_NUMBER = 5
_NUMBER_WORDS = 3


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
        self._names = NamesTold(lexicon, morphology)
        self._covers = covers
        name, number = re.escape(covers.name), re.escape(covers.number)
        self._beside = re.compile(rf"{_INITIALS}(?={name})|(?<={name})\s?{_INITIALS}(?!\w)")
        self._repeated = re.compile(rf"({name}|{number})(?:[\s,]*\1)+")

    def hide(self, text: str, caller: PersonName | None = None) -> str:
        """The text without what points to a person; streets and houses stay, for they name the trouble.

        Args:
            caller: the caller's name as known: it is hidden in every form, whatever the dictionary says.
        """
        written = text
        if _MAY_BE_WRITTEN.search(text):
            text = _WRITTEN.sub(lambda found: found["kept"] or self._covers.number, text)
        found = list(_WORD.finditer(text))
        words = _words(text, found)
        hidden = dict.fromkeys(self._numbers([word.plain for word in words]), self._covers.number)
        hidden |= dict.fromkeys(self._names.places(words, caller), self._covers.name)
        if not hidden and text == written and self._covers.name not in text:
            return text.strip()
        pieces, end = [], 0
        for place, word in enumerate(found):
            if place in hidden:
                pieces += [text[end : word.start()], hidden[place]]
                end = word.end()
        text = "".join([*pieces, text[end:]])
        return self._repeated.sub(r"\1", self._beside.sub("", text)).strip()

    def _numbers(self, spoken: Sequence[str]) -> Iterator[int]:
        if not any(word in self._lexicon.numerals or word.isdigit() for word in spoken):
            return
        for runs in _one_number(find_runs(spoken, self._lexicon)):
            numerals = [numeral for run in runs for numeral in run.numerals]
            digits = sum(len(numeral.digits) for numeral in numerals)
            said = not all(word.isdigit() for run in runs for word in spoken[run.start : run.end])  # else seen above
            is_long = said and digits >= _LONG_NUMBER and len(numerals) >= _NUMBER_WORDS
            for run in runs:
                if is_long or self._is_flat(spoken, run):
                    yield from range(run.start, run.end)

    def _is_flat(self, spoken: Sequence[str], run: Run) -> bool:
        """«Квартира пять», but not «в квартире пять градусов»: what follows is counted."""
        if not (run.start and spoken[run.start - 1] in self._covers.flats):
            return False
        after = spoken[run.end] if run.end < len(spoken) else ""
        tags = [parse.tag for parse in self._morphology.parses(after)[:1]]
        return not any("NOUN" in tag and "plur" in tag and "gent" in tag for tag in tags)


def _one_number(runs: Sequence[Run]) -> Iterator[list[Run]]:
    """Runs that may be parts of one number, or take a part of it back."""
    group: list[Run] = []
    for run in runs:
        if group and not (run.may_continue or run.corrects or run.ending or run.instead):
            yield group
            group = []
        group.append(run)
    if group:
        yield group


def _words(text: str, found: Sequence[re.Match[str]]) -> list[Word]:
    """The words with what their letters and their neighbourhood say."""
    words = []
    for place, word in enumerate(found):
        said = word[0]
        if not said[0].isupper():
            words.append(_small(said))
            continue
        before = text[found[place - 1].end() if place else 0 : word.start()]
        opens = not place or any(mark in before for mark in ".!?\n")
        stopped = text[word.end() : word.end() + 1] == "."
        words.append(Word(plain(said), said, opens=opens, is_initial=len(said) == 1 and stopped))
    return words


@lru_cache(20_000)
def _small(said: str) -> Word:
    """A word without a capital letter: its neighbourhood says nothing."""
    return Word(plain(said), said)
