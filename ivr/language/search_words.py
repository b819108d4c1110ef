"""What a message is found by: dictionary forms of its words, ends of its numbers, marks of its columns. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ivr.language.morphology import Morphology
from ivr.language.text import plain

EDITION = 1
"""Of the way words are kept: rows kept another way are kept anew."""

_ENDS = (4, 5, 6, 7, 10)
"""How many last digits of a number people search by."""

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\+?\d[\d\s()+-]*\d")
_LEAST_DIGITS, _WHOLE_DIGITS = 5, 10
_LONGEST_WORD, _ASKED_AT_MOST = 40, 12


@dataclass(frozen=True, slots=True)
class Said:
    """A word of a text: where it stands and what it is found by."""

    start: int
    end: int
    forms: frozenset[str]


class SearchWords:
    """Texts to tokens, and what is asked for to the same tokens.

    A token is a word in lower case with one letter for the two forms of "ye"; a mark of a column has a colon.
    """

    def __init__(self, morphology: Morphology) -> None:
        self._morphology = morphology

    def kept(self, texts: Iterable[str], numbers: Iterable[str] = (), marks: Iterable[str] = ()) -> frozenset[str]:
        """All that a message is found by.

        Args:
            texts: names, addresses, what was said and written.
            numbers: telephone numbers, E.164 or as they came.
            marks: see `mark`.
        """
        tokens = {form for text in texts for said in self.said(text) for form in said.forms}
        tokens.update(end for number in numbers for end in _ends(number))
        return frozenset(tokens.union(marks))

    def said(self, text: str) -> Iterator[Said]:
        """The words of a text."""
        for found in _WORD.finditer(text):
            yield Said(found.start(), found.end(), self._forms(found[0]))

    def asked(self, words: str) -> Sequence[frozenset[str]]:
        """What must be there, for each word or number one of these tokens; at most twelve words are looked at."""
        numbers: list[str] = []

        def take(found: re.Match[str]) -> str:
            digits = _digits(found[0])
            if len(digits) < _LEAST_DIGITS:
                return found[0]
            numbers.append(_end(digits))
            return " "

        rest = _NUMBER.sub(take, words)
        groups = [frozenset({number}) for number in numbers] + [said.forms for said in self.said(rest)]
        return list(dict.fromkeys(groups))[:_ASKED_AT_MOST]

    def _forms(self, word: str) -> frozenset[str]:
        known = plain(word)[:_LONGEST_WORD]
        return self._morphology.lemmas(known) | {known}


def mark(column: str, value: str) -> str:
    """The token of a column's value: "topic:snow", "operator:petrova_a_v"."""
    return f"{column}:{'_'.join(plain(part) for part in _WORD.findall(value))}"


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter in "0123456789")


def _ends(number: str) -> Iterator[str]:
    digits = _digits(number)
    yield from (digits[-count:] for count in _ENDS if len(digits) >= count)


def _end(digits: str) -> str:
    """The longest end that numbers are kept by."""
    if len(digits) > _WHOLE_DIGITS:
        return digits[-_WHOLE_DIGITS:]
    return digits[-max(count for count in _ENDS if count <= len(digits)) :]
