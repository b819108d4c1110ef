"""The audit of recordings in the database (fulfils `ports.curator.Reviews`)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, String, and_, cast, select, update

from ivr.adapters.storage import tables
from ivr.adapters.storage.curator_tables import review as table
from ivr.adapters.storage.database import Transactions, insert_once
from ivr.adapters.storage.rows import fitted
from ivr.domain.review import Review, Why

_M = tables.message.c
_LOOKED_AT = 5000
_RULES: dict[Why, Any] = {
    Why.RANDOM: _M.municipality.is_not(None),
    Why.DISSATISFIED: _M.result == "dissatisfied",
    Why.BROKEN_OFF: _M.broken_off.is_not(None),
    Why.REPEATED: _M.repeated.is_(True),
    Why.CORRECTED: cast(_M.corrected, String) != "[]",
    Why.URGENT: cast(_M.flags, String).like('%"emergency"%'),
}


class DatabaseReviews:
    """The queue of recordings."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def draw(
        self, municipality: str, begins: datetime, ends: datetime, why: Why, count: int
    ) -> Sequence[tuple[str, str]]:
        """Among the latest messages of the period that fit, by the index on time."""
        chosen = select(table.c.message).where(table.c.municipality == municipality)
        within = and_(_M.municipality == municipality, _M.received_at >= begins, _M.received_at < ends)
        query = (
            select(_M.id, _M.operator, tables.call.c.operator.label("answered_by"))
            .join_from(tables.message, tables.call)
            .join(tables.recording, tables.recording.c.call_id == tables.call.c.id)
            .where(within, _RULES[why], _M.id.not_in(chosen))
            .order_by(_M.received_at.desc())
            .limit(_LOOKED_AT)
        )
        rows = await self._transactions.read(lambda db: db.execute(query).all())
        picked = random.SystemRandom().sample(rows, min(count, len(rows)))
        return [(row.id, row.answered_by or row.operator or "") for row in picked]

    async def add(self, reviews: Sequence[Review]) -> int:
        """A message is in the queue once."""
        rows = [fitted(table, asdict(one)) for one in reviews]

        def write(db: Connection) -> int:
            return len(insert_once(db, table, *rows, returning=table.c.id)) if rows else 0

        return await self._transactions.write(write)

    async def page(self, municipality: str, *, done: bool | None = None, limit: int = 100) -> Sequence[Review]:
        """The latest first."""
        query = select(table).where(table.c.municipality == municipality)
        if done is not None:
            query = query.where(table.c.reviewed_at.is_not(None) if done else table.c.reviewed_at.is_(None))
        return await self._read(query.order_by(table.c.chosen_at.desc(), table.c.id).limit(limit))

    async def find(self, review: str) -> Review | None:
        """By id."""
        found = await self._read(select(table).where(table.c.id == review))
        return found[0] if found else None

    async def keep(self, review: Review) -> None:
        """As it is now."""
        row = fitted(table, asdict(review))
        await self._transactions.write(lambda db: db.execute(update(table).where(table.c.id == review.id).values(row)))

    async def asked(self, municipality: str, operator: str, limit: int = 50) -> Sequence[Review]:
        """The unanswered first."""
        mine = (table.c.municipality == municipality, table.c.operator == operator, table.c.asked_at.is_not(None))
        query = select(table).where(*mine).order_by(table.c.answered_at.is_not(None), table.c.asked_at.desc())
        return await self._read(query.limit(limit))

    async def _read(self, query: Any) -> Sequence[Review]:
        return await self._transactions.read(lambda db: [_review(row) for row in db.execute(query).mappings()])

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


def _review(row: RowMapping) -> Review:
    return Review(**{**row, "why": Why(row["why"])})
