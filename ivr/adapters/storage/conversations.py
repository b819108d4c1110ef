"""Calls, messages and recordings for the console (fulfils `ports.console.Conversations`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Engine, Table, or_, select, tuple_

from ivr.adapters.storage import tables
from ivr.adapters.storage.database import Transactions
from ivr.adapters.storage.kinship import earlier_of
from ivr.adapters.storage.rows import call_of, message_of, turn_of
from ivr.domain.call import Call
from ivr.domain.consent import Proof, WithheldRecording
from ivr.domain.message import Message
from ivr.domain.turn import Turn
from ivr.ports.console import Conversation, Owner


class DatabaseConversations:
    """Reads by key, or pages by index."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def find(self, calls: Sequence[str]) -> Sequence[Conversation]:
        """With their turns."""

        def read(db: Connection) -> list[Conversation]:
            query = select(tables.turn).where(tables.turn.c.call_id.in_(calls)).order_by(tables.turn.c.number)
            turns: dict[str, list[Turn]] = {}
            for row in db.execute(query).mappings():
                turns.setdefault(row["call_id"], []).append(turn_of(row))
            wanted = _with_recording().where(tables.call.c.id.in_(calls)).order_by(tables.call.c.started_at)
            found = [call_of(row) for row in db.execute(wanted).mappings()]
            return [Conversation(call, tuple(turns.get(call.id, ()))) for call in found]

        return await self._transactions.read(read)

    async def calls(
        self, municipality: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> Sequence[Call]:
        """By index `ix_call_journal`."""
        query = _newest(_with_recording(), tables.call, "started_at", municipality, before, limit)
        return await self._transactions.read(lambda db: [call_of(row) for row in db.execute(query).mappings()])

    async def message(self, message: str) -> Message | None:
        """By key."""
        query = select(tables.message).where(tables.message.c.id == message)

        def read(db: Connection) -> Message | None:
            row = db.execute(query).mappings().one_or_none()
            return message_of(row) if row else None

        return await self._transactions.read(read)

    async def messages_of(self, calls: Sequence[str]) -> Sequence[Message]:
        """By the primary key, in one query."""
        query = select(tables.message).where(tables.message.c.id.in_(calls))
        return await self._transactions.read(lambda db: [message_of(row) for row in db.execute(query).mappings()])

    async def messages(
        self, municipality: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> Sequence[Message]:
        """By index `ix_message_journal`."""
        query = _newest(select(tables.message), tables.message, "received_at", municipality, before, limit)
        return await self._transactions.read(lambda db: [message_of(row) for row in db.execute(query).mappings()])

    async def earlier(self, message: Message, limit: int) -> Sequence[Message]:
        """By index."""
        return await self._transactions.read(lambda db: earlier_of(db, message, limit))

    async def callback_of(self, message: str) -> str:
        """By key."""
        query = select(tables.message.c.callback_id).where(tables.message.c.id == message)
        return await self._transactions.read(lambda db: db.execute(query).scalar() or "")

    async def owner(self, recording: str) -> Owner | None:
        """A call's recording, or an attempt's: that bears the attempt's id."""
        call, callback, attempt = tables.call, tables.callback, tables.attempt
        of_call = (
            select(call.c.municipality, tables.message.c.callback_id, *_proof(call))
            .join_from(tables.recording, call)
            .outerjoin(tables.message, tables.message.c.id == call.c.id)
            .where(tables.recording.c.name == recording)
        )
        of_attempt = select(callback.c.municipality, callback.c.id, *_proof(attempt)).join_from(attempt, callback)

        def read(db: Connection) -> Owner | None:
            row = db.execute(of_call).first() or db.execute(of_attempt.where(attempt.c.id == recording)).first()
            return Owner(row[0], row[1] or "", Proof(*row[2:])) if row else None

        return await self._transactions.read(read)

    async def unproven(self, municipality: str, limit: int) -> Sequence[WithheldRecording]:
        """Of calls, and of attempts."""
        call, callback, attempt, sound = tables.call, tables.callback, tables.attempt, tables.recording
        of_calls = (
            select(sound.c.name, tables.message.c.callback_id, call.c.started_at, sound.c.seconds, *_proof(call))
            .join_from(sound, call)
            .outerjoin(tables.message, tables.message.c.id == call.c.id)
            .where(call.c.municipality == municipality, sound.c.seconds > 0, _may_lack(call))
            .order_by(call.c.started_at.desc()).limit(limit)
        )  # fmt: skip
        of_attempts = (
            select(attempt.c.id, callback.c.id, attempt.c.started_at, attempt.c.recording_seconds, *_proof(attempt))
            .join_from(attempt, callback)
            .where(callback.c.municipality == municipality, attempt.c.recording_seconds > 0, _may_lack(attempt))
            .order_by(attempt.c.started_at.desc()).limit(limit)
        )  # fmt: skip

        def read(db: Connection) -> list[WithheldRecording]:
            rows = [row for query in (of_calls, of_attempts) for row in db.execute(query)]
            found = [(row, why) for row in rows if (why := Proof(*row[4:]).lacks)]
            made = [WithheldRecording(row[0], row[1] or "", row[2], row[3], why) for row, why in found]
            return sorted(made, key=lambda one: one.at, reverse=True)[:limit]

        return await self._transactions.read(read)

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


def _proof(table: Table) -> list[Column[Any]]:
    return [table.c[name] for name in ("notice_seconds", "notice_hash", "notice_edition", "notice_whole")]


def _may_lack(table: Table) -> ColumnElement[bool]:
    """What `Proof.lacks` may be said of; it has the last word."""
    return or_(table.c.notice_hash == "", table.c.notice_seconds < table.c.notice_whole, table.c.notice_seconds <= 0)


def _with_recording() -> Any:
    recording = tables.recording
    return select(
        tables.call, recording.c.name.label("recording"), recording.c.seconds.label("recording_seconds")
    ).select_from(tables.call.outerjoin(recording))


def _newest(
    query: Any, table: Table, moment: str, municipality: str, before: tuple[datetime, str] | None, limit: int
) -> Any:
    place = (table.c[moment], table.c.id)
    query = query.where(table.c.municipality == municipality)
    if before:
        query = query.where(tuple_(*place) < tuple_(*before, types=[column.type for column in place]))
    return query.order_by(*(column.desc() for column in place)).limit(limit)
