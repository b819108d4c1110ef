"""The operators' side of the journal in a database (fulfils `ports.CallbackBook`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping, Table, and_, or_, select, update

from ivr.adapters.storage import tables
from ivr.adapters.storage.database import Transactions, insert_or_replace
from ivr.adapters.storage.kinship import kin_of
from ivr.adapters.storage.outbox import enqueue
from ivr.adapters.storage.rows import (
    attempt_of,
    attempt_row,
    callback_of,
    callback_row,
    columns_of,
    message_of,
    message_row,
    move_of,
    move_row,
    referral_of,
    referral_row,
)
from ivr.adapters.storage.search_index import keep_words
from ivr.domain.attempt import Attempt
from ivr.domain.callback import OPEN_STATES, Callback
from ivr.domain.case import Case
from ivr.domain.message import FILLED_BY_PEOPLE, Message
from ivr.domain.referral import Referral

_OPEN = [state.value for state in OPEN_STATES]
_LIFE = (
    "state", "holder", "touched_at", "rests", "failures", "opens_at", "closes_at", "dialling", "version", "is_open",
)  # fmt: skip
"""Columns of a promise that its life changes; number, deadline and counter belong to the calls."""


class DatabaseCallbackBook:
    """Promises, attempts and steps in SQLite or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def find(self, callback: str) -> Case | None:
        """All that is known of one promise."""
        return await self._transactions.read(lambda db: _case(db, callback))

    async def keep(
        self,
        seen: int,
        callback: Callback,
        record: Attempt | Referral | None = None,
        messages: Sequence[Message] = (),
    ) -> bool:
        """One conditional UPDATE decides who wins; the rest follows in the same transaction."""

        def write(db: Connection) -> bool:
            table, row = tables.callback, callback_row(callback)
            as_seen = and_(table.c.id == callback.id, table.c.version == seen)
            news = {name: row[name] for name in _LIFE}
            news["act_by"] = row["closes_at"] or table.c.due_at
            if db.execute(update(table).where(as_seen).values(news)).rowcount != 1:
                return False
            if isinstance(record, Attempt):
                insert_or_replace(db, tables.attempt, attempt_row(record))
            elif record:
                insert_or_replace(db, tables.referral, referral_row(record))
            if callback.trail:
                db.execute(tables.callback_move.insert(), [move_row(callback.id, move) for move in callback.trail])
                _tell(db, callback)
            for message in messages:
                _write_columns(db, message)
            keep_words(db, (message.id for message in messages))
            return True

        return await self._transactions.write(write)

    async def owed(self, municipality: str, number: str) -> Sequence[Callback]:
        """Open promises to one number, oldest first."""
        table = tables.callback
        wanted = and_(table.c.municipality == municipality, table.c.number == number, table.c.state.in_(_OPEN))
        query = select(table).where(wanted).order_by(table.c.created_at)
        return await self._transactions.read(lambda db: [callback_of(row) for row in db.execute(query).mappings()])

    async def held(self) -> Sequence[Callback]:
        """Open promises with a holder or an attempt in progress."""
        table = tables.callback
        query = select(table).where(table.c.state.in_(_OPEN), or_(table.c.holder != "", table.c.dialling != ""))
        return await self._transactions.read(lambda db: [callback_of(row) for row in db.execute(query).mappings()])

    async def referrals(self, municipality: str, *, open_only: bool = True) -> Sequence[tuple[Referral, Message]]:
        """Questions passed on, by deadline, each with the first row of its promise."""
        table, message = tables.referral, tables.message
        query = select(table).join(tables.callback).where(tables.callback.c.municipality == municipality)
        if open_only:
            query = query.where(table.c.answered_at.is_(None), tables.callback.c.state.in_(_OPEN))

        def read(db: Connection) -> list[tuple[Referral, Message]]:
            found = [referral_of(row) for row in db.execute(query.order_by(table.c.due_at, table.c.id)).mappings()]
            wanted = select(message).where(message.c.id.in_([referral.callback for referral in found]))
            rows = {row["id"]: message_of(row) for row in db.execute(wanted).mappings()}
            return [(referral, rows[referral.callback]) for referral in found if referral.callback in rows]

        return await self._transactions.read(read)

    async def kin(self, message: Message, since: datetime) -> Sequence[Message]:
        """Earlier rows of the same phone or the same name, of the same municipality, oldest first."""

        def read(db: Connection) -> list[Message]:
            return kin_of(db, message, since)

        return await self._transactions.read(read)

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


def _case(db: Connection, callback: str) -> Case | None:
    row = db.execute(select(tables.callback).where(tables.callback.c.id == callback)).mappings().one_or_none()
    if row is None:
        return None

    def served(table: Table, order: str) -> Sequence[RowMapping]:
        query = select(table).where(table.c.callback_id == callback).order_by(table.c[order])
        return db.execute(query).mappings().all()

    return Case(
        callback_of(row),
        tuple(message_of(found) for found in served(tables.message, "received_at")),
        tuple(attempt_of(found) for found in served(tables.attempt, "started_at")),
        tuple(move_of(found) for found in served(tables.callback_move, "number")),
        tuple(referral_of(found) for found in served(tables.referral, "passed_at")),
    )


def _tell(db: Connection, callback: Callback) -> None:
    last = callback.trail[-1]
    facts = {"callback": callback.id, "state": str(callback.state), "why": last.why.partition(":")[0]}
    enqueue(db, "callback.moved", callback.municipality, f"{callback.id} {callback.version}", last.at, facts)


def _write_columns(db: Connection, message: Message) -> None:
    """The columns that people fill in, and the recognised ones they have put right."""
    row = message_row(message, None)
    mine = {*FILLED_BY_PEOPLE, *columns_of(message.corrected)}
    columns = {name: value for name, value in row.items() if name in mine}
    db.execute(update(tables.message).where(tables.message.c.id == message.id).values(columns))
