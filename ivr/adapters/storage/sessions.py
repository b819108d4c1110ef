"""Sessions, keys and failed tries in a database (fulfils `ports.access.SessionBook`); secrets are kept as hashes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, and_, delete, or_, select, update

from ivr.adapters.storage import access_tables as tables
from ivr.adapters.storage.codec import safe_text
from ivr.adapters.storage.database import Transactions, insert_once, insert_or_replace
from ivr.adapters.storage.people import account_of
from ivr.domain.access import Invitation, Session, Token, Tries
from ivr.domain.people import Account

T = TypeVar("T", Session, Token, Invitation)


class DatabaseSessionBook:
    """A row each."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def begin(self, session: Session) -> None:
        """Insert it."""
        row = {
            "key": session.key, "person_id": session.account, "began_at": session.began_at, "seen_at": session.seen_at,
            "source": safe_text(session.source)[:64], "agent": safe_text(session.agent)[:200],
        }  # fmt: skip
        await self._write(tables.session.insert().values(row))

    async def find(self, key: str) -> tuple[Session, Account] | None:
        """With its person."""
        return await self._with_account(tables.session, key, Session)

    async def seen(self, key: str, at: datetime) -> None:
        """Note the moment."""
        await self._write(update(tables.session).where(tables.session.c.key == key).values(seen_at=at))

    async def end(self, key: str) -> None:
        """Delete it."""
        await self._write(delete(tables.session).where(tables.session.c.key == key))

    async def end_all(self, account: str, but: str = "") -> int:
        """Delete all but one."""
        table = tables.session
        return await self._write(delete(table).where(table.c.person_id == account, table.c.key != but))

    async def of(self, account: str) -> Sequence[Session]:
        """The latest act first."""
        return await self._list(tables.session, tables.session.c.seen_at, account, Session)

    async def end_old(self, began_before: datetime, seen_before: datetime) -> int:
        """Delete what has run out."""
        table = tables.session
        old = or_(table.c.began_at < began_before, table.c.seen_at < seen_before)
        return await self._write(delete(table).where(old))

    async def add_token(self, token: Token) -> None:
        """Insert it."""
        row = {name: getattr(token, name) for name in Token.__dataclass_fields__ if name != "account"}
        row |= {"person_id": token.account, "title": safe_text(token.title)[:200]}
        await self._write(tables.token.insert().values(row))

    async def token(self, key: str) -> tuple[Token, Account] | None:
        """With its account."""
        return await self._with_account(tables.token, key, Token)

    async def token_used(self, key: str, at: datetime) -> None:
        """Note the moment."""
        await self._write(update(tables.token).where(tables.token.c.key == key).values(used_at=at))

    async def tokens(self, account: str) -> Sequence[Token]:
        """The newest first."""
        return await self._list(tables.token, tables.token.c.made_at, account, Token)

    async def revoke(self, account: str, key: str = "") -> int:
        """Delete them."""
        table = tables.token
        wanted = and_(table.c.person_id == account, table.c.key.startswith(key, autoescape=True))
        return await self._write(delete(table).where(wanted))

    async def invite(self, invitation: Invitation) -> None:
        """Write it over the one before."""
        table, person = tables.invitation, invitation.account
        row = {"key": invitation.key, "person_id": person, "made_at": invitation.made_at,
               "expires_at": invitation.expires_at}  # fmt: skip

        def write(db: Connection) -> None:
            db.execute(delete(table).where(table.c.person_id == person))
            db.execute(table.insert().values(row))

        await self._transactions.write(write)

    async def invitation(self, key: str) -> tuple[Invitation, Account] | None:
        """With its person."""
        return await self._with_account(tables.invitation, key, Invitation)

    async def invited(self, account: str) -> Invitation | None:
        """There is one at most."""
        found = await self._list(tables.invitation, tables.invitation.c.made_at, account, Invitation)
        return found[0] if found else None

    async def drop_invitation(self, key: str) -> bool:
        """Delete it; of several who try, one does."""
        return await self._write(delete(tables.invitation).where(tables.invitation.c.key == key)) > 0

    async def tries(self, whose: str) -> Tries:
        """None yet: no failures."""
        query = select(tables.tries).where(tables.tries.c.whose == whose)
        row = await self._transactions.read(lambda db: db.execute(query).one_or_none())
        return Tries(row.failures, row.last_at) if row else Tries()

    async def failed(self, whose: str, at: datetime) -> None:
        """Look and write in one transaction; the row is there before it is locked."""
        table = tables.tries

        def write(db: Connection) -> None:
            insert_once(db, table, {"whose": whose, "failures": 0, "last_at": at})
            row = db.execute(select(table).where(table.c.whose == whose).with_for_update()).one_or_none()
            tries = (Tries(row.failures, row.last_at) if row else Tries()).failed(at)
            insert_or_replace(db, table, {"whose": whose, "failures": tries.failures, "last_at": tries.last_at})

        await self._transactions.write(write)

    async def forget_tries(self, whose: str) -> None:
        """Delete them."""
        await self._write(delete(tables.tries).where(tables.tries.c.whose == whose))

    async def _with_account(self, table: Table, key: str, kind: type[T]) -> tuple[T, Account] | None:
        person = tables.person
        query = select(table, person).join_from(table, person).where(table.c.key == key)

        def read(db: Connection) -> tuple[T, Account] | None:
            row = db.execute(query).mappings().one_or_none()
            return (_of(kind, row), account_of(row)) if row else None

        return await self._transactions.read(read)

    async def _list(self, table: Table, order: Any, account: str, kind: type[T]) -> list[T]:
        query = select(table).where(table.c.person_id == account).order_by(order.desc())
        return await self._transactions.read(lambda db: [_of(kind, row) for row in db.execute(query).mappings()])

    async def _write(self, statement: Any) -> int:
        return await self._transactions.write(lambda db: int(db.execute(statement).rowcount))

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


def _of(kind: type[T], row: Any) -> T:
    facts = {name: row[name] for name in kind.__dataclass_fields__ if name != "account"}
    return kind(**facts, account=row["person_id"])
