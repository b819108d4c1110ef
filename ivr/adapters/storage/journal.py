"""The journal in a database (fulfils `ports.Journal`). One thread does the work, so that the line never waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, case, delete, func, select, update

from ivr.adapters.storage import tables
from ivr.adapters.storage.database import Transactions, insert_once, insert_or_replace
from ivr.adapters.storage.ledger import enter, enter_call
from ivr.adapters.storage.outbox import enqueue
from ivr.adapters.storage.rows import (
    call_of,
    call_row,
    callback_of,
    callback_row,
    columns_of,
    message_of,
    message_row,
    turn_of,
    turn_row,
)
from ivr.adapters.storage.search_index import keep_words
from ivr.domain.call import Call
from ivr.domain.callback import AWAITING_CALL, OPEN_STATES, Callback, Origin
from ivr.domain.leg import LegRecord
from ivr.domain.message import FILLED_BY_PEOPLE, Message
from ivr.domain.turn import Turn

_OPEN = [state.value for state in OPEN_STATES]
_AWAITING = [state.value for state in AWAITING_CALL]
_BY_DEADLINE = (
    func.coalesce(tables.callback.c.closes_at, tables.callback.c.due_at),
    tables.callback.c.created_at,
    tables.callback.c.id,
)


class DatabaseJournal:
    """Calls, messages and callbacks in SQLite or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def open(self, call: Call, card: Message | None = None) -> None:
        """Insert the call and its card; what is already there stays as it is."""

        def keep(db: Connection) -> None:
            insert_once(db, tables.call, call_row(call))
            if card:
                insert_once(db, tables.message, message_row(card, None))
                keep_words(db, [card.id])

        await self._transactions.write(keep)

    async def answered(self, call: Call, card: Message, case: Callback) -> None:
        """Put the operator on the call, the card and the case, unless the call is over already."""

        def keep(db: Connection) -> None:
            if _closed(db, call.id):
                return
            insert_once(db, tables.call, call_row(call))
            who = {"operator": call.operator, "operator_at": call.operator_at}
            db.execute(update(tables.call).where(tables.call.c.id == call.id).values(who))
            callback_id = _promise(db, case)
            row = message_row(card, callback_id)
            insert_once(db, tables.message, row)
            news = {name: row[name] for name in ("operator", "status", "callback_id")}
            db.execute(update(tables.message).where(tables.message.c.id == card.id).values(news))
            keep_words(db, [card.id])

        await self._transactions.write(keep)

    async def progress(self, call: Call, turns: Sequence[Turn]) -> None:
        """Keep the turns so far, and when the call was answered, unless it is closed already."""

        def keep(db: Connection) -> None:
            if _closed(db, call.id) is False:
                _keep_turns(db, call.id, turns)
                mine = tables.call.c.id == call.id
                db.execute(update(tables.call).where(mine).values(answered_at=call.answered_at))

        await self._transactions.write(keep)

    async def close(
        self, call: Call, turns: Sequence[Turn], message: Message | None, callback: Callback | None
    ) -> None:
        """End the call in one transaction; a second time nothing changes."""

        def keep(db: Connection) -> None:
            if _closed(db, call.id):
                return
            insert_or_replace(db, tables.call, call_row(call))
            _keep_turns(db, call.id, turns)
            if call.recording:
                recording = {"name": call.recording, "call_id": call.id, "seconds": call.recording_seconds}
                insert_once(db, tables.recording, recording)
            callback_id = _promise(db, callback) if callback else None
            if message:
                _keep_message(db, message, callback_id)
            enter_call(db, call)
            if callback_id and callback and callback.state in AWAITING_CALL:
                facts = {"callback": callback_id, "message": call.id}
                enqueue(db, "callback.promised", call.municipality, call.id, call.ended_at or call.started_at, facts)

        await self._transactions.write(keep)

    async def enter(self, legs: Sequence[LegRecord]) -> None:
        """Write legs into the ledger, each once."""
        await self._transactions.write(lambda db: enter(db, legs))

    async def promised(self, municipality: str, number: str) -> datetime | None:
        """The deadline of the open promise to this number."""
        table = tables.callback
        same = and_(table.c.municipality == municipality, table.c.number == number, table.c.state.in_(_AWAITING))
        query = select(func.min(table.c.due_at)).where(same)
        return await self._transactions.read(lambda db: db.execute(query).scalar())

    async def unfinished(self, engine: str) -> Sequence[tuple[Call, Sequence[Turn]]]:
        """Calls of an engine that were never closed, oldest first."""

        def read(db: Connection) -> list[tuple[Call, Sequence[Turn]]]:
            wanted = and_(tables.call.c.engine == engine, tables.call.c.ended_at.is_(None))
            return [(call, _turns(db, call.id)) for call in _calls(db, wanted)]

        return await self._transactions.read(read)

    async def callbacks(
        self, municipality: str | None = None, *, open_only: bool = True
    ) -> Sequence[tuple[Callback, Message]]:
        """By legal deadline, then arrival; each with its latest message."""

        def read(db: Connection) -> list[tuple[Callback, Message]]:
            query = select(tables.callback).order_by(*_BY_DEADLINE)
            if municipality:
                query = query.where(tables.callback.c.municipality == municipality)
            if open_only:
                query = query.where(tables.callback.c.state.in_(_OPEN))
            found = [callback_of(row) for row in db.execute(query).mappings()]
            latest = _latest_messages(db, query.with_only_columns(tables.callback.c.id).order_by(None))
            return [(callback, latest[callback.id]) for callback in found if callback.id in latest]

        return await self._transactions.read(read)

    async def untranscribed(self, limit: int = 20) -> Sequence[tuple[Call, Sequence[Turn], Message]]:
        """Messages with turns that the recogniser never saw, oldest first."""

        def read(db: Connection) -> list[tuple[Call, Sequence[Turn], Message]]:
            query = select(tables.message).where(tables.message.c.recognised.is_(False))
            query = query.order_by(tables.message.c.received_at).limit(limit)
            waiting = [message_of(row) for row in db.execute(query).mappings().all()]
            calls = {message.id: _calls(db, tables.call.c.id == message.id)[0] for message in waiting}
            return [(calls[message.id], _turns(db, message.id), message) for message in waiting]

        return await self._transactions.read(read)

    async def transcribed(self, call: Call, turns: Sequence[Turn], message: Message, callback: Callback | None) -> None:
        """Keep the text made later; what people have filled in stays."""

        def keep(db: Connection) -> None:
            _keep_turns(db, call.id, turns)
            callback_id = _keep_message(db, message, None)
            if callback and callback_id == callback.id:
                _renew(db, callback, message.id)

        await self._transactions.write(keep)

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


