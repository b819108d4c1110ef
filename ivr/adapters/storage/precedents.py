"""Messages with confirmed topics (fulfils `ports.ConfirmedTopics`)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, select

from ivr.adapters.storage import tables
from ivr.adapters.storage.database import Transactions
from ivr.domain.precedent import Precedent


class DatabaseConfirmedTopics:
    """Reads the journal for examples."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def confirmed(self, municipality: str, limit: int) -> Sequence[Precedent]:
        """Rows with a card and a conversation, the newest first."""
        table = tables.message
        query = (
            select(table.c.id, table.c.text, table.c.topic)
            .where(
                table.c.municipality == municipality, table.c.recognised, table.c.text != "",
                table.c.topic.is_not(None), table.c.result.is_not(None), table.c.outcome.is_not(None),
            )
            .order_by(table.c.received_at.desc(), table.c.id.desc())
            .limit(limit)
        )  # fmt: skip

        def read(db: Connection) -> list[Precedent]:
            return [Precedent(row.id, row.text, row.topic) for row in db.execute(query)]

        return await self._transactions.read(read)

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()
