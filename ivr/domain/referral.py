"""A question passed on to an executor, and his answer (clauses 20.5, 21)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from ivr.errors import RuleBroken


class ReferralState(StrEnum):
    """Where it stands."""

    WAITING = "waiting"
    OVERDUE = "overdue"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Referral:
    """One question with one executor.

    Attributes:
        executor: name as the journal prints it («ФИО исполнителя»).
        question: what is asked of him.
        due_at: by when the citizen has his answer (clause 21).
        withdrawn_at: the card that passed it on was taken back: nothing is asked any more.
    """

    id: str
    callback: str
    executor: str
    question: str
    passed_by: str
    passed_at: datetime
    due_at: datetime
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None
    withdrawn_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """An answer is waited for."""
        return self.answered_at is None and self.withdrawn_at is None

    def standing(self, now: datetime) -> ReferralState:
        """Waiting, overdue, answered or withdrawn."""
        if self.withdrawn_at:
            return ReferralState.WITHDRAWN
        if self.answered_at:
            return ReferralState.ANSWERED
        return ReferralState.OVERDUE if now > self.due_at else ReferralState.WAITING

    def answered(self, answer: str, by: str, at: datetime) -> Referral:
        """The executor's answer, as an operator wrote it down.

        Raises:
            RuleBroken: it is answered already, or the answer is empty.
        """
        if self.answered_at:
            raise RuleBroken("20.5", "the executor has answered already", "answered_already")
        if not answer.strip():
            raise RuleBroken("20.5", "write down what the executor answered", "needs_answer")
        return replace(self, answer=answer.strip(), answered_by=by, answered_at=at)
