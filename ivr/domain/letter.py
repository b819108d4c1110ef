"""Reports that were made, and the letters they go out with (clauses 18, 19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.domain.report import Period

_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15, 30))

_SHORTLY = timedelta(hours=1)
_WAIT_BEFORE_DUE = timedelta(minutes=2)


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many failures and one more: a minute at first, half an hour at last."""
    return _WAITS[min(tries, len(_WAITS) - 1)]


class ReportKind(StrEnum):
    """Which report."""

    WEEK = "week"  # appendix 3, to the ministry
    MONTH = "month"  # to the head


@dataclass(frozen=True, slots=True)
class FiledReport:
    """A report as it was made. What was sent is what is kept; a correction is the next edition (interpretation 14).

    Attributes:
        edition: 1, 2, 3 …
        due_at: by when it has to be with its reader.
        title: dates and edition as printed.
        sha256: of the file. rows_sha256: of what it tells, to see later whether the journal tells something else.
        approved_by: None: not yet; "": it went by itself.
        reported_at, reported_by: when and by whom the head was told (clause 18).
        remarks: the curator's words to the head.
    """

    id: str
    municipality: str
    kind: ReportKind
    period: Period
    edition: int
    made_at: datetime
    due_at: datetime
    title: str
    rows: int
    sha256: str
    rows_sha256: str
    approved_by: str | None = None
    approved_at: datetime | None = None
    reported_by: str | None = None
    reported_at: datetime | None = None
    remarks: str = ""


class LetterState(StrEnum):
    """Where a letter is."""

    WAITING = "waiting"
    HANDING_OVER = "handing_over"  # the last word may have been said
    DELIVERED = "delivered"
    IN_DOUBT = "in_doubt"  # nobody knows whether it was taken: a person settles it, it never goes again by itself


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one addressee.

    Attributes:
        claim: who may send it now; "" nobody.
        tries: how often it was tried in vain.
        reply: the server's last words: the proof of delivery, or why it was not taken.
        settled_by: who settled a doubt.
    """

    id: str
    report: str
    recipient: str
    recipients: tuple[str, ...]
    state: LetterState = LetterState.WAITING
    claim: str = ""
    tries: int = 0
    next_try_at: datetime | None = None
    reply: str = ""
    sent_at: datetime | None = None
    settled_by: str | None = None

    def next_wait(self, at: datetime, report: FiledReport) -> timedelta:
        """How long to wait after one more failure: a minute at first, half an hour at last, and shortly before the

        deadline never so long that a server that comes back in time is asked too late.
        """
        wait = pause_after(self.tries)
        return min(wait, _WAIT_BEFORE_DUE) if at < report.due_at <= at + _SHORTLY else wait

    def late(self, report: FiledReport) -> bool:
        """It left after its hour."""
        return self.sent_at is not None and self.sent_at > report.due_at
