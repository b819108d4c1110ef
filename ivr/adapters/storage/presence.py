"""Who is at work, in the database (fulfils `ports.PresenceBook`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from ivr.adapters.storage.database import Transactions, insert_once
from ivr.adapters.storage.day_tables import presence as table
from ivr.adapters.storage.rows import fitted
from ivr.domain.presence import Presence, PresenceChange, Told


def changes(db: Connection, municipality: str, since: datetime, until: datetime | None = None) -> list[PresenceChange]:
    """Those of [since, until), oldest first; without `until` all the later ones."""
    query = select(table).where(table.c.municipality == municipality, table.c.at >= since)
    query = query if until is None else query.where(table.c.at < until)
    return [
        PresenceChange(**{**row, "state": Presence(row["state"]), "told": Told(row["told"])})
        for row in db.execute(query.order_by(table.c.at, table.c.id)).mappings()
    ]


class DatabasePresenceBook:
    """Each change is a row, kept for ever."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def add(self, change: PresenceChange) -> None:
        """Keep it; the same change twice is one."""
        row = fitted(table, asdict(change))
        await self._transactions.write(lambda db: insert_once(db, table, row))

    async def since(self, municipality: str, moment: datetime) -> Sequence[PresenceChange]:
        """The changes from this moment on, oldest first."""
        return await self._transactions.read(lambda db: changes(db, municipality, moment))

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()
