"""Identities of other systems in a database (fulfils `ports.access.IdentityBook`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, delete, func, select

from ivr.adapters.storage.access_tables import identity as table
from ivr.adapters.storage.access_tables import person
from ivr.adapters.storage.database import Transactions, insert_once
from ivr.domain.identity import Identity


class DatabaseIdentityBook:
    """One row an identity."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def account_of(self, identity: Identity) -> str | None:
        """Id of the account."""
        return await self._transactions.read(lambda db: _account_of(db, identity))

    async def bind(self, identity: Identity, account: str, at: datetime) -> bool:
        """The first wins, on both sides."""
        row = {"source": identity.source, "subject": identity.subject, "person_id": account, "bound_at": at}

        def write(db: Connection) -> bool:
            db.execute(select(person.c.id).where(person.c.id == account).with_for_update())  # one at a time
            theirs = select(table.c.subject).where(table.c.source == identity.source, table.c.person_id == account)
            if set(db.execute(theirs).scalars()) - {identity.subject}:
                return False
            insert_once(db, table, row)
            return _account_of(db, identity) == account

        return await self._transactions.write(write)

    async def bound(self, account: str) -> int:
        """Rows of the account."""
        rows = select(func.count()).select_from(table).where(table.c.person_id == account)
        return int(await self._transactions.read(lambda db: db.execute(rows).scalar_one()))

    async def release(self, account: str) -> int:
        """Its rows go."""
        gone = delete(table).where(table.c.person_id == account)
        return int(await self._transactions.write(lambda db: db.execute(gone).rowcount))

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


def _account_of(db: Connection, identity: Identity) -> str | None:
    mine = (table.c.source == identity.source, table.c.subject == identity.subject)
    found: str | None = db.execute(select(table.c.person_id).where(*mine)).scalar_one_or_none()
    return found