def _closed(db: Connection, call_id: str) -> bool | None:
    """Whether a call is closed; None: unknown call."""
    row = db.execute(select(tables.call.c.ended_at).where(tables.call.c.id == call_id)).one_or_none()
    return None if row is None else row[0] is not None


def _keep_turns(db: Connection, call_id: str, turns: Sequence[Turn]) -> None:
    db.execute(delete(tables.turn).where(tables.turn.c.call_id == call_id))
    if turns:
        db.execute(tables.turn.insert(), [turn_row(call_id, turn) for turn in turns])


def _keep_message(db: Connection, message: Message, callback_id: str | None) -> str | None:
    """Insert a message, or put it into the one that stands there: what people have filled in stays. Its callback."""
    table = tables.message
    known = db.execute(select(table.c.callback_id, table.c.corrected).where(table.c.id == message.id)).one_or_none()
    if known is None:
        insert_once(db, table, message_row(message, callback_id))
        keep_words(db, [message.id])
        return callback_id
    kept = {*FILLED_BY_PEOPLE, *columns_of(known.corrected)}
    row = message_row(message, known.callback_id or callback_id)
    facts = {name: value for name, value in row.items() if name not in kept}
    db.execute(update(table).where(table.c.id == message.id).values(facts))
    keep_words(db, [message.id])
    return known.callback_id or callback_id


def _promise(db: Connection, callback: Callback) -> str:
    """Insert a callback, or merge it into the one of the same number that awaits its call (interpretation 5)."""
    table, row = tables.callback, callback_row(callback)
    if row["number"] and callback.origin is Origin.PROMISE:
        _one_at_a_time(db, row["number"])
        same = and_(
            table.c.municipality == row["municipality"], table.c.number == row["number"], table.c.state.in_(_AWAITING)
        )
        news = {
            "calls": table.c.calls + 1,
            "due_at": case((table.c.due_at > callback.due_at, callback.due_at), else_=table.c.due_at),
            "act_by": case(
                (and_(table.c.closes_at.is_(None), table.c.act_by > callback.due_at), callback.due_at),
                else_=table.c.act_by,
            ),
            "urgent": case((table.c.urgent, True), else_=callback.urgent),
        }
        known: str | None = db.execute(update(table).where(same).values(news).returning(table.c.id)).scalars().first()
        if known:
            return known
    insert_once(db, table, row)
    untouched = and_(table.c.id == row["id"], table.c.version == 0)  # a card may become a promise: the talk was cut off
    db.execute(update(table).where(untouched).values(row))
    return callback.id


def _renew(db: Connection, callback: Callback, message: str) -> None:
    """Late text tells more of a promise that nobody has touched; a number that a person has put right stays."""
    table = tables.callback
    corrected = db.execute(select(tables.message.c.corrected).where(tables.message.c.id == message)).scalar_one()
    same = and_(table.c.id == callback.id, table.c.calls == 1, table.c.is_open.is_(True), table.c.dialling == "")
    news: dict[str, Any] = {"urgent": case((table.c.urgent, True), else_=callback.urgent)}
    if "phone" not in corrected:
        other = case((table.c.number != callback.number, 1), else_=0)
        news |= {"number": callback.number, "version": table.c.version + other}
    db.execute(update(table).where(same).values(news))


def _one_at_a_time(db: Connection, number: str) -> None:
    """Two engines must not promise the same number twice; SQLite lets only one write anyway."""
    if db.dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(func.hashtext(number))))


def _calls(db: Connection, wanted: Any) -> list[Call]:
    joined = tables.call.outerjoin(tables.recording)
    columns = (tables.recording.c.name.label("recording"), tables.recording.c.seconds.label("recording_seconds"))
    query = select(tables.call, *columns).select_from(joined).where(wanted).order_by(tables.call.c.started_at)
    return [call_of(row) for row in db.execute(query).mappings().all()]


def _turns(db: Connection, call_id: str) -> list[Turn]:
    query = select(tables.turn).where(tables.turn.c.call_id == call_id).order_by(tables.turn.c.number)
    return [turn_of(row) for row in db.execute(query).mappings().all()]


def _latest_messages(db: Connection, wanted: Select[tuple[str]]) -> dict[str, Message]:
    """The message that came last, by callback."""
    query = select(tables.message).where(tables.message.c.callback_id.in_(wanted))
    rows = db.execute(query.order_by(tables.message.c.received_at)).mappings()
    return {row["callback_id"]: message_of(row) for row in rows}
