"""Reports as they were made, and the outbox of their letters (fulfils `ports.reports.Archive`).

Exactly once: a letter is claimed by one sender for some minutes; before the last word of a delivery the row says
"handing over", under a condition that only the claim's owner meets. Whoever dies after that leaves a letter in doubt,
which never goes again by itself.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, RowMapping, and_, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from ivr.adapters.storage import tables
from ivr.adapters.storage.codec import safe_text
from ivr.adapters.storage.database import insert_once, looking
from ivr.domain.letter import FiledReport, Letter, LetterState, ReportKind
from ivr.domain.report import Period
from ivr.errors import JournalError

T = TypeVar("T")

_REPORT = tables.report
_LETTER = tables.letter
_SAME = ("id", "municipality", "edition", "made_at", "due_at", "title", "rows", "sha256", "rows_sha256",
         "approved_by", "approved_at", "reported_by", "reported_at", "remarks")  # fmt: skip
_REPLY_AT_MOST = 500


class ReportArchive:
    """The archive in SQLite or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def file(self, report: FiledReport, content: bytes) -> bool:
        """Keep a report; False when this edition is kept already."""
        row = {name: getattr(report, name) for name in _SAME}
        row |= {"kind": report.kind.value, "first": report.period.first, "last": report.period.last}
        row["content"] = content

        def keep(db: Connection) -> bool:
            insert_once(db, _REPORT, row)
            return db.execute(select(_REPORT.c.sha256).where(_REPORT.c.id == report.id)).scalar() == report.sha256

        return self._do(self._engine, keep)

    def filed(self, municipality: str, kind: ReportKind, at_most: int = 10) -> Sequence[FiledReport]:
        """The latest reports, newest period and edition first."""
        columns = [column for column in _REPORT.c if column.name != "content"]
        query = (
            select(*columns)
            .where(_REPORT.c.municipality == municipality, _REPORT.c.kind == kind.value)
            .order_by(_REPORT.c.first.desc(), _REPORT.c.edition.desc())
            .limit(at_most)
        )
        return [_report(row) for row in self._rows(query)]

    def find(self, report: str) -> FiledReport | None:
        """By id."""
        columns = [column for column in _REPORT.c if column.name != "content"]
        rows = self._rows(select(*columns).where(_REPORT.c.id == report))
        return _report(rows[0]) if rows else None

    def content(self, report: str) -> bytes:
        """The file of a report.

        Raises:
            JournalError: there is no such report.
        """
        rows = self._rows(select(_REPORT.c.content).where(_REPORT.c.id == report))
        if not rows:
            raise JournalError(f"there is no report {report}")
        return bytes(rows[0]["content"])

    def approve(self, report: str, by: str, at: datetime, recipients: Sequence[str]) -> bool:
        """Let a report go: its letters wait from now on."""

        def let_go(db: Connection) -> bool:
            mine = and_(_REPORT.c.id == report, _REPORT.c.approved_at.is_(None))
            if not _changed(db, update(_REPORT).where(mine).values(approved_by=by, approved_at=at)):
                return False
            insert_once(db, _LETTER, *(_letter_row(report, one, recipients, at) for one in recipients))
            return True

        return self._do(self._engine, let_go)

    def reported(self, report: str, by: str, at: datetime) -> bool:
        """The head has been told."""
        mine = and_(_REPORT.c.id == report, _REPORT.c.reported_at.is_(None))
        change = update(_REPORT).where(mine).values(reported_by=by, reported_at=at)
        return self._do(self._engine, lambda db: _changed(db, change))

    def letters(self, *reports: str) -> Sequence[Letter]:
        """The letters of these reports, by report and addressee."""
        theirs = _LETTER.c.report_id.in_(reports)
        query = select(_LETTER).where(theirs).order_by(_LETTER.c.report_id, _LETTER.c.recipient)
        return [_letter(row) for row in self._rows(query)]

    def report_of(self, letter: Letter) -> FiledReport:
        """The report a letter carries."""
        columns = [column for column in _REPORT.c if column.name != "content"]
        return _report(self._rows(select(*columns).where(_REPORT.c.id == letter.report))[0])

    def claim(self, at: datetime, until: datetime) -> Letter | None:
        """A letter whose time has come, for the one who asks and nobody else until then."""
        due = and_(
            _LETTER.c.state == LetterState.WAITING.value, _LETTER.c.next_try_at <= at,
            or_(_LETTER.c.claim == "", _LETTER.c.claimed_until <= at),
        )  # fmt: skip

        def take(db: Connection) -> Letter | None:
            known = db.execute(select(_LETTER.c.id).where(due).order_by(_LETTER.c.next_try_at).limit(1)).scalar()
            change = update(_LETTER).where(_LETTER.c.id == known, due)
            change = change.values(claim=uuid.uuid4().hex, claimed_until=until)
            if known is None or not _changed(db, change):
                return None
            return _letter(db.execute(select(_LETTER).where(_LETTER.c.id == known)).mappings().one())

        return self._do(self._engine, take)

    def hand_over(self, letter: Letter) -> bool:
        """The last word is about to be said."""
        return self._mine(letter, LetterState.WAITING, state=LetterState.HANDING_OVER.value)

    def delivered(self, letter: Letter, reply: str, at: datetime) -> None:
        """The server has taken it."""
        news = {"state": LetterState.DELIVERED.value, "reply": _brief(reply), "sent_at": at, "claim": ""}
        self._mine(letter, LetterState.HANDING_OVER, **news)

    def put_off(self, letter: Letter, why: str, next_try_at: datetime) -> None:
        """It was not taken, whether the last word was said (and refused) or not."""
        news = {"state": LetterState.WAITING.value, "reply": _brief(why), "next_try_at": next_try_at, "claim": ""}
        self._mine(letter, LetterState.WAITING, LetterState.HANDING_OVER, **news, tries=letter.tries + 1)

    def in_doubt(self, letter: Letter, why: str) -> None:
        """Nobody knows whether it was taken."""
        self._mine(letter, LetterState.HANDING_OVER, state=LetterState.IN_DOUBT.value, reply=_brief(why), claim="")

    def find_doubtful(self, at: datetime) -> Sequence[Letter]:
        """Letters being handed over when their sender died are in doubt from now on; all that are in doubt."""

        def find(db: Connection) -> list[Letter]:
            died = and_(_LETTER.c.state == LetterState.HANDING_OVER.value, _LETTER.c.claimed_until <= at)
            db.execute(update(_LETTER).where(died).values(state=LetterState.IN_DOUBT.value, claim=""))
            query = select(_LETTER).where(_LETTER.c.state == LetterState.IN_DOUBT.value)
            return [_letter(row) for row in db.execute(query).mappings()]

        return self._do(self._engine, find)

    def settle(self, letter: str, *, arrived: bool, by: str, at: datetime) -> bool:
        """A person has asked the addressee."""
        state = LetterState.DELIVERED if arrived else LetterState.WAITING
        doubtful = and_(_LETTER.c.id == letter, _LETTER.c.state == LetterState.IN_DOUBT.value)
        change = update(_LETTER).where(doubtful).values(
            state=state.value, settled_by=by, sent_at=at if arrived else None, next_try_at=at, claim=""
        )  # fmt: skip
        return self._do(self._engine, lambda db: _changed(db, change))

    def _mine(self, letter: Letter, *states: LetterState, **news: Any) -> bool:
        """Change a letter only while it is in these states and under this claim."""
        held = and_(
            _LETTER.c.id == letter.id, _LETTER.c.claim == letter.claim,
            _LETTER.c.state.in_([state.value for state in states]),
        )  # fmt: skip
        return self._do(self._engine, lambda db: _changed(db, update(_LETTER).where(held).values(**news)))

    def _rows(self, query: Any) -> Sequence[RowMapping]:
        return self._do(looking(self._engine), lambda db: db.execute(query).mappings().all())

    def _do(self, engine: Engine, work: Callable[[Connection], T]) -> T:
        try:
            with engine.begin() as db:
                return work(db)
        except SQLAlchemyError as fault:
            raise JournalError(f"the database did not take it: {type(fault).__name__}") from fault


def _changed(db: Connection, change: Any) -> bool:
    return bool(db.execute(change).rowcount)


def _brief(text: str) -> str:
    return safe_text(text)[:_REPLY_AT_MOST]


def _letter_row(report: str, recipient: str, recipients: Sequence[str], at: datetime) -> dict[str, Any]:
    identity = hashlib.sha256(f"{report} {recipient}".encode()).hexdigest()[:32]
    return {
        "id": identity, "report_id": report, "recipient": recipient, "recipients": list(recipients),
        "state": LetterState.WAITING.value, "claim": "", "tries": 0, "next_try_at": at, "reply": "",
    }  # fmt: skip


def _report(row: RowMapping) -> FiledReport:
    return FiledReport(
        **{name: row[name] for name in _SAME}, kind=ReportKind(row["kind"]), period=Period(row["first"], row["last"])
    )


def _letter(row: RowMapping) -> Letter:
    same = ("id", "recipient", "claim", "tries", "next_try_at", "reply", "sent_at", "settled_by")
    return Letter(
        **{name: row[name] for name in same}, report=row["report_id"],
        recipients=tuple(row["recipients"]), state=LetterState(row["state"]),
    )  # fmt: skip
