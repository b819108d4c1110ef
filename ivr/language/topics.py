"""The topic of a message: weighted dictionary forms and pairs of them, misheard words by their sound or likeness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from rapidfuzz import fuzz, process

from ivr.language.facts import Certain, Span
from ivr.language.lexicon import Landmarks, TopicWords
from ivr.language.morphology import Morphology
from ivr.language.sound import sound_of
from ivr.language.text import Phrases

OTHER = "other"
UNSUCCESSFUL = "unsuccessful_call"
_PAIR, _DECISIVE_PAIR = 4.0, 10.0
_WINDOW = 7
_ALIKE_SHORT, _ALIKE_LONG, _LONG = 80, 76, 8
_SHORTEST_FUZZY, _SHORTEST_SOUND = 5, 4
_SHORTEST_TORN, _TORN_OF_KNOWN = 4, 8
_LANDMARK = 0.35
_ENOUGH, _DOUBTFUL, _STRONG = 2.0, 4.0, 6.0
_SURE = 12.0
_SHOWN = 3
_BRIEF_WORDS, _BRIEF = 3, 6.0
_NOTHING_WORDS, _CHATTER_WORDS = 4, 10
_EXACTLY = "="
_KEPT = 6_000


@dataclass(slots=True)
class _Tally:
    """Scores of one text while it is read.

    Attributes:
        scores, grounds: of each topic.
        counted: words that have been weighed for a topic.
        seen: where each side of a pair was said last.
        fired: pairs that have been counted.
    """

    scores: dict[str, float] = field(default_factory=dict)
    grounds: dict[str, list[int]] = field(default_factory=dict)
    counted: set[tuple[str, str]] = field(default_factory=set)
    seen: dict[tuple[int, int], int] = field(default_factory=dict)
    fired: set[int] = field(default_factory=set)

    def add(self, topic: str, score: float, *places: int) -> None:
        """Words at these places speak for the topic, or against it."""
        self.scores[topic] = self.scores.get(topic, 0.0) + score
        if places:
            self.grounds.setdefault(topic, []).extend(places)


class TopicFinder:
    """Scores every topic of the vocabulary; built once from its word lists."""

    def __init__(self, topics: Sequence[TopicWords], landmarks: Landmarks, morphology: Morphology) -> None:
        self._morphology = morphology
        self._landmarks = landmarks
        self._weights: dict[str, dict[str, float]] = {}
        self._sides: dict[str, list[tuple[int, int]]] = {}
        self._pair_topics: list[tuple[str, float]] = []
        self._phrases = [(topic.key, Phrases(topic.phrases)) for topic in topics if topic.phrases]
        self._idioms = Phrases(landmarks.idioms)
        self._brief = {self._key(word): topic.key for topic in topics for word in topic.brief}
        for topic in topics:
            for word, weight in topic.weights.items():
                self._weights.setdefault(self._key(word), {})[topic.key] = weight
            for weight, pairs in ((_PAIR, topic.pairs), (_DECISIVE_PAIR, topic.decisive)):
                for sides in pairs:
                    self._add_pair(topic.key, weight, sides)
        self._listed = frozenset((*self._weights, *self._sides, *self._brief))
        self._long_words = [word for word in self._weights if len(word) >= _SHORTEST_FUZZY]
        self._by_sound = {sound_of(word): word for word in reversed(self._weights) if len(word) >= _SHORTEST_SOUND}
        self.keys = lru_cache(_KEPT)(self._keys)

    def _key(self, word: str) -> str:
        """The dictionary form under which a listed word is found; of a word that is meant literally, itself."""
        if word.startswith(_EXACTLY):
            return word
        lemmas = self._morphology.lemmas(word)
        return word if word in lemmas else min(lemmas)

    def _add_pair(self, topic: str, weight: float, sides: Sequence[Iterable[str]]) -> None:
        for side, words in enumerate(sides):
            for word in words:
                self._sides.setdefault(self._key(word), []).append((len(self._pair_topics), side))
        self._pair_topics.append((topic, weight))

    def find(
        self,
        words: Sequence[str],
        *,
        skipped: Set[int] = frozenset(),
        votes: Mapping[str, float] = MappingProxyType({}),
    ) -> tuple[Certain[str], ...]:
        """At most three topics, best first; `other` first when nothing is sure.

        Args:
            words: of `text.split`.
            skipped: places of the name, the numbers and the address: a street is no matter.
            votes: what similar confirmed messages add to the scores; a strong rule keeps its first place.
        """
        scores, grounds = self._scored(words, skipped)
        if len(words) > _CHATTER_WORDS:  # a long message is one, however often its caller asks whether he is heard
            scores[UNSUCCESSFUL] = scores.get(UNSUCCESSFUL, 0.0) * _CHATTER_WORDS / len(words)
        strong = next((topic for topic, score in _ranked(scores)[:1] if score >= _STRONG), "")
        for topic, vote in votes.items():
            scores[topic] = scores.get(topic, 0.0) + vote
        ranked = _ranked(scores)
        if votes:
            ranked.sort(key=lambda item: item[0] != strong)
        best = ranked[0][1] if ranked else 0.0
        if best < _ENOUGH:
            unsure = UNSUCCESSFUL if len(words) <= _NOTHING_WORDS and not ranked else OTHER
            ranked = [(unsure, _ENOUGH), *(item for item in ranked if item[0] != unsure)]
        elif best < _DOUBTFUL and all(topic != OTHER for topic, _ in ranked[:_SHOWN]):
            ranked[_SHOWN - 1 :] = [(OTHER, best / 2)]
        total = sum(score for _, score in ranked[:_SHOWN]) or 1.0
        return tuple(
            self._certain(topic, score, total, grounds.get(topic, []), words) for topic, score in ranked[:_SHOWN]
        )

    def _scored(self, words: Sequence[str], skipped: Set[int]) -> tuple[dict[str, float], dict[str, list[int]]]:
        """Scores of the topics, and the places that speak for them."""
        tally = _Tally()
        for topic, phrases in self._phrases:
            for start, end in phrases.spans(words)[:1]:
                tally.add(topic, _DECISIVE_PAIR, *range(start, end))
        brief = self._brief if len(words) <= _BRIEF_WORDS else {}
        for place, heard in self._heard(words, skipped):
            keys = sorted(heard)  # the same order in every process
            for topic in dict.fromkeys(brief[key] for key in keys if key in brief):
                tally.add(topic, _BRIEF, place)
            self._weigh(tally, place, keys, landmark=self._is_landmark(words, place))
            self._pair(tally, place, keys)
        return tally.scores, tally.grounds

    def _weigh(self, tally: _Tally, place: int, keys: Sequence[str], *, landmark: bool) -> None:
        """The word's own weight for each topic, the strongest of its readings; a word said again counts once."""
        best: dict[str, float] = {}
        for key in keys:
            for topic, weight in self._weights.get(key, {}).items():
                if (topic, key) not in tally.counted and (topic not in best or abs(weight) > abs(best[topic])):
                    best[topic] = weight
                tally.counted.add((topic, key))
        for topic, weight in best.items():
            near = _LANDMARK if landmark and topic in self._landmarks.topics and weight > 0 else 1.0
            tally.add(topic, weight * near, *([place] if weight > 0 else []))

    def _pair(self, tally: _Tally, place: int, keys: Sequence[str]) -> None:
        """Pairs whose other word was said a little before; each pair once."""
        for key in keys:
            for pair, side in self._sides.get(key, ()):
                other = tally.seen.get((pair, 1 - side))
                if pair not in tally.fired and other is not None and 0 < place - other <= _WINDOW:
                    tally.fired.add(pair)
                    topic, weight = self._pair_topics[pair]
                    tally.add(topic, weight, other, place)
                tally.seen[pair, side] = place

    def _heard(self, words: Sequence[str], skipped: Set[int]) -> Iterable[tuple[int, frozenset[str]]]:
        """The listed words of each place: what was heard, or probably meant, or torn in two."""
        idle = {place for start, end in self._idioms.spans(words) for place in range(start, end)} | skipped
        for place, word in enumerate(words):
            if not word or place in idle:
                continue
            keys = self.keys(word)
            if place + 1 < len(words) and words[place + 1] and place + 1 not in idle:
                keys |= self._torn(word, words[place + 1])
            if keys:
                yield place, keys

    def _torn(self, first: str, second: str) -> frozenset[str]:
        whole = first + second
        shortest = _TORN_OF_KNOWN if self._morphology.known(first) and self._morphology.known(second) else 0
        if len(whole) < max(shortest, _SHORTEST_TORN) or not self._morphology.known(whole):
            return frozenset()
        return frozenset(lemma for lemma in self._morphology.lemmas(whole) if lemma in self._weights)

    def _keys(self, word: str) -> frozenset[str]:
        forms = (*self._morphology.lemmas(word), word, _EXACTLY + word)
        listed = frozenset(
            form for form in forms if form in self._weights or form in self._sides or form in self._brief
        )
        if listed or len(word) < _SHORTEST_SOUND or self._morphology.known(word):
            return listed
        for lemma in sorted(self._morphology.lemmas(word)):
            sound = sound_of(lemma)
            alike = self._by_sound.get(sound)
            if alike and len(sound) >= _SHORTEST_SOUND:
                return frozenset((alike,))
        if len(word) < _SHORTEST_FUZZY:
            return frozenset()
        cutoff = _ALIKE_LONG if len(word) >= _LONG else _ALIKE_SHORT
        for lemma in sorted(self._morphology.lemmas(word)):
            found = process.extractOne(lemma, self._long_words, scorer=fuzz.ratio, score_cutoff=cutoff)
            if found:
                return frozenset((found[0],))
        return frozenset()

    def _is_landmark(self, words: Sequence[str], place: int) -> bool:
        """A place named only to say where: «возле школы»."""
        return any(before in self._landmarks.before for before in words[max(place - 2, 0) : place])

    def _certain(
        self, topic: str, score: float, total: float, places: Sequence[int], words: Sequence[str]
    ) -> Certain[str]:
        sure = min(1.0, score / _SURE) * (0.4 + 0.6 * score / total)
        ordered = sorted(set(places))
        span = Span(ordered[0], ordered[-1] + 1) if ordered else Span(0, 0)
        return Certain(topic, round(sure, 3), span, tuple(words[place] for place in ordered))


def _ranked(scores: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted((item for item in scores.items() if item[1] > 0), key=lambda item: (-item[1], item[0]))
