"""What keeps a row beyond its term: a hold, a promise that is still open, a part that is younger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, false, func, or_, select

from ivr.adapters.storage.day_tables import leg
from ivr.adapters.storage.family import key_of
from ivr.adapters.storage.keep_tables import hold
from ivr.adapters.storage.tables import attempt, call, callback, message
from ivr.ports.keeping import Keys

_KEEPING = 633
"""Advisory lock of PostgreSQL: a hold and an erasure come one after the other. SQLite lets only one write anyway."""


def one_at_a_time(db: Connection) -> None:
    """Wait until nobody else holds or erases; until the end of the transaction nobody will."""
    if db.dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(_KEEPING)))


def waits(root: Table) -> ColumnElement[bool]:
    """A row of this table is not to be destroyed yet, whatever its age."""
    if root is call:
        return or_(_held(root), _of_call(callback.c.is_open))
    if root is attempt:
        return or_(_held(root), _of_attempt(callback.c.is_open))
    if root is callback:
        younger = select(message.c.id).join_from(message, call).where(
            message.c.callback_id == callback.c.id, call.c.erased_at.is_(None)
        )  # fmt: skip
        tried = select(attempt.c.id).where(attempt.c.callback_id == callback.c.id, attempt.c.erased_at.is_(None))
        return or_(callback.c.is_open, _held(root), younger.exists(), tried.exists())
    if root is leg:
        spoken = select(call.c.id).where(call.c.id == leg.c.call, call.c.erased_at.is_(None))
        tried = select(attempt.c.id).where(attempt.c.id == leg.c.call, attempt.c.erased_at.is_(None))
        return or_(spoken.exists(), tried.exists())
    return false()


def held_of(db: Connection, root: Table, keys: Sequence[str]) -> list[str]:
    """Those of these rows that a hold protects."""
    if root not in (call, attempt, callback) or not keys:
        return []
    key = key_of(root)
    return list(db.execute(select(key).where(key.in_(keys), _held(root)).order_by(key)).scalars())


def owed(db: Connection, keys: Keys) -> list[str]:
    """Open promises among these rows, and calls that are not over."""
    still_open = select(callback.c.id).where(callback.c.id.in_(keys.get("callback", ())), callback.c.is_open)
    going_on = select(call.c.id).where(call.c.id.in_(keys.get("call", ())), call.c.ended_at.is_(None))
    return [key for query in (still_open, going_on) for key in db.execute(query).scalars()]


def _held(root: Table) -> ColumnElement[bool]:
    standing = select(hold.c.subject).where(hold.c.released_at.is_(None))
    if root is call:
        return or_(call.c.id.in_(standing), _of_call(callback.c.id.in_(standing)))
    if root is attempt:
        return or_(attempt.c.id.in_(standing), _of_attempt(callback.c.id.in_(standing)))
    said = select(message.c.id).where(message.c.callback_id == callback.c.id, message.c.id.in_(standing))
    tried = select(attempt.c.id).where(attempt.c.callback_id == callback.c.id, attempt.c.id.in_(standing))
    return or_(callback.c.id.in_(standing), said.exists(), tried.exists())


def _of_call(condition: ColumnElement[bool]) -> Any:
    joined = select(callback.c.id).join_from(message, callback, message.c.callback_id == callback.c.id)
    return joined.where(message.c.id == call.c.id, condition).exists()


def _of_attempt(condition: ColumnElement[bool]) -> Any:
    return select(callback.c.id).where(callback.c.id == attempt.c.callback_id, condition).exists()
