"""How well recorded speech is recognised and understood: words, sentences, slots, confidence. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from ivr.domain.turn import HeardWord
from ivr.language.facts import Facts

_BINS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
_YO, _YE = "\u0451", "\u0435"
_NAME_PARTS = ("surname", "name", "patronymic")

Understand = Callable[[str, str], Facts]
"""Facts of a text, and what had been asked ("phone", "name" or "")."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A recording with what is said in it.

    Attributes:
        file: its name.
        text: the words; "" when nothing is said.
        expected: slots written by hand: phone, surname, name, patronymic, topic; those not written are taken from
            what is understood of the text.
        asked: what the caller had been asked.
    """

    file: str
    text: str
    expected: Mapping[str, str] = field(default_factory=dict)
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the recogniser made of a sample that lasts so many seconds."""

    sample: Sample
    words: tuple[HeardWord, ...]
    seconds: float


def folded(text: str) -> list[str]:
    """Words for comparison: lower case, one spelling of the letter yo."""
    return text.lower().replace(_YO, _YE).split()


def aligned(said: Sequence[str], heard: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """The cheapest pairing of the words said with those heard; None: left out, or invented."""
    costs = [
        [column + row if not row or not column else 0 for column in range(len(heard) + 1)]
        for row in range(len(said) + 1)
    ]
    for row, word in enumerate(said, start=1):
        for column, other in enumerate(heard, start=1):
            swap = costs[row - 1][column - 1] + (word != other)
            costs[row][column] = min(swap, costs[row - 1][column] + 1, costs[row][column - 1] + 1)
    row, column = len(said), len(heard)
    pairs: list[tuple[int | None, int | None]] = []
    while row or column:
        cost = costs[row][column]
        if row and column and cost == costs[row - 1][column - 1] + (said[row - 1] != heard[column - 1]):
            row, column = row - 1, column - 1
            pairs.append((row, column))
        elif row and cost == costs[row - 1][column] + 1:
            row -= 1
            pairs.append((row, None))
        else:
            column -= 1
            pairs.append((None, column))
    return pairs[::-1]


def score(attempts: Sequence[Attempt], understand: Understand) -> dict[str, Any]:
    """The figures of a set of samples, ready for JSON; shares in per cent, times in seconds."""
    words = errors = wrong_sentences = invented = 0
    silent_seconds = 0.0
    curve: list[tuple[float, bool]] = []
    for attempt in attempts:
        said, heard = folded(attempt.sample.text), [folded(word.text)[0] for word in attempt.words]
        pairs = aligned(said, heard)
        right = {
            there for here, there in pairs if here is not None and there is not None and said[here] == heard[there]
        }
        wrong = len(pairs) - len(right)
        words, errors, wrong_sentences = words + len(said), errors + wrong, wrong_sentences + bool(wrong)
        curve += [(word.confidence, place in right) for place, word in enumerate(attempt.words)]
        if not said:
            invented, silent_seconds = invented + len(heard), silent_seconds + attempt.seconds
    return {
        "samples": len(attempts),
        "words": words,
        "seconds": round(sum(attempt.seconds for attempt in attempts), 1),
        "word_error_rate": _percent(errors, words),
        "sentence_error_rate": _percent(wrong_sentences, len(attempts)),
        "invented_words_per_minute": round(60 * invented / silent_seconds, 2) if silent_seconds else None,
        "slots": _slots(attempts, understand),
        "confidence": _calibration(curve),
    }


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None


def _slots(attempts: Sequence[Attempt], understand: Understand) -> dict[str, dict[str, float | int | None]]:
    counts = {slot: [0, 0] for slot in ("phone", "name", "topic")}
    for attempt in attempts:
        sample = attempt.sample
        expected = _values(understand(sample.text, sample.asked))
        if sample.asked:
            expected["topic"] = ()
        for slot, value in _written(sample.expected).items():
            expected[slot] = value
        found = _values(understand(" ".join(word.text for word in attempt.words), sample.asked))
        for slot, value in expected.items():
            if value:
                counts[slot][0] += 1
                counts[slot][1] += found[slot] == value
    return {slot: {"said": said, "right": _percent(right, said)} for slot, (said, right) in counts.items()}


def _values(facts: Facts) -> dict[str, tuple[str, ...]]:
    """The slots of a text as compared: an empty tuple when a slot is not there."""
    name = facts.name.value if facts.name else None
    parts = tuple(" ".join(folded(getattr(name, part) or "")) for part in _NAME_PARTS) if name else ()
    return {
        "phone": tuple(phone.value.e164 for phone in facts.phones[:1]),
        "name": parts,
        "topic": tuple(topic.value for topic in facts.topics[:1]),
    }


def _written(expected: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {slot: (expected[slot],) for slot in ("phone", "topic") if slot in expected}
    if any(part in expected for part in _NAME_PARTS):
        found["name"] = tuple(" ".join(folded(expected.get(part, ""))) for part in _NAME_PARTS)
    return found


def _calibration(curve: Sequence[tuple[float, bool]]) -> list[dict[str, float | int | None]]:
    """For each bin of confidence: how many words, and how many per cent of them were right."""
    bins = []
    for low, high in pairwise(_BINS):
        last = high == _BINS[-1]
        inside = [right for confidence, right in curve if low <= confidence < high or (last and confidence >= high)]
        bins.append({"from": low, "to": high, "words": len(inside), "right": _percent(sum(inside), len(inside))})
    return bins
