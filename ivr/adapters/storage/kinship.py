"""Messages of the same citizen: by index, so that a common name costs no more than a rare one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from ivr.adapters.storage.rows import message_of
from ivr.adapters.storage.tables import callback
from ivr.adapters.storage.tables import message as table
from ivr.domain.message import Message

_RECENT_AT_MOST, _OPEN_AT_MOST = 25, 5000


def kin_of(db: Connection, message: Message, since: datetime) -> list[Message]:
    """Earlier rows of the same phone or name: those since a moment, and those of open promises; oldest first."""
    asked: list[Any] = []
    for same in _same(table.c, message):
        recent = select(table.c.id).where(same, *_before(table.c, message), table.c.received_at >= since)
        asked.append(recent.order_by(table.c.received_at.desc()).limit(_RECENT_AT_MOST))
    here = and_(callback.c.municipality == message.municipality, callback.c.is_open.is_(True))
    few = select(callback.c.id).where(here).order_by(callback.c.act_by).limit(_OPEN_AT_MOST).subquery()
    if same := list(_same(table.c, message)):
        joined = select(table.c.id).join_from(few, table, table.c.callback_id == few.c.id)
        asked.append(joined.where(or_(*same), *_before(table.c, message)))
    return sorted(_read(db, asked), key=lambda one: one.received_at)


def earlier_of(db: Connection, message: Message, limit: int) -> list[Message]:
    """The latest rows of the same phone or the same name before this one, the latest first."""
    asked = [
        select(table.c.id).where(same, *_before(table.c, message)).order_by(table.c.received_at.desc()).limit(limit)
        for same in _same(table.c, message)
    ]
    return sorted(_read(db, asked), key=lambda one: one.received_at, reverse=True)[:limit]


def _same(columns: Any, message: Message) -> Iterable[Any]:
    here, number, name = columns.municipality == message.municipality, message.number_to_call, message.name
    if number:
        yield and_(here, columns.phone == number)
        yield and_(here, columns.caller_number == number)
    if name and name.surname:
        yield and_(here, columns.surname == name.surname, columns.name == name.name)


def _before(columns: Any, message: Message) -> tuple[Any, ...]:
    return columns.id != message.id, columns.received_at <= message.received_at


def _read(db: Connection, asked: Iterable[Any]) -> list[Message]:
    ids = {key for query in asked for key in db.execute(query).scalars()}
    return [message_of(row) for row in db.execute(select(table).where(table.c.id.in_(ids))).mappings()] if ids else []
