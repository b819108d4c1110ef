"""Russian word forms by pymorphy3, each word looked up once."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from pymorphy3 import MorphAnalyzer

from ivr.language.text import plain

_KEPT = 6_000
_RUSSIAN = re.compile("[\u0400-\u04ff]+(?:-[\u0400-\u04ff]+)*")  # the dictionary breaks on letters without a name
_LIKELY = 0.03


class Morphology:
    """Forms of words; built once, shared by all."""

    def __init__(self) -> None:
        self._analyzer = MorphAnalyzer()
        self.parses = lru_cache(_KEPT)(self._parses)
        self.lemmas = lru_cache(_KEPT)(self._lemmas)
        self.known = lru_cache(_KEPT)(self._known)

    def _parses(self, word: str) -> tuple[Any, ...]:
        return tuple(self._analyzer.parse(word)) if _RUSSIAN.fullmatch(word) else ()

    def _lemmas(self, word: str) -> frozenset[str]:
        parses = self.parses(word)
        forms = {plain(str(parse.normal_form)) for parse in parses if parse.score >= _LIKELY}
        return frozenset(forms or {plain(str(parse.normal_form)) for parse in parses[:1]} or {word})

    def lemma(self, word: str) -> str:
        """The likeliest dictionary form, compared as `text.plain` writes it."""
        parses = self.parses(word)
        return plain(str(parses[0].normal_form)) if parses else word

    def _known(self, word: str) -> bool:
        """The dictionary has this word."""
        return bool(_RUSSIAN.fullmatch(word)) and bool(self._analyzer.word_is_known(word))


@cache
def shared_morphology() -> Morphology:
    """The one of this process: a dictionary takes 20 MB."""
    return Morphology()
