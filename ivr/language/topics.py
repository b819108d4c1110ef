"""The topic of a message: weighted dictionary forms, word to word, misheard words by likeness (rapidfuzz)."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz, process

from ivr.language.facts import Certain, Span
from ivr.language.lexicon import TopicWords
from ivr.language.morphology import Morphology

OTHER = "other"
_STRONG, _MEDIUM, _WEAK, _PAIR, _AGAINST = 3.0, 2.0, 0.8, 3.5, -2.0
_ALIKE = 86
_SHORTEST_FUZZY = 5
_SURE = 6.0
_ENOUGH = 1.5
_SHOWN = 3


class TopicFinder:
    """Scores every topic of the vocabulary; built once from its word lists."""

    def __init__(self, topics: Sequence[TopicWords], morphology: Morphology) -> None:
        self._morphology = morphology
        self._weights: dict[str, dict[str, float]] = {}
        self._pairs: list[tuple[str, str, str]] = []
        for topic in topics:
            for words, weight in (
                (topic.strong, _STRONG), (topic.medium, _MEDIUM), (topic.weak, _WEAK), (topic.against, _AGAINST),
            ):  # fmt: skip
                for word in words:
                    self._weights.setdefault(morphology.lemma(word), {})[topic.key] = weight
            self._pairs += [(morphology.lemma(a), morphology.lemma(b), topic.key) for a, b in topic.pairs]
        self._long_words = [word for word in self._weights if len(word) >= _SHORTEST_FUZZY]

    def find(self, words: Sequence[str]) -> tuple[Certain[str], ...]:
        """At most three topics, best first; `other` alone when nothing is sure."""
        scores: dict[str, float] = {}
        grounds: dict[str, list[int]] = {}
        lemmas = [self._heard(word) for word in words]
        counted: set[str] = set()
        for place, lemma in enumerate(lemmas):
            for key, weight in self._weights.get(lemma, {}).items():
                scores[key] = scores.get(key, 0.0) + (weight if lemma not in counted else 0.3 * weight)
                if weight > 0:
                    grounds.setdefault(key, []).append(place)
            counted.add(lemma)
        for first, second, key in self._pairs:
            if first in counted and second in counted:
                scores[key] = scores.get(key, 0.0) + _PAIR
                grounds.setdefault(key, []).extend([lemmas.index(first), lemmas.index(second)])
        best = sorted((item for item in scores.items() if item[1] >= _ENOUGH), key=lambda item: -item[1])[:_SHOWN]
        if not best:
            return (Certain(OTHER, 0.3, Span(0, 0)),)
        total = sum(score for _, score in best)
        return tuple(self._certain(key, score, total, grounds.get(key, []), words) for key, score in best)

    def _heard(self, word: str) -> str:
        """The dictionary form, or the listed word that an unknown one was probably meant to be."""
        lemma = self._morphology.lemma(word)
        if lemma in self._weights or len(word) < _SHORTEST_FUZZY or self._morphology.known(word):
            return lemma
        alike = process.extractOne(lemma, self._long_words, scorer=fuzz.ratio, score_cutoff=_ALIKE)
        return alike[0] if alike else lemma

    def _certain(
        self, key: str, score: float, total: float, places: Sequence[int], words: Sequence[str]
    ) -> Certain[str]:
        sure = min(1.0, score / _SURE) * (0.5 + 0.5 * score / total)
        ordered = sorted(set(places))
        span = Span(ordered[0], ordered[-1] + 1) if ordered else Span(0, 0)
        return Certain(key, round(sure, 3), span, tuple(words[place] for place in ordered))
