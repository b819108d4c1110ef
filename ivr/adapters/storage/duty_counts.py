"""The clauses about the house itself, day by day: its shift, its reports (9, 18, 19)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, select

from ivr.adapters.storage import tables
from ivr.adapters.storage.access_tables import person
from ivr.adapters.storage.presence import changes
from ivr.domain.calendar import WorkingCalendar
from ivr.domain.compliance import Clause, DayCount, promise_kept
from ivr.domain.letter import ReportKind
from ivr.domain.notices import SHORT_ABSENCE
from ivr.domain.presence import short_of

_KEEPS_COUNT = timedelta(days=7)
"""Whoever has marked nothing for so long keeps no count of presence, and nothing can be said of it."""


def count_shift(
    db: Connection, counted: DayCount, town: str, calendar: WorkingCalendar, wanted: int, now: datetime, edition: str
) -> None:
    """Clause 9: an hour is kept when enough were at their place but for a short absence."""
    hours = [(begins, ends) for begins, ends in calendar.hours_of(counted.day) if ends <= now]
    if not hours:
        return
    midnight = hours[0][0].astimezone(calendar.zone).replace(hour=0, minute=0)
    known = changes(db, town, midnight - _KEEPS_COUNT, midnight + timedelta(days=1))
    fit = _fit(db, town, midnight + timedelta(days=1), edition)
    today = [change for change in known if change.at >= midnight and change.who in fit]
    for begins, ends in hours if known else ():
        short = short_of(today, wanted, begins, ends, calendar.zone)
        is_kept = short <= SHORT_ABSENCE
        counted.judge(Clause.STAFFED, begins.isoformat(), is_kept, None if is_kept else short)


def _fit(db: Connection, town: str, until: datetime, edition: str) -> frozenset[str]:
    """Names of those who were trained and had signed for the regulation by then (clauses 1, 9)."""
    query = select(person.c.name).where(
        person.c.municipality == town, person.c.trained_at < until, person.c.acquainted_at < until,
        person.c.acquainted_with >= edition,
    )  # fmt: skip
    return frozenset(db.execute(query).scalars())


def count_reports(
    db: Connection, counted: DayCount, town: str, begins: datetime, ends: datetime, now: datetime, *, letters: bool
) -> None:  # fmt: skip
    """Clauses 18 and 19, on the day when the report was due; any edition of it counts.

    Args:
        letters: a week without a letter broke the clause.
    """
    report, letter = tables.report.c, tables.letter.c
    due = select(report.id, report.kind, report.first, report.last, report.due_at).where(
        report.municipality == town, report.edition == 1, report.due_at >= begins, report.due_at < ends
    )
    for row in db.execute(due).all():
        same = and_(report.municipality == town, report.kind == row.kind, report.first == row.first,
                    report.last == row.last)  # fmt: skip
        if row.kind == ReportKind.MONTH:
            clause, done = Clause.TOLD, db.execute(select(func.min(report.reported_at)).where(same)).scalar()
        else:
            sent = select(func.min(letter.sent_at)).join_from(tables.letter, tables.report).where(same)
            found = db.execute(sent.group_by(letter.recipient)).scalars().all()
            if not found and not letters:
                continue
            clause, done = Clause.LETTER, max(found) if found and all(found) else None
        if verdict := promise_kept(row.due_at, done, now, is_open=True):
            counted.judge(clause, row.id, *verdict)
