"""The operators' side of the journal in a database (fulfils `ports.CallbackBook`)."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    RowMapping,
    Select,
    Table,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)

from ivr.adapters.storage import tables
from ivr.adapters.storage.database import Transactions, insert_or_replace
from ivr.adapters.storage.kinship import kin_of
from ivr.adapters.storage.ledger import enter_attempt
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
from ivr.domain.attempt import Attempt, Means
from ivr.domain.callback import OPEN_STATES, Callback, CallbackState
from ivr.domain.case import Case
from ivr.domain.dial_plan import DialLimits
from ivr.domain.message import FILLED_BY_PEOPLE, Message
from ivr.domain.referral import Referral
from ivr.errors import RuleBroken

_OPEN = [state.value for state in OPEN_STATES]
_UNCLAIMED = (CallbackState.PROMISED, CallbackState.WAITING)
_COUNTING = 516
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

    async def promise(self, callback: str) -> Callback | None:
        """By key."""
        found = await self._promises(_PROMISE, {"callback": callback})
        return found[0] if found else None

    async def keep(
        self,
        seen: int,
        callback: Callback,
        record: Attempt | Referral | None = None,
        messages: Sequence[Message] = (),
        limits: DialLimits | None = None,
    ) -> bool:
        """One conditional UPDATE decides who wins; the rest follows in the same transaction."""

        def write(db: Connection) -> bool:
            row = callback_row(callback)
            news = {name: row[name] for name in _LIFE}
            if db.execute(_STEP, {**news, "which": callback.id, "seen": seen}).rowcount != 1:
                return False
            if isinstance(record, Attempt):
                if limits:
                    _refuse_too_many(db, record, limits)
                insert_or_replace(db, tables.attempt, attempt_row(record))
                enter_attempt(db, record, callback.municipality)
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

    async def note(self, attempt: Attempt) -> None:
        """Only while it lasts."""
        facts = attempt_row(attempt)
        del facts["id"], facts["ended_at"], facts["outcome"]
        lasting = and_(tables.attempt.c.id == attempt.id, tables.attempt.c.ended_at.is_(None))
        await self._transactions.write(lambda db: db.execute(update(tables.attempt).where(lasting).values(facts)))

    async def unended(self, engine: str) -> Sequence[Attempt]:
        """By the index `ix_attempt_open`."""
        query = select(tables.attempt).where(tables.attempt.c.engine == engine, tables.attempt.c.ended_at.is_(None))
        return await self._transactions.read(lambda db: [attempt_of(row) for row in db.execute(query).mappings()])

    async def open(self, municipality: str) -> Sequence[Callback]:
        """By the index `ix_callback_work`."""
        return await self._promises(_OPEN_LIST, {"municipality": municipality})

    async def named(self, municipality: str, prefix: str, at_most: int = 2) -> Sequence[str]:
        """By the primary key."""
        if not prefix or set(prefix) - set(string.hexdigits):
            return []
        key = tables.callback.c.id
        query = select(key).where(key >= prefix, key < prefix + "g", tables.callback.c.municipality == municipality)
        return await self._transactions.read(lambda db: db.execute(query.limit(at_most)).scalars().all())

    async def answered_since(self) -> Sequence[tuple[Callback, str]]:
        """Citizens who rang again and were answered by a person."""
        query = _answered_since()

        def read(db: Connection) -> list[tuple[Callback, str]]:
            found = {row["id"]: (callback_of(row), row["answered_by"]) for row in db.execute(query).mappings()}
            return list(found.values())

        return await self._transactions.read(read)

    async def owed(self, municipality: str, number: str) -> Sequence[Callback]:
        """Open promises to one number, oldest first."""
        table = tables.callback
        wanted = and_(table.c.municipality == municipality, table.c.number == number, table.c.state.in_(_OPEN))
        return await self._promises(select(table).where(wanted).order_by(table.c.created_at))

    async def held(self) -> Sequence[Callback]:
        """Open promises with a holder or an attempt in progress."""
        table = tables.callback
        return await self._promises(
            select(table).where(table.c.is_open.is_(True), or_(table.c.holder != "", table.c.dialling != ""))
        )

    async def _promises(self, query: Select[Any], facts: Mapping[str, object] | None = None) -> Sequence[Callback]:
        return await self._transactions.read(
            lambda db: [callback_of(row) for row in db.execute(query, facts or {}).mappings()]
        )

    async def referrals(self, municipality: str, *, open_only: bool = True) -> Sequence[tuple[Referral, Message]]:
        """Questions passed on, by deadline, each with the first row of its promise."""
        table, message = tables.referral, tables.message
        query = select(table).join(tables.callback).where(tables.callback.c.municipality == municipality)
        if open_only:
            waiting = and_(table.c.answered_at.is_(None), table.c.withdrawn_at.is_(None))
            query = query.where(waiting, tables.callback.c.is_open.is_(True))

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


_STEP = (
    update(tables.callback)
    .where(tables.callback.c.id == bindparam("which"), tables.callback.c.version == bindparam("seen"))
    .values({name: bindparam(name) for name in _LIFE})
    .values(act_by=func.coalesce(bindparam("closes_at"), tables.callback.c.due_at))
)
_OPEN_LIST = (
    select(tables.callback)
    .where(tables.callback.c.municipality == bindparam("municipality"), tables.callback.c.is_open.is_(True))
    .order_by(tables.callback.c.act_by, tables.callback.c.created_at, tables.callback.c.id)
)


def _answered_since() -> Select[Any]:
    """Calls of a waiting promise's citizen, by the number dialled or the one shown, that a person has answered."""
    callback, message, call = tables.callback, tables.message, tables.call
    waits = or_(
        callback.c.state.in_([state.value for state in (*_UNCLAIMED, CallbackState.UNREACHED)]),
        and_(
            callback.c.state == CallbackState.TAKEN.value, callback.c.rests.in_([state.value for state in _UNCLAIMED])
        ),
    )
    same = or_(call.c.caller_number == callback.c.number, call.c.caller_number == message.c.caller_number)
    answered = and_(
        call.c.municipality == callback.c.municipality, same, call.c.caller_number != "", call.c.operator != "",
        call.c.started_at > callback.c.created_at, call.c.ended_at.is_not(None),
    )  # fmt: skip
    return (
        select(callback, call.c.operator.label("answered_by"))
        .join(message, message.c.callback_id == callback.c.id)
        .join(call, answered)
        .where(callback.c.is_open.is_(True), callback.c.dialling == "", waits)
        .order_by(call.c.started_at)
    )


