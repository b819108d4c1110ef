"""Fields put right, both versions kept (fulfils `ports.console.CorrectionBook`)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, and_, select, update

from ivr.adapters.storage import tables
from ivr.adapters.storage.database import Transactions
from ivr.adapters.storage.outbox import enqueue
from ivr.adapters.storage.rows import (
    callback_row,
    columns_of,
    correction_of,
    correction_row,
    message_of,
    message_row,
    move_row,
)
from ivr.adapters.storage.search_index import keep_words
from ivr.domain.callback import Callback
from ivr.domain.correction import Correction
from ivr.domain.message import Message


class DatabaseCorrectionBook:
    """A row a correction."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def correct(self, correction: Correction, message: Message, callback: tuple[int, Callback] | None) -> bool:
        """The field as it was seen, the promise as it was seen, or nothing."""

        def write(db: Connection) -> bool:
            if not _as_seen(db, correction):
                return False
            if callback and not _renumber(db, *callback):
                return False
            row = message_row(message, None)
            news = {name: row[name] for name in ("corrected", *columns_of([correction.field]))}
            db.execute(update(tables.message).where(tables.message.c.id == message.id).values(news))
            keep_words(db, [message.id])
            db.execute(tables.correction.insert().values(correction_row(correction)))
            facts = {"message": message.id, "field": correction.field}
            enqueue(db, "message.corrected", message.municipality, correction.id, correction.at, facts)
            return True

        return await self._transactions.write(write)

    async def of(self, messages: Sequence[str]) -> Sequence[Correction]:
        """Oldest first."""
        table = tables.correction
        query = select(table).where(table.c.message_id.in_(messages)).order_by(table.c.at, table.c.id)
        return await self._transactions.read(lambda db: [correction_of(row) for row in db.execute(query).mappings()])

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


def _as_seen(db: Connection, correction: Correction) -> bool:
    """Locks the row where several may write at once."""
    query = select(tables.message).where(tables.message.c.id == correction.message).with_for_update()
    row = db.execute(query).mappings().one_or_none()
    return row is not None and getattr(message_of(row), correction.field) == correction.before


def _renumber(db: Connection, seen: int, callback: Callback) -> bool:
    table, row = tables.callback, callback_row(callback)
    as_seen = and_(table.c.id == callback.id, table.c.version == seen)
    news = {"number": row["number"], "version": row["version"]}
    if db.execute(update(table).where(as_seen).values(news)).rowcount != 1:
        return False
    db.execute(tables.callback_move.insert(), [move_row(callback.id, move) for move in callback.trail])
    return True
