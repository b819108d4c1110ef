"""The audit of recordings: which are listened to, by which checklist they are graded (clauses 17, 20). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from ivr.errors import RuleBroken

CHECKLIST = ("introduced", "named", "matter", "address", "explained", "law_59", "passed_on", "polite", "card")
"""What is listened for (clause 20); words in `reviews.check_*`."""

_LONGEST = 2000


class Why(StrEnum):
    """By which rule a recording was chosen."""

    RANDOM = "random"
    DISSATISFIED = "dissatisfied"  # the citizen was not satisfied
    BROKEN_OFF = "broken_off"  # the operator cut the conversation short (clause 22)
    REPEATED = "repeated"  # the citizen calls about it again
    CORRECTED = "corrected"  # what was understood had to be put right
    URGENT = "urgent"  # words of danger were heard


class Grade(StrEnum):
    """How a point of the checklist was kept."""

    YES = "yes"
    NO = "no"
    NONE = "none"  # it did not come to that


@dataclass(frozen=True, slots=True)
class Review:
    """One recording in the queue.

    Attributes:
        message: id of the message, and of its call and recording.
        grades: by point of the checklist; empty until it was listened to.
        question, answer: to the operator, and from him.
    """

    id: str
    municipality: str
    message: str
    why: Why
    operator: str
    chosen_at: datetime
    chosen_by: str
    grades: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    reviewed_at: datetime | None = None
    reviewed_by: str = ""
    question: str = ""
    asked_at: datetime | None = None
    answer: str = ""
    answered_at: datetime | None = None

    @property
    def score(self) -> float | None:
        """The share of points that were kept, of those it came to."""
        counted = [grade for grade in self.grades.values() if grade != Grade.NONE]
        return sum(grade == Grade.YES for grade in counted) / len(counted) if counted else None

    def graded(self, grades: Mapping[str, str], note: str, by: str, at: datetime) -> Review:
        """Listened to.

        Raises:
            RuleBroken: a point has no grade, or there is no such point.
        """
        if set(grades) != set(CHECKLIST) or set(grades.values()) - set(Grade):
            raise RuleBroken("17", "every point of the checklist needs a grade", "needs_grades")
        return replace(self, grades=dict(grades), note=_fits(note), reviewed_by=by, reviewed_at=at)

    def ask(self, question: str, at: datetime) -> Review:
        """A question to the operator.

        Raises:
            RuleBroken: no operator took this call, or there is no question.
        """
        if not self.operator:
            raise RuleBroken("17", "no operator took this call", "no_operator")
        if not question.strip():
            raise RuleBroken("17", "there is no question", "needs_question")
        return replace(self, question=_fits(question), asked_at=at, answer="", answered_at=None)

    def answered(self, answer: str, at: datetime) -> Review:
        """What the operator says.

        Raises:
            RuleBroken: nothing was asked, or nothing is said.
        """
        if self.asked_at is None or not answer.strip():
            raise RuleBroken("17", "there is no answer", "needs_answer")
        return replace(self, answer=_fits(answer), answered_at=at)


def _fits(text: str) -> str:
    if len(text) > _LONGEST:
        raise RuleBroken("17", "that is too long", "too_long")
    return text.strip()
