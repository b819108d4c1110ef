"""Messages with confirmed topics vote on a new one: its nearest neighbours by their words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from ivr.domain.precedent import Precedent
from ivr.language.morphology import Morphology
from ivr.language.text import split

_TELLING = {"NOUN", "ADJF", "ADJS", "VERB", "INFN", "PRTF", "PRTS", "PRED", "COMP"}
_PRIVATE = {"Name", "Surn", "Patr"}
_SHORTEST = 3
_NEIGHBOURS = 7
_ALIKE, _ZERO = 62, 45
_MOST_CANDIDATES = 300
_MOST_WITH_A_WORD = 1000
_VOTE = 5.0


@dataclass(frozen=True, slots=True)
class Votes:
    """What the neighbours say.

    Attributes:
        scores: added to the topics' scores; at most `_VOTE` together.
        neighbours: how many messages voted for each topic.
    """

    scores: Mapping[str, float] = field(default_factory=dict)
    neighbours: Mapping[str, int] = field(default_factory=dict)


NOBODY = Votes()


class Precedents:
    """Confirmed messages by the dictionary forms of their telling words; names and numbers are not kept.

    Args:
        examples: the newest first; of several with the same words the newest counts.
        morphology: forms of words.
    """

    def __init__(self, examples: Sequence[Precedent], morphology: Morphology) -> None:
        self._morphology = morphology
        self._topics: list[str] = []
        self._phrases: list[str] = []
        self._by_word: dict[str, list[int]] = {}
        for example in examples:
            forms = self.forms(split(example.text))
            for word in set(forms):
                self._by_word.setdefault(word, []).append(len(self._topics))
            self._topics.append(example.topic)
            self._phrases.append(" ".join(sorted(forms)))

    def __len__(self) -> int:
        return len(self._topics)

    def forms(self, words: Sequence[str]) -> list[str]:
        """The telling words of a text in their dictionary form."""
        return [form for word in words if (form := self._form(word))]

    def _form(self, word: str) -> str:
        if len(word) < _SHORTEST or not word.isalpha():
            return ""
        parses = self._morphology.parses(word)
        if not parses or parses[0].tag.POS not in _TELLING or _PRIVATE & set(parses[0].tag.grammemes):
            return ""
        return self._morphology.lemma(word)

    def votes(self, words: Sequence[str], *, but: int | None = None) -> Votes:
        """The votes on a text.

        Args:
            words: of `text.split`.
            but: the number of an example that is not to vote (on itself).
        """
        forms = self.forms(words)
        candidates = self._candidates(forms)
        if but is not None:
            candidates.pop(but, None)
        chosen = {number: self._phrases[number] for number, _ in candidates.most_common(_MOST_CANDIDATES)}
        near = process.extract(
            " ".join(sorted(forms)), chosen, scorer=fuzz.token_sort_ratio, score_cutoff=_ALIKE, limit=_NEIGHBOURS
        )
        weight: dict[str, float] = {}
        count: Counter[str] = Counter()
        for _, alike, number in near:
            topic = self._topics[number]
            weight[topic] = weight.get(topic, 0.0) + (alike - _ZERO) / (100 - _ZERO)
            count[topic] += 1
        total = sum(weight.values())
        sure = _VOTE * min(1.0, total) / total if total else 0.0
        return Votes({topic: sure * share for topic, share in weight.items()}, dict(count))

    def _candidates(self, forms: Sequence[str]) -> Counter[int]:
        """The newest examples that share words with the text, with how many."""
        found: Counter[int] = Counter()
        for word in set(forms):
            found.update(self._by_word.get(word, ())[:_MOST_WITH_A_WORD])
        return found
