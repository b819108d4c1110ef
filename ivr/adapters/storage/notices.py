"""Notices, troubles and the lease of the timetable in a database (fulfils `ports.NoticeBook`, `Troubles`, `Lease`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, RowMapping, and_, delete, or_, select, update

from ivr.adapters.storage import tables
from ivr.adapters.storage.database import Transactions, insert_once, insert_statement
from ivr.domain.letter import LetterState
from ivr.domain.notices import Notice, NoticeKind
from ivr.ports import Addressees
from ivr.ports.storage import nobody

_ABSURD = 2  # a lease this many times longer than any we give was written by a clock that had jumped


class DatabaseNoticeBook:
    """Each notice is a row with a key of its own, so it is posted once, whoever finds it."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def post(self, notices: Sequence[Notice], at: datetime, letters: Addressees = nobody) -> Sequence[Notice]:
        """Keep those that are new, and their letters with them; returns them."""
        known = set(await self._known([notice.key for notice in notices]))
        fresh = {notice.key: notice for notice in notices if notice.key not in known}
        if not fresh:
            return []

        def write(db: Connection) -> list[Notice]:
            rows = [_row(notice, at) for notice in fresh.values()]
            posted = insert_once(db, tables.notice, *rows, returning=tables.notice.c.key)
            waiting = [_letter_row(key, to, at) for key in posted for to in dict.fromkeys(letters(fresh[key]))]
            if waiting:
                insert_once(db, tables.notice_letter, *waiting)
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
            return [notice_of(row) for row in db.execute(query).mappings()]

        return await self._transactions.read(read)

    async def seen(self, key: str, by: str, at: datetime) -> bool:
        """Mark it as seen; False when somebody else did before."""
        table = tables.notice
        query = update(table).where(table.c.key == key, table.c.seen_by.is_(None)).values(seen_by=by, seen_at=at)
        return await self._transactions.write(lambda db: db.execute(query).rowcount == 1)

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


class DatabaseTroubles:
    """A row while something does not work."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def since(self, municipality: str, name: str, wrong: bool, now: datetime) -> datetime | None:
        """Note it; looked at first, so that what stays as it is writes nothing."""
        known = (await self.standing(municipality)).get(name)
        if wrong is (known is not None):
            return known
        table, row = tables.trouble, {"municipality": municipality, "name": name, "since": now}
        mine = and_(table.c.municipality == municipality, table.c.name == name)

        def write(db: Connection) -> datetime | None:
            if not wrong:
                db.execute(delete(table).where(mine))
                return None
            insert_once(db, table, row)
            noted: datetime = db.execute(select(table.c.since).where(mine)).scalar_one()
            return noted

        return await self._transactions.write(write)

    async def standing(self, municipality: str) -> Mapping[str, datetime]:
        """All of them."""
        table = tables.trouble
        query = select(table.c.name, table.c.since).where(table.c.municipality == municipality)
        return await self._transactions.read(lambda db: {row.name: row.since for row in db.execute(query)})

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


def notice_of(row: RowMapping) -> Notice:
    """The notice of a row."""
    return Notice(NoticeKind(row["kind"]), row["municipality"], row["subject"], row["at"])


def _letter_row(key: str, recipient: str, at: datetime) -> dict[str, object]:
    waiting = {"state": LetterState.WAITING.value, "claim": "", "tries": 0, "next_try_at": at, "reply": ""}
    return {"notice_key": key, "recipient": recipient, **waiting}


def _row(notice: Notice, at: datetime) -> dict[str, object]:
    return {
        "key": notice.key, "kind": notice.kind.value, "municipality": notice.municipality,
        "subject": notice.subject, "at": notice.at, "posted_at": at,
    }  # fmt: skip
