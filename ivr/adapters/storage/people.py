"""People in a database (fulfils `ports.access.PeopleBook`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, select, update
from sqlalchemy.exc import IntegrityError

from ivr.adapters.storage.access_tables import person as table
from ivr.adapters.storage.codec import safe_text
from ivr.adapters.storage.database import Transactions
from ivr.domain.people import Account, Role
from ivr.errors import RowRefused


class DatabasePeopleBook:
    """One row a person."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def add(self, account: Account) -> bool:
        """Insert; the unique keys decide."""
        return await self._unless_taken(lambda db: db.execute(table.insert().values(account_row(account))))

    async def find(self, account: str) -> Account | None:
        """By id."""
        found = await self._rows(select(table).where(table.c.id == account))
        return account_of(found[0]) if found else None

    async def named(self, login: str) -> tuple[Account, str] | None:
        """By login."""
        found = await self._rows(select(table).where(table.c.login == login))
        return (account_of(found[0]), str(found[0]["password"])) if found else None

    async def everybody(self, municipality: str | None = None) -> Sequence[Account]:
        """By name."""
        query = select(table).order_by(table.c.name)
        if municipality is not None:
            query = query.where(table.c.municipality == municipality)
        return [account_of(row) for row in await self._rows(query)]

    async def change(self, account: Account) -> bool:
        """Write over."""
        row = account_row(account)
        news = {name: row[name] for name in row if name not in ("id", "login", "municipality", "created_at")}
        change = update(table).where(table.c.id == account.id).values(news)
        return await self._unless_taken(lambda db: db.execute(change))

    async def set_password(self, account: str, hashed: str) -> None:
        """Write the hash over."""
        change = update(table).where(table.c.id == account).values(password=hashed)
        await self._transactions.write(lambda db: db.execute(change))

    async def _unless_taken(self, work: Any) -> bool:
        try:
            await self._transactions.write(work)
        except RowRefused as fault:
            if isinstance(fault.__cause__, IntegrityError):
                return False
            raise
        return True

    async def _rows(self, query: Any) -> Sequence[RowMapping]:
        def read(db: Connection) -> Sequence[RowMapping]:
            return db.execute(query).mappings().all()

        return await self._transactions.read(read)

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


def account_row(account: Account) -> dict[str, Any]:
    """Columns of `person`, the password left alone."""
    row = {name: getattr(account, name) for name in Account.__dataclass_fields__}
    row |= {"login": safe_text(account.login), "name": safe_text(account.name)}
    return row | {"roles": sorted(account.roles)}


def account_of(row: RowMapping) -> Account:
    """The account of a row; other columns may stand beside it."""
    facts = {name: row[name] for name in Account.__dataclass_fields__}
    return Account(**facts | {"roles": frozenset(Role(role) for role in row["roles"])})
