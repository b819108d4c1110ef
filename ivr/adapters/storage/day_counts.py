"""One day of the journal in counts, for the curator: each table is read once, by its index on time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, select

from ivr.adapters.storage import tables
from ivr.adapters.storage.codec import from_plain
from ivr.adapters.storage.duty_counts import count_reports, count_shift
from ivr.adapters.storage.ledger import legs
from ivr.domain.calendar import WorkingCalendar
from ivr.domain.call import CallEnd, Mode
from ivr.domain.compliance import NOBODY, Clause, DayCount, Duties, Kind, promise_kept, word_errors
from ivr.domain.contact import Address, PersonName
from ivr.domain.correction import CORRECTABLE
from ivr.domain.counting import CountedBy, count_load
from ivr.domain.leg import Side
from ivr.domain.life import AWAITING_CALL, Origin
from ivr.domain.regulation import Regulation
from ivr.domain.report import Period
from ivr.domain.vocabulary import AttemptOutcome, Status

_NO_ATTEMPT = (AttemptOutcome.ABANDONED.value, AttemptOutcome.RETRACTED.value)
_MISSED = (Mode.OVERFLOW.value, Mode.FRONT_DESK.value)
_WRITTEN = ("passed_on", "planned", "closed", "no_contact")
_LONGEST_KEY = 200
NO_DUTIES = Duties()


def count_day(
    db: Connection, municipality: str, day: date, calendar: WorkingCalendar, rules: Regulation, now: datetime,
    duties: Duties = NO_DUTIES,
) -> DayCount:  # fmt: skip
    """All that the curator's pages know of a day."""
    begins, ends = Period(day, day).moments(calendar.zone)
    counted = DayCount(day)
    _calls(db, counted, municipality, begins, ends)
    _messages(db, counted, municipality, begins, ends)
    _promises(db, counted, municipality, begins, ends, now)
    _cards(db, counted, municipality, begins, ends, timedelta(minutes=rules.card_within_minutes), now)
    _answers(db, counted, municipality, begins, ends, now)
    _legs(db, counted, municipality, begins, ends, calendar, rules, duties.counted_by)
    count_shift(db, counted, municipality, calendar, rules.operators_at_least, now, duties.edition)
    count_reports(db, counted, municipality, begins, ends, now, letters=duties.letters)
    return counted


def _calls(db: Connection, counted: DayCount, town: str, begins: datetime, ends: datetime) -> None:
    """Clauses 7 and 12: the assistant answers, and the notice is heard."""
    call = tables.call.c
    columns = (call.id, call.mode, call.answered_at, call.end, call.notice_seconds, call.engine)
    query = select(*columns).where(call.municipality == town, call.started_at >= begins, call.started_at < ends)
    for row in db.execute(query):
        counted.add(Kind.MODE, row.mode)
        if not row.engine:
            continue  # taken from an older journal: nobody knows
        if row.mode == Mode.AFTER_HOURS and row.end != CallEnd.CANCELLED:
            counted.judge(Clause.AFTER_HOURS, row.id, row.answered_at is not None)
        if row.answered_at and row.end == CallEnd.COMPLETED:
            counted.judge(Clause.NOTICE, row.id, row.notice_seconds > 0)


def _messages(db: Connection, counted: DayCount, town: str, begins: datetime, ends: datetime) -> None:
    """Topics, settlements, and how often people had to put right what was understood."""
    message, correction = tables.message.c, tables.correction.c
    columns = (message.id, message.topic, message.locality, message.status, message.corrected, message.text)
    within = and_(message.municipality == town, message.received_at >= begins, message.received_at < ends)
    for row in db.execute(select(*columns).where(within)):
        counted.add(Kind.TOPIC, row.topic or NOBODY)
        counted.add(Kind.PLACE, (row.locality or NOBODY)[:_LONGEST_KEY])
        if row.text and row.status != Status.NEW:
            for field in CORRECTABLE:
                counted.add(Kind.SLOT, field)
                counted.add(Kind.RIGHT, field, field not in row.corrected)
    found = select(correction.field, correction.before, correction.after)
    for righted in db.execute(found.join_from(tables.correction, tables.message).where(within)):
        _correction(counted, righted)


def _correction(counted: DayCount, row: Any) -> None:
    before, after = (_text(row.field, value) for value in (row.before, row.after))
    if row.field == "topic":
        counted.add(Kind.RETOPIC, f"{before or NOBODY}>{after or NOBODY}")
    if row.field not in ("name", "address") or not after:
        return
    words, errors, pairs = word_errors(before, after)
    counted.add(Kind.WORDS, row.field, words)
    counted.add(Kind.ERRORS, row.field, errors)
    for heard, said in pairs:
        counted.add(Kind.MISHEARD, f"{heard}>{said}"[:_LONGEST_KEY])


