"""Numerals that the recogniser wrote by ear: words that no dictionary has and that sound like one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from ivr.language.morphology import Morphology
from ivr.language.sound import sound_of

_SHORTEST = 5
_KEPT = 5_000


class MisheardNumerals:
    """Puts the numeral that was meant in the place of such a word.

    Args:
        numerals: values of number words.
        morphology: knows the other words.
    """

    def __init__(self, numerals: Mapping[str, int], morphology: Morphology) -> None:
        self._numerals, self._morphology = numerals, morphology
        self._by_sound = {sound_of(form): form for form in numerals if len(form) >= _SHORTEST}
        self.meant = lru_cache(_KEPT)(self._meant)

    def mended(self, words: Sequence[str]) -> list[str]:
        """The words, as many as before."""
        return [self.meant(word) for word in words]

    def _meant(self, word: str) -> str:
        if len(word) < _SHORTEST or word in self._numerals or self._morphology.known(word):
            return word
        return self._by_sound.get(sound_of(word), word)
