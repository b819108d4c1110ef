"""What the operators have taught: each confirmed message read with and without the votes of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ivr.domain.precedent import Precedent
from ivr.language.understanding import Understanding


@dataclass(frozen=True, slots=True)
class Lesson:
    """A message whose topic the votes have changed.

    Attributes:
        id: of the message.
        words: its telling words.
        before, after: topics without and with the votes; "" when there is none.
        confirmed: what the operator says.
    """

    id: str
    words: tuple[str, ...]
    before: str
    after: str
    confirmed: str

    @property
    def better(self) -> bool:
        """The votes found what the operator says."""
        return self.after == self.confirmed

    @property
    def worse(self) -> bool:
        """The votes lost it."""
        return self.before == self.confirmed


@dataclass(frozen=True, slots=True)
class Learned:
    """The balance of learning.

    Attributes:
        rows: how many confirmed messages there are.
        right_before, right_after: how many topics are as the operators say, without and with the votes.
        lessons: the changed ones.
    """

    rows: int
    right_before: int
    right_after: int
    lessons: tuple[Lesson, ...]


def learned(understand: Understanding, examples: Sequence[Precedent]) -> Learned:
    """Read every confirmed message, its own vote left out."""
    precedents = understand.learn(examples)
    lessons: list[Lesson] = []
    right_before = right_after = 0
    for number, example in enumerate(examples):
        before, after = understand.with_and_without(example.text, but=number)
        right_before += before == example.topic
        right_after += after == example.topic
        if before != after:
            forms = tuple(precedents.forms(example.text.split()))
            lessons.append(Lesson(example.id, forms, before, after, example.topic))
    return Learned(len(examples), right_before, right_after, tuple(lessons))
