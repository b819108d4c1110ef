"""What people must be told of in time: deadlines, windows, cards not written (clauses 5, 13, 15, 21)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from ivr.domain.calendar import WorkingCalendar
from ivr.domain.callback import Callback, CallbackState
from ivr.domain.deadlines import next_opening
from ivr.domain.regulation import Regulation

DUE_SOON = timedelta(minutes=30)


class NoticeKind(StrEnum):
    """What it is about."""

    URGENT = "urgent"  # emergency words were heard (interpretation 24)
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    WINDOW_OPENED = "window_opened"
    WINDOW_PASSED = "window_passed"
    CARD_MISSING = "card_missing"  # clause 15
    PUBLICITY = "publicity"  # clause 5: what is published about the line is brought up to date each quarter
    DISK = "disk"
    REPORT_READY = "report_ready"  # clauses 18, 19
    REPORT_NOT_MADE = "report_not_made"  # a fault of ours: the administrator looks at the log
    REPORT_LEFT = "report_left"  # the weekly letter goes, by itself or by the curator's word
    LETTER_DELIVERED = "letter_delivered"
    LETTER_LATE = "letter_late"  # delivered after its hour
    LETTER_REFUSED = "letter_refused"  # by the mail server; it is tried again
    LETTER_IN_DOUBT = "letter_in_doubt"  # nobody knows whether it was taken: ask the addressee
    MAIL_AWAY = "mail_away"  # and the weekly letter is to leave soon
    LETTER_NOT_SENT = "letter_not_sent"  # and its hour is near
    MONTH_NOT_TOLD = "month_not_told"  # the head waits for the month (clause 18)


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to be told once.

    Attributes:
        subject: a callback's id, a quarter, a share of the disk, a report's kind and first day.
        at: the moment it is about: fixed by the facts, never by when somebody looked.
    """

    kind: NoticeKind
    municipality: str
    subject: str
    at: datetime

    @property
    def key(self) -> str:
        """The same for the same thing, whoever finds it and how often."""
        return f"{self.kind}:{self.municipality}:{self.subject}:{self.at.astimezone(UTC):%Y%m%dT%H%M%S}"


_BEING_WRITTEN = (CallbackState.REACHED, CallbackState.UNREACHED)


def notices_of(callback: Callback, now: datetime, rules: Regulation) -> Iterator[Notice]:
    """What is to be told of a promise by now."""

    def notice(kind: NoticeKind, at: datetime) -> Notice:
        return Notice(kind, callback.municipality, callback.id, at)

    if not callback.is_open:
        return
    if callback.urgent:
        yield notice(NoticeKind.URGENT, callback.created_at)
    if callback.state in _BEING_WRITTEN:
        written_by = (callback.touched_at or now) + timedelta(minutes=rules.card_within_minutes)
        if now >= written_by:
            yield notice(NoticeKind.CARD_MISSING, written_by)
        return
    passed_on = CallbackState.PASSED_ON in (callback.state, callback.rests)
    windowed = callback.opens_at is not None and not passed_on
    if windowed and callback.opens_at and now >= callback.opens_at:
        yield notice(NoticeKind.WINDOW_OPENED, callback.opens_at)
    if now >= callback.act_by:
        yield notice(NoticeKind.WINDOW_PASSED if windowed else NoticeKind.OVERDUE, callback.act_by)
    elif now >= callback.act_by - DUE_SOON and not windowed:
        yield notice(NoticeKind.DUE_SOON, callback.act_by)


def publicity_notice(municipality: str, now: datetime, calendar: WorkingCalendar) -> Notice | None:
    """The quarterly task of clause 5, from the first opening of the quarter on."""
    local = now.astimezone(calendar.zone)
    quarter = (local.month - 1) // 3
    begins = datetime(local.year, 3 * quarter + 1, 1, tzinfo=calendar.zone)
    opens = next_opening(calendar, begins)
    subject = f"{local.year}-Q{quarter + 1}"
    return Notice(NoticeKind.PUBLICITY, municipality, subject, opens) if now >= opens else None


def disk_notice(municipality: str, free_share: float, today: date) -> Notice | None:
    """Free space below 15 %, and again below 5 %, once a day each (fault F3)."""
    for percent in (5, 15):
        if free_share * 100 < percent:
            at = datetime(today.year, today.month, today.day, tzinfo=UTC)
            return Notice(NoticeKind.DISK, municipality, str(percent), at)
    return None