def _refuse_too_many(db: Connection, attempt: Attempt, limits: DialLimits) -> None:
    """Counted in the transaction that adds one; two that add at once do so one after the other."""
    if db.dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(_COUNTING)))
    table = tables.attempt
    made = and_(table.c.means == Means.LINE.value, table.c.started_at >= limits.since, table.c.id != attempt.id)
    mine = func.sum(case((table.c.operator == attempt.operator, 1), else_=0))
    in_all, own = db.execute(select(func.count(), mine).where(made)).one()
    if in_all >= limits.in_all:
        raise RuleBroken("13", "all calls of a day have been placed: ask the administrator", "calls_of_all")
    if (own or 0) >= limits.by_person:
        raise RuleBroken("13", "this person has placed all calls of a day", "calls_of_person", count=limits.by_person)


def _served(table: Table, order: str) -> Select[Any]:
    return select(table).where(table.c.callback_id == bindparam("callback")).order_by(table.c[order])


_PROMISE = select(tables.callback).where(tables.callback.c.id == bindparam("callback"))
_MESSAGES = _served(tables.message, "received_at").add_columns(
    select(tables.recording.c.seconds).where(tables.recording.c.call_id == tables.message.c.id).limit(1)
    .scalar_subquery().label("recorded_seconds")
)  # fmt: skip
_ATTEMPTS = _served(tables.attempt, "started_at")
_MOVES = _served(tables.callback_move, "number")
_REFERRALS = _served(tables.referral, "passed_at")


def _case(db: Connection, callback: str) -> Case | None:
    row = db.execute(_PROMISE, {"callback": callback}).mappings().one_or_none()
    if row is None:
        return None

    def served(query: Select[Any]) -> Sequence[RowMapping]:
        return db.execute(query, {"callback": callback}).mappings().all()

    messages = served(_MESSAGES)
    return Case(
        callback_of(row),
        tuple(message_of(found) for found in messages),
        tuple(attempt_of(found) for found in served(_ATTEMPTS)),
        tuple(move_of(found) for found in served(_MOVES)),
        tuple(referral_of(found) for found in served(_REFERRALS)),
        {found["id"]: found["recorded_seconds"] for found in messages if found["recorded_seconds"]},
    )


def _tell(db: Connection, callback: Callback) -> None:
    last = callback.trail[-1]
    facts = {"callback": callback.id, "state": str(callback.state), "why": last.why.partition(":")[0]}
    enqueue(db, "callback.moved", callback.municipality, f"{callback.id} {callback.version}", last.at, facts)


_ROW = update(tables.message).where(tables.message.c.id == bindparam("which"))


def _write_columns(db: Connection, message: Message) -> None:
    """The columns that people fill in, and the recognised ones they have put right."""
    row = message_row(message, None)
    mine = {*FILLED_BY_PEOPLE, *columns_of(message.corrected)}
    columns = {name: value for name, value in row.items() if name in mine}
    db.execute(_ROW, {**columns, "which": message.id})