def _text(field: str, value: object) -> str:
    kind = {"name": PersonName, "address": Address}.get(field)
    if kind is None or value is None:
        return value if isinstance(value, str) else ""
    known = from_plain(kind, value)
    if isinstance(known, PersonName):
        return known.full
    parts = (known.locality, known.street, known.house) if isinstance(known, Address) else ()
    return " ".join(part for part in parts if part)


def _promises(
    db: Connection, counted: DayCount, town: str, begins: datetime, ends: datetime, now: datetime
) -> None:  # fmt: skip
    """Clauses 13 and 14: called back by the deadline."""
    callback, attempt, message, call = tables.callback, tables.attempt, tables.message, tables.call
    tried = and_(attempt.c.callback_id == callback.c.id, attempt.c.outcome.not_in(_NO_ATTEMPT))
    first = select(func.min(attempt.c.started_at)).where(tried).scalar_subquery().label("first")
    query = (
        select(callback.c.due_at, callback.c.state, first, message.c.id, call.c.mode)
        .join_from(callback, message, message.c.id == _latest())
        .join(call, call.c.id == message.c.id)
        .where(callback.c.municipality == town, callback.c.due_at >= begins, callback.c.due_at < ends)
        .where(callback.c.origin == Origin.PROMISE.value)
    )
    waiting = [state.value for state in AWAITING_CALL]
    for row in db.execute(query):
        verdict = promise_kept(row.due_at, row.first, now, is_open=row.state in waiting)
        if verdict:
            clause = Clause.MISSED if row.mode in _MISSED else Clause.CALLED_BACK
            counted.judge(clause, row.id, *verdict)


def _latest() -> Any:
    """The id of a promise's latest message."""
    message = tables.message.alias("latest")
    mine = message.c.callback_id == tables.callback.c.id
    query = select(message.c.id).where(mine).order_by(message.c.received_at.desc(), message.c.id).limit(1)
    return query.correlate(tables.callback).scalar_subquery()


def _cards(
    db: Connection, counted: DayCount, town: str, begins: datetime, ends: datetime, within: timedelta, now: datetime
) -> None:
    """Clause 15: the card of a conversation stands within the hour."""
    callback, message, move = tables.callback, tables.message, tables.callback_move
    written = and_(move.c.callback_id == callback.c.id, move.c.after.in_(_WRITTEN))
    done = select(func.min(move.c.at)).where(written).scalar_subquery().label("done")
    query = (
        select(message.c.id, message.c.received_at, done)
        .join_from(message, callback, message.c.callback_id == callback.c.id)
        .where(message.c.municipality == town, message.c.received_at >= begins, message.c.received_at < ends)
        .where(callback.c.origin == Origin.CONVERSATION.value)
    )
    for row in db.execute(query):
        if verdict := promise_kept(row.received_at + within, row.done, now, is_open=True):
            counted.judge(Clause.CARD, row.id, *verdict)


def _answers(
    db: Connection, counted: DayCount, town: str, begins: datetime, ends: datetime, now: datetime
) -> None:  # fmt: skip
    """Clause 21: the executor's answer in time."""
    referral, callback = tables.referral, tables.callback
    query = (
        select(referral.c.due_at, referral.c.answered_at, _latest().label("message"))
        .join_from(referral, callback)
        .where(referral.c.due_at >= begins, referral.c.due_at < ends, callback.c.municipality == town)
        .where(referral.c.withdrawn_at.is_(None))
    )
    for row in db.execute(query):
        if row.message and (verdict := promise_kept(row.due_at, row.answered_at, now, is_open=True)):
            counted.judge(Clause.FEEDBACK, row.message, *verdict)


def _legs(
    db: Connection, counted: DayCount, town: str, begins: datetime, ends: datetime, calendar: WorkingCalendar,
    rules: Regulation, counted_by: CountedBy,
) -> None:  # fmt: skip
    """Appendix 1 and clause 11."""
    found = legs(db, town, begins, ends)
    for day in count_load(found, calendar, counted_by):
        if day.day == counted.day:
            counted.load(day, rules)
    talks: dict[str, float] = {}
    for leg in found:
        if leg.side is not Side.OPERATOR or leg.answered_at is None or not begins <= leg.invited_at < ends:
            continue
        late = (leg.answered_at - leg.invited_at).total_seconds() - rules.answer_seconds
        if leg.call not in talks:
            counted.judge(Clause.LIFTED, leg.call, late <= 0, timedelta(seconds=late) if late > 0 else None)
        talks[leg.call] = talks.get(leg.call, 0.0) + (leg.ended_at - leg.answered_at).total_seconds()
    for call, seconds in talks.items():
        late = seconds - rules.handling_minutes * 60
        counted.judge(Clause.HANDLED, call, late <= 0, timedelta(seconds=late) if late > 0 else None)
