"""What people must be told of in time: deadlines, windows, cards not written, what does not work (clauses 5, 9, 13, 15,
21)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from ivr.domain.calendar import WorkingCalendar
from ivr.domain.callback import Callback, CallbackState
from ivr.domain.deadlines import next_opening
from ivr.domain.life import TO_BE_WRITTEN
from ivr.domain.people import Role
from ivr.domain.regulation import Regulation

DUE_SOON = timedelta(minutes=30)
CALENDAR_ENDS_IN = timedelta(days=60)
SHORT_ABSENCE = timedelta(minutes=2)


class NoticeKind(StrEnum):
    """What it is about."""

    URGENT = "urgent"  # emergency words were heard (interpretation 24)
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    WINDOW_OPENED = "window_opened"
    WINDOW_PASSED = "window_passed"
    ANSWER_TODAY = "answer_today"  # an executor's answer is due at closing time (clause 21)
    CARD_SOON = "card_soon"  # 45 minutes after the conversation (interpretation 19)
    CARD_MISSING = "card_missing"  # the hour of clause 15 is over
    FEW_OPERATORS = "few_operators"  # fewer than two on shift (clause 9)
    PUBLICITY = "publicity"  # clause 5: what is published about the line is brought up to date each quarter
    DISK = "disk"
    TRUNK = "trunk"  # the PBX does not answer, or refuses registration
    RECORDINGS = "recordings"  # the store does not take them: they wait on the engine's disk
    MAIL = "mail"  # the mail server does not answer
    CALENDAR = "calendar"  # transferred days are not known far enough ahead
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


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one letter tells one addressee.

    Attributes:
        claim: who may send it now.
        tries: how often it was tried in vain.
    """

    recipient: str
    notices: tuple[Notice, ...]
    claim: str = ""
    tries: int = 0


_OPERATORS, _CURATOR, _BOTH = (Role.OPERATOR,), (Role.CURATOR,), (Role.OPERATOR, Role.CURATOR)
_KEEPERS = (Role.CURATOR, Role.ADMINISTRATOR)
AUDIENCE: Mapping[NoticeKind, tuple[Role, ...]] = {
    NoticeKind.URGENT: _BOTH,
    NoticeKind.DUE_SOON: _OPERATORS,
    NoticeKind.OVERDUE: _BOTH,
    NoticeKind.WINDOW_OPENED: _OPERATORS,
    NoticeKind.WINDOW_PASSED: _BOTH,
    NoticeKind.ANSWER_TODAY: _BOTH,
    NoticeKind.CARD_SOON: _OPERATORS,
    NoticeKind.CARD_MISSING: _BOTH,
    NoticeKind.FEW_OPERATORS: _CURATOR,
    NoticeKind.PUBLICITY: _CURATOR,
    NoticeKind.DISK: _KEEPERS,
    NoticeKind.TRUNK: _KEEPERS,
    NoticeKind.RECORDINGS: _KEEPERS,
    NoticeKind.MAIL: _KEEPERS,
    NoticeKind.CALENDAR: _KEEPERS,
    NoticeKind.REPORT_NOT_MADE: _KEEPERS,
    NoticeKind.MAIL_AWAY: _KEEPERS,
}
"""Whom a notice concerns; the reports' own concern the curator."""

BY_LETTER = (
    NoticeKind.URGENT, NoticeKind.DUE_SOON, NoticeKind.OVERDUE, NoticeKind.WINDOW_PASSED, NoticeKind.ANSWER_TODAY,
    NoticeKind.CARD_MISSING, NoticeKind.FEW_OPERATORS, NoticeKind.PUBLICITY, NoticeKind.DISK, NoticeKind.TRUNK,
    NoticeKind.RECORDINGS, NoticeKind.CALENDAR,
)  # fmt: skip
"""What is written of when nothing else is set. (Of the mail server no letter can tell.)"""


def concerns(kind: NoticeKind) -> tuple[Role, ...]:
    """Roles that a kind of notice concerns."""
    return AUDIENCE.get(kind, _CURATOR)


def notices_of(callback: Callback, now: datetime, rules: Regulation) -> Iterator[Notice]:
    """What is to be told of a promise by now."""

    def notice(kind: NoticeKind, at: datetime) -> Notice:
        return Notice(kind, callback.municipality, callback.id, at)

    if not callback.is_open:
        return
    if callback.urgent:
        yield notice(NoticeKind.URGENT, callback.created_at)
    if callback.state in TO_BE_WRITTEN:
        hour = timedelta(minutes=rules.card_within_minutes)
        if now >= callback.act_by:
            yield notice(NoticeKind.CARD_MISSING, callback.act_by)
        elif now >= callback.act_by - hour + timedelta(minutes=rules.card_alert_minutes):
            yield notice(NoticeKind.CARD_SOON, callback.act_by)
        return
    passed_on = CallbackState.PASSED_ON in (callback.state, callback.rests)
    windowed = callback.opens_at is not None and not passed_on
    if windowed and callback.opens_at and now >= callback.opens_at:
        yield notice(NoticeKind.WINDOW_OPENED, callback.opens_at)
    if now >= callback.act_by:
        yield notice(NoticeKind.WINDOW_PASSED if windowed else NoticeKind.OVERDUE, callback.act_by)
    elif now >= callback.act_by - DUE_SOON and not windowed:
        yield notice(NoticeKind.DUE_SOON, callback.act_by)


def answer_notice(callback: Callback, now: datetime, calendar: WorkingCalendar) -> Notice | None:
    """From opening time of the day on which the citizen is to have his answer (clause 21)."""
    passed_on = CallbackState.PASSED_ON in (callback.state, callback.rests) and callback.state not in TO_BE_WRITTEN
    if not callback.is_open or not passed_on:
        return None
    day = callback.act_by.astimezone(calendar.zone).date()
    hours = calendar.hours(day)
    opens = datetime.combine(day, hours.opens, calendar.zone) if hours else callback.act_by
    if not opens <= now < callback.act_by:
        return None
    return Notice(NoticeKind.ANSWER_TODAY, callback.municipality, callback.id, callback.act_by)


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


def calendar_notice(municipality: str, known_until: date, today: date) -> Notice | None:
    """60 days before the transferred days known to the calendar end, once for each year's table."""
    from_then_on = datetime(known_until.year, known_until.month, known_until.day, tzinfo=UTC) - CALENDAR_ENDS_IN
    if today < from_then_on.date():
        return None
    return Notice(NoticeKind.CALENDAR, municipality, known_until.isoformat(), from_then_on)


def few_operators_notice(municipality: str, since: datetime | None, now: datetime) -> Notice | None:
    """Too few operators have been at their place for some minutes (clause 9); once for each time it comes to that."""
    if since is None or now - since < SHORT_ABSENCE:
        return None
    return Notice(NoticeKind.FEW_OPERATORS, municipality, "", since)
