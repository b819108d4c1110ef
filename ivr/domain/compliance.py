"""What a day was like, in counts: the curator's pages add these up and never read the rows again (clauses 7-22). Pure.

Counts are kept by day, kind and key; of each broken clause the row that broke it is kept too.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from ivr.domain.counting import CountedBy
from ivr.domain.regulation import Regulation
from ivr.domain.report import LoadDay

NOBODY = "none"
"""Key of what has no topic, no settlement."""


class Clause(StrEnum):
    """What can be counted of the regulation, row by row."""

    NOTICE = "7"  # the notice of recording was heard
    STAFFED = "9"  # enough trained operators, acquainted with the regulation, were at their place for an hour
    LIFTED = "11"  # the handset was lifted in time
    HANDLED = "11.2"  # a conversation took no longer than the norm
    AFTER_HOURS = "12"  # a call after hours was answered by the assistant
    CALLED_BACK = "13"  # the first attempt by the deadline
    MISSED = "14"  # the same of a call missed in working hours
    CARD = "15"  # the card stands within the hour
    TOLD = "18"  # the head was told of the month in time
    LETTER = "19"  # the week's letter was taken by the mail server in time
    FEEDBACK = "21"  # the executor's answer in time


class Kind(StrEnum):
    """What is counted."""

    HOUR = "hour"  # calls in working hours by local hour
    MODE = "mode"
    TOPIC = "topic"
    PLACE = "place"
    LOAD = "load"  # the columns of appendix 1
    KEPT = "kept"  # clause: rows that kept it
    OF = "of"  # clause: rows that it was for
    RIGHT = "right"  # field: messages where nobody put it right
    SLOT = "slot"  # field: messages that people have looked at
    WORDS = "words"  # field: words of corrected fields; count of the errors in them under ERRORS
    ERRORS = "errors"
    MISHEARD = "misheard"  # "heard>said"
    RETOPIC = "retopic"  # "before>after"


@dataclass(frozen=True, slots=True)
class Breach:
    """A row that broke a clause.

    Attributes:
        subject: id of the call's message; of the report (18, 19); the beginning of the hour, ISO 8601 (9).
        late: by how much, or how long there were too few; None where no time is in question.
    """

    clause: Clause
    subject: str
    late: timedelta | None = None


@dataclass(slots=True)
class DayCount:
    """A day being counted."""

    day: date
    counts: dict[tuple[Kind, str], float] = field(default_factory=dict)
    breaches: list[Breach] = field(default_factory=list)

    def add(self, kind: Kind, key: str, count: float = 1) -> None:
        """Count it."""
        self.counts[kind, key] = self.counts.get((kind, key), 0) + count

    def judge(self, clause: Clause, subject: str, kept: bool, late: timedelta | None = None) -> None:
        """A row that a clause is for."""
        self.add(Kind.OF, clause)
        self.add(Kind.KEPT, clause, kept)
        if not kept:
            self.breaches.append(Breach(clause, subject, late))

    def load(self, day: LoadDay, rules: Regulation) -> None:
        """The columns of appendix 1, and the sums that means are made of."""
        sums = {
            "received": day.received or 0, "lost": day.lost or 0, "outgoing": day.outgoing or 0,
            "reached": day.reached or 0, "by_machine": day.by_machine, "after_hours": day.after_hours,
            "rings": len(day.rings), "ring_seconds": sum(day.rings), "talks": len(day.talks),
            "talk_seconds": sum(day.talks), "open": day.received is not None,
            "quick": sum(ring <= rules.answer_seconds for ring in day.rings),
        }  # fmt: skip
        for key, count in sums.items():
            self.add(Kind.LOAD, key, count)
        for hour in day.hours:
            self.add(Kind.HOUR, f"{hour.hour:02}", hour.received)


@dataclass(frozen=True, slots=True)
class Duties:
    """What the clauses about the house itself are judged by.

    Attributes:
        edition: of the regulation in force; whoever has signed for an older one only is not acquainted with it.
        letters: the house sends the weekly letter itself; otherwise nobody knows whether it went.
        counted_by: whose word counts for the load in working hours.
    """

    edition: str = ""
    letters: bool = False
    counted_by: CountedBy = CountedBy.HOUSE


@dataclass(frozen=True, slots=True)
class Kept:
    """How a clause was kept.

    Attributes:
        of: rows that it was for.
    """

    clause: Clause
    kept: int
    of: int

    @property
    def share(self) -> float | None:
        """None: it was for nothing."""
        return self.kept / self.of if self.of else None

    @property
    def broken(self) -> int:
        """Rows that broke it."""
        return self.of - self.kept


def promise_kept(
    due: datetime, first_attempt: datetime | None, now: datetime, *, is_open: bool
) -> tuple[bool, timedelta | None] | None:
    """Whether a promise was kept in time and by how much not; None: it cannot be told yet, or was not needed."""
    if first_attempt is not None:
        return first_attempt <= due, first_attempt - due if first_attempt > due else None
    if not is_open:
        return None
    return (False, now - due) if now > due else None


def word_errors(before: str, after: str) -> tuple[int, int, Sequence[tuple[str, str]]]:
    """Words of the truth, errors in what was heard, and which was heard for which (word error rate = errors / words).

    >>> word_errors("a b c", "a d c")
    (3, 1, [('b', 'd')])
    """
    heard, said = before.lower().split(), after.lower().split()
    errors, pairs = 0, []
    for kind, start, end, first, last in difflib.SequenceMatcher(None, heard, said, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        errors += max(end - start, last - first)
        if kind == "replace":
            pairs += list(zip(heard[start:end], said[first:last], strict=False))
    return len(said), errors, pairs


@dataclass(frozen=True, slots=True)
class TownCounts:
    """One municipality in a period.

    Attributes:
        sums: counts by kind, then key.
        owed, overdue: open callbacks at this moment, and those whose deadline is over.
        weeks, sent: weeks ended in the period that a report was made of, and those that every addressee has.
    """

    sums: Mapping[str, Mapping[str, float]]
    owed: int = 0
    overdue: int = 0
    weeks: int = 0
    sent: int = 0


def added(rows: Iterable[tuple[str, str, float]]) -> Mapping[str, Mapping[str, float]]:
    """Sums by kind, then key."""
    sums: dict[str, dict[str, Any]] = {kind.value: {} for kind in Kind}
    for kind, key, count in rows:
        sums.setdefault(kind, {})[key] = count
    return sums
