"""Numbers of houses and flats as they are said: cardinals, ordinals, letters, fractions, blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ivr.language.lexicon import Lexicon
from ivr.language.morphology import Morphology

_MOST_DIGITS = 3
_LONGEST = 4


@dataclass(frozen=True, slots=True)
class Number:
    """A number at some words of a text; an ordinal may carry the gender and case of its noun."""

    value: int
    start: int
    end: int
    ordinal: bool = False


class NumberReader:
    """Reads small numbers; those at `taken` words belong to telephones."""

    def __init__(self, lexicon: Lexicon, morphology: Morphology) -> None:
        self._lexicon, self._morphology = lexicon, morphology
        self._ordinals: Mapping[str, int] = lexicon.ordinals

    def at(self, words: Sequence[str], place: int) -> Number | None:
        """The number that begins here: at most three digits, as houses and flats have."""
        total, end, ordinal = 0, place, False
        last = 1000
        while end < min(len(words), place + _LONGEST) and not ordinal:
            step = self._one(words[end])
            if step is None:
                break
            value, ordinal_here = step
            if end > place and not _joins(last, value):
                break
            total, last, ordinal, end = total + value, value, ordinal_here, end + 1
        if end == place or not 0 < total < 10**_MOST_DIGITS:
            return None
        return Number(total, place, end, ordinal)

    def before(self, words: Sequence[str], end: int) -> Number | None:
        """The ordinal that ends here («in the twenty second» house)."""
        for start in range(max(0, end - 3), end):
            number = self.at(words, start)
            if number and number.end == end and number.ordinal:
                return number
        return None

    def _one(self, word: str) -> tuple[int, bool] | None:
        if word.isascii() and word.isdigit() and len(word) <= _MOST_DIGITS:
            return int(word), False
        value = self._lexicon.numerals.get(word)
        if value is not None:
            return (value, False) if value else None
        for parse in self._morphology.parses(word):
            if "Anum" in parse.tag or "ADJF" in parse.tag:
                found = self._ordinals.get(str(parse.normal_form).replace("\u0451", "\u0435"))
                if found:
                    return found, True
        return None

    def house(self, words: Sequence[str], number: Number) -> tuple[str, int]:
        """The number with all that belongs to it, and the word after it: "12а", "5/7", "17к2"."""
        text, end = str(number.value), number.end
        while end < len(words):
            part = self._part(words, end)
            if part is None:
                break
            text, end = text + part[0], part[1]
        return text, end

    def _part(self, words: Sequence[str], place: int) -> tuple[str, int] | None:
        word, has = words[place], self._lexicon.has
        following = words[place + 1] if place + 1 < len(words) else ""
        for group, mark in (("addresses.slash", "/"), ("addresses.block", "\u043a"), ("addresses.building", "\u0441")):
            if has(group, word):
                letter = self._lexicon.house_letters.get(following)
                if letter and group == "addresses.block":
                    return letter, place + 2
                number = self.at(words, place + 1) if following else None
                return (f"{mark}{number.value}", number.end) if number else None
        if has("addresses.letter_word", word):
            letter = self._lexicon.house_letters.get(following)
            return (letter, place + 2) if letter else None
        letter = self._lexicon.house_letters.get(word)
        if letter and (len(word) > 1 or not following or not self._begins_clause(following)):
            return letter, place + 1
        return None

    def _begins_clause(self, following: str) -> bool:
        """After «а», «в» and the like: it was a conjunction or a preposition, not the letter of a house."""
        if self._lexicon.has("addresses.flat", following) or self._lexicon.has("addresses.after_letter", following):
            return False
        parses = self._morphology.parses(following)
        return bool(parses) and parses[0].tag.POS not in {"VERB", "PRED", "NUMR"}


def _joins(last: int, value: int) -> bool:
    """20 and 2 are 22; 5 and 7 are two numbers."""
    return (last >= 100 and last % 100 == 0 and value < 100) or (20 <= last < 100 and last % 10 == 0 and value < 10)
