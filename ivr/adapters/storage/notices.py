"""Notices and the lease of the timetable in a database (fulfils `ports.NoticeBook` and `ports.Lease`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, and_, delete, or_, select, update

from ivr.adapters.storage import tables
from ivr.adapters.storage.database import Transactions, insert_once, insert_statement
from ivr.domain.notices import Notice, NoticeKind

_ABSURD = 2  # a lease this many times longer than any we give was written by a clock that had jumped


class DatabaseNoticeBook:
    """Each notice is a row with a key of its own, so it is posted once, whoever finds it."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def post(self, notices: Sequence[Notice], at: datetime) -> Sequence[Notice]:
        """Keep those that are new; returns them."""
        known = set(await self._known([notice.key for notice in notices]))
        fresh = {notice.key: notice for notice in notices if notice.key not in known}
        if not fresh:
            return []

        def write(db: Connection) -> list[Notice]:
            rows = [_row(notice, at) for notice in fresh.values()]
            posted = insert_once(db, tables.notice, *rows, returning=tables.notice.c.key)
            return [fresh[key] for key in posted]

        return await self._transactions.write(write)

    async def _known(self, keys: Sequence[str]) -> Sequence[str]:
        query = select(tables.notice.c.key).where(tables.notice.c.key.in_(keys))
        return await self._transactions.read(lambda db: db.execute(query).scalars().all())

    async def unseen(self, municipality: str) -> Sequence[Notice]:
        """Notices that nobody has marked as seen, oldest first."""
        table = tables.notice
        query = select(table).where(table.c.municipality == municipality, table.c.seen_by.is_(None))
        query = query.order_by(table.c.at, table.c.key)

        def read(db: Connection) -> list[Notice]:
            rows = db.execute(query)
            return [Notice(NoticeKind(row.kind), row.municipality, row.subject, row.at) for row in rows]

        return await self._transactions.read(read)

    async def seen(self, key: str, by: str, at: datetime) -> bool:
        """Mark it as seen; False when somebody else did before."""
        table = tables.notice
        query = update(table).where(table.c.key == key, table.c.seen_by.is_(None)).values(seen_by=by, seen_at=at)
        return await self._transactions.write(lambda db: db.execute(query).rowcount == 1)

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


class DatabaseLease:
    """Leadership as a row that runs out: a node that is killed or stopped is followed by another."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def hold(self, name: str, node: str, now: datetime, length: timedelta) -> bool:
        """Take or prolong the lease; False while another node has it."""
        table = tables.lease

        def write(db: Connection) -> bool:
            row = {"name": name, "node": node, "until": now + length}
            free = or_(table.c.node == node, table.c.until <= now, table.c.until > now + _ABSURD * length)
            mine = insert_statement(db, table).values(row).on_conflict_do_update(
                index_elements=["name"], set_=row, where=free
            )  # fmt: skip
            return bool(db.execute(mine.returning(table.c.name)).scalars().first())

        return await self._transactions.write(write)

    async def release(self, name: str, node: str) -> None:
        """Give the lease back, if this node has it."""
        table = tables.lease
        query = delete(table).where(and_(table.c.name == name, table.c.node == node))
        await self._transactions.write(lambda db: db.execute(query))

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


def _row(notice: Notice, at: datetime) -> dict[str, object]:
    return {
        "key": notice.key, "kind": notice.kind.value, "municipality": notice.municipality,
        "subject": notice.subject, "at": notice.at, "posted_at": at,
    }  # fmt: skip
