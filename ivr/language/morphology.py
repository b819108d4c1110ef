"""Russian word forms by pymorphy3, each word looked up once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pymorphy3 import MorphAnalyzer

_KEPT = 50_000


class Morphology:
    """Forms of words; built once, shared by all."""

    def __init__(self) -> None:
        self._analyzer = MorphAnalyzer()
        self.parses = lru_cache(_KEPT)(self._parses)
        self.lemma = lru_cache(_KEPT)(self._lemma)

    def _parses(self, word: str) -> tuple[Any, ...]:
        return tuple(self._analyzer.parse(word))

    def _lemma(self, word: str) -> str:
        parses = self.parses(word)
        return str(parses[0].normal_form).replace("\u0451", "\u0435") if parses else word

    def known(self, word: str) -> bool:
        """The dictionary has this word."""
        return bool(self._analyzer.word_is_known(word))
