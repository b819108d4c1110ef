"""Houses and flats in a text: numbers after a street, after the word «house», before it, and their corrections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ivr.language.address_grammar import TAKEN, AddressGrammar
from ivr.language.house_numbers import Number, NumberReader

_NEAR = 4

Found = tuple[str, int, int]
"""A number as it is written, its first word and the word after its last."""


class HouseFinder:
    """Finds the house and the flat of an address."""

    def __init__(self, grammar: AddressGrammar, numbers: NumberReader) -> None:
        self._grammar, self._numbers = grammar, numbers
        self._has = grammar.has

    def after(self, words: Sequence[str], place: int) -> Found | None:
        """The house right after a street."""
        while place < len(words) and self._has("before_house", words[place]):
            place += 1
        number = self._numbers.at(words, place) if place < len(words) else None
        if number is None or self._counts_things(words, number) or self._is_flat(words, number):
            return None
        text, end = self._numbers.house(words, number)
        return text, place, end

    def _is_flat(self, words: Sequence[str], number: Number) -> bool:
        """«Forty fifth flat», «third entrance»."""
        following = words[number.end : number.end + 1]
        return number.ordinal and any(self._has(group, word) for word in following for group in ("flat", "after_house"))

    def beside(self, words: Sequence[str], house: Found) -> Found | None:
        """The flat said right after the house, without the word: «Gagarina five, forty five»."""
        number = self._numbers.at(words, house[2]) if house[2] < len(words) else None
        if number is None or number.ordinal or self._counts_things(words, number):
            return None
        return str(number.value), number.start, number.end

    def before(self, words: Sequence[str], street: int) -> Found | None:
        """The house said before its street: «twenty five along Molodezhnaya»."""
        end = street - 1
        if end < 1 or not self._has("house_prepositions", words[end]):
            return None
        for start in range(max(end - 3, 0), end):
            number = self._numbers.at(words, start)
            if number and number.end == end and not number.ordinal:
                return str(number.value), start, end
        return None

    def ends_before(self, words: Sequence[str], end: int) -> bool:
        """A house, with the word or without its number, stands right before."""
        near = words[max(end - _NEAR, 0) : max(end, 0)]
        return any(self._has("house", word) for word in near)

    def by_word(self, words: Sequence[str], *, known: bool) -> Found | None:
        """The house at the word «house»; `known`: the street or the place was said."""
        for place, word in enumerate(words):
            if not self._has("house", word):
                continue
            ordinal = self._numbers.before(words, place)
            numbered = place + 1 < len(words) and self._numbers.at(words, place + 1) is not None
            entrance = ordinal and ordinal.start > 0 and self._has("after_house", words[ordinal.start - 1])
            others = entrance and numbered  # «second entrance, house forty»
            if ordinal and known and not others:
                return str(ordinal.value), ordinal.start, place + 1
            after = place + 1
            while after < len(words) and self._has("number_words", words[after]):
                after += 1
            number = self._numbers.at(words, after) if after < len(words) else None
            following = words[number.end] if number and number.end < len(words) else ""
            if number and (known or not number.ordinal) and not self._has("counted", following):
                text, end = self._numbers.house(words, number)
                return text, place, end
        return None

    def corrected(self, words: Sequence[str], house: Found) -> Found:
        """The number that took its place («five, no, seven»)."""
        text, start, end = house
        after = end
        while after < len(words) and (
            self._has("corrections", words[after]) or self._has("before_house", words[after])
        ):
            after += 1
        if any(self._has("corrections", word) for word in words[end:after]) and after < len(words):
            number = self._numbers.at(words, after)
            if number and not self._counts_things(words, number):
                text, end = self._numbers.house(words, number)
        return text, start, end

    def _counts_things(self, words: Sequence[str], number: Number) -> bool:
        """The number counts what follows («five people», «two days»), or belongs to a longer one."""
        following = words[number.end] if number.end < len(words) else ""
        if following == TAKEN or not following:
            return False
        if self._has("counted", following) or self._grammar.lexicon.numerals.get(following, -1) in (1000, 0):
            return True
        parse: Any = next(iter(self._grammar.morphology.parses(following)), None)
        if parse is None or number.ordinal or self._has("after_house", following):
            return False
        return parse.tag.POS == "NOUN" and {"plur", "gent"} <= set(parse.tag.grammemes) and number.value > 4

    def follows(self, words: Sequence[str], place: int) -> bool:
        """A house follows: a number, or the word «house» with one."""
        found = self.after(words, place)
        return found is not None

    def flat(self, words: Sequence[str]) -> Found | None:
        """The flat, wherever it is said."""
        for place, word in enumerate(words):
            if not self._has("flat", word):
                continue
            after = place + 1
            while after < len(words) and self._has("number_words", words[after]):
                after += 1
            number = self._numbers.at(words, after) if after < len(words) else None
            if number and not self._counts_things(words, number):
                text, _, end = self.corrected(words, (str(number.value), place, number.end))
                return text, place, end
            ordinal = self._numbers.before(words, place)
            if ordinal:
                return str(ordinal.value), ordinal.start, place + 1
        return None
