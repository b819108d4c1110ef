"""What was said in conversations that operators began, in a database (fulfils `ports.TalkBook`)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, delete, select

from ivr.adapters.storage.database import Transactions
from ivr.adapters.storage.rows import talk_row, turn_of
from ivr.adapters.storage.tables import talk
from ivr.domain.turn import Turn


class DatabaseTalkBook:
    """Turns by attempt."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def keep_talk(self, attempt: str, turns: Sequence[Turn]) -> None:
        """In place of what was there."""

        def write(db: Connection) -> None:
            db.execute(delete(talk).where(talk.c.attempt_id == attempt))
            if turns:
                db.execute(talk.insert(), [talk_row(attempt, turn) for turn in turns])

        await self._transactions.write(write)

    async def talk(self, attempt: str) -> Sequence[Turn]:
        """In order."""
        return await self._transactions.read(lambda db: _turns(db, attempt))

    async def untranscribed_talks(self, limit: int = 20) -> Sequence[tuple[str, Sequence[Turn]]]:
        """A few at a time."""
        unheard = select(talk.c.attempt_id).where(talk.c.recognised.is_(False)).distinct().limit(limit)

        def read(db: Connection) -> list[tuple[str, Sequence[Turn]]]:
            return [(attempt, _turns(db, attempt)) for attempt in db.execute(unheard).scalars().all()]

        return await self._transactions.read(read)

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


def _turns(db: Connection, attempt: str) -> list[Turn]:
    query = select(talk).where(talk.c.attempt_id == attempt).order_by(talk.c.number)
    return [turn_of(row) for row in db.execute(query).mappings()]
