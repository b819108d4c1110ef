"""The regulation's lists as data with an edition (appendix 2, clause 22; interpretations 17, 18, 21)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ivr.errors import RuleBroken


class Kind(StrEnum):
    """Which list."""

    TOPICS = "topics"
    OUTCOMES = "outcomes"
    RESULTS = "results"
    STATUSES = "statuses"
    ATTEMPTS = "attempts"
    BREAKS = "breaks"


class Demand(StrEnum):
    """What must be filled in together with a term (interpretations 17, 18)."""

    PLANNED_TIME = "planned_time"
    REASON = "reason"
    ATTEMPT_TIME = "attempt_time"
    COMMENT = "comment"
    EXECUTOR = "executor"


class Status(StrEnum):
    """Column «Статус» (interpretation 17)."""

    NEW = "new"
    IN_WORK = "in_work"
    AWAITING_CALL = "waiting"
    PASSED_ON = "passed_on"
    ANSWERED = "answered"
    CLOSED = "closed"
    NO_CONTACT = "no_contact"


class AttemptOutcome(StrEnum):
    """How an attempt to reach a citizen ended."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    NOT_FOUND = "not_found"
    ABANDONED = "abandoned"  # given up before the citizen could answer: no attempt of clause 13
    RETRACTED = "retracted"  # marked by mistake and taken back: no attempt at all


MARKED_BY_HAND = tuple(
    outcome for outcome in AttemptOutcome if outcome not in (AttemptOutcome.ABANDONED, AttemptOutcome.RETRACTED)
)
"""What an operator may mark of an attempt made by another telephone."""


class Break(StrEnum):
    """Why a conversation was cut short (clause 22)."""

    ABUSE = "abuse"
    ADVERT = "advert"
    TOLD_BEFORE = "told_before"


FIXED: Mapping[Kind, type[StrEnum]] = {
    Kind.STATUSES: Status,
    Kind.ATTEMPTS: AttemptOutcome,
    Kind.BREAKS: Break,
}
"""Lists whose keys the product acts upon: a new edition may rename them for people, but not add or drop."""


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a list: its key, its words for people, and what it demands besides."""

    key: str
    title: str
    demands: Demand | None = None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All lists of one edition; rows are written under it and keep it (interpretation 21).

    Attributes:
        edition: the date from which it holds, "YYYY-MM-DD".
        lists: terms by key, in the regulation's order.
    """

    edition: str
    lists: Mapping[Kind, Mapping[str, Term]]

    def term(self, kind: Kind, key: str) -> Term:
        """The term with this key.

        Raises:
            RuleBroken: the list has no such term.
        """
        if key not in self.lists[kind]:
            known = ", ".join(self.lists[kind])
            reason = f"{key!r} is not in the list of {kind}: choose one of {known}"
            raise RuleBroken("app.2", reason, "not_in_list", word=key, known=known)
        return self.lists[kind][key]

    def title(self, kind: Kind, key: str | None) -> str:
        """Words for people; the key itself where an older edition knew it."""
        term = self.lists[kind].get(key or "")
        return term.title if term else key or ""

    def titles(self, kind: Kind) -> Mapping[str, str]:
        """Words for people by key."""
        return {key: term.title for key, term in self.lists[kind].items()}
