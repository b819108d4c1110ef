"""Identities of other systems in a database (fulfils `ports.access.IdentityBook`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, select

from ivr.adapters.storage.access_tables import identity as table
from ivr.adapters.storage.database import Transactions, insert_once
from ivr.domain.identity import Identity


class DatabaseIdentityBook:
    """One row an identity."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def account_of(self, identity: Identity) -> str | None:
        """Id of the account."""
        mine = (table.c.source == identity.source, table.c.subject == identity.subject)
        return await self._transactions.read(
            lambda db: db.execute(select(table.c.person_id).where(*mine)).scalar_one_or_none()
        )  # fmt: skip

    async def bind(self, identity: Identity, account: str, at: datetime) -> bool:
        """The first wins."""
        row = {"source": identity.source, "subject": identity.subject, "person_id": account, "bound_at": at}
        await self._transactions.write(lambda db: insert_once(db, table, row))
        return await self.account_of(identity) == account

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()
