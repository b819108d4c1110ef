"""The access log in a database (fulfils `ports.access.AccessBook`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, select

from ivr.adapters.storage.access_tables import access_log as table
from ivr.adapters.storage.codec import safe_text
from ivr.adapters.storage.database import Transactions, looking
from ivr.domain.audit import START, Entry, LogQuery

_PAGE = 5000
_CHAIN = 36
"""Advisory lock of PostgreSQL: rows are appended one after another. SQLite lets only one write anyway."""


class DatabaseAccessBook:
    """One row an entry, numbered without a gap."""

    def __init__(self, engine: Engine) -> None:
        self._engine = looking(engine)
        self._transactions = Transactions(engine)

    async def append(self, entry: Entry) -> Entry:
        """Keep a row after the last one."""

        def write(db: Connection) -> Entry:
            if db.dialect.name == "postgresql":
                db.execute(select(func.pg_advisory_xact_lock(_CHAIN)))
            last = db.execute(select(table.c.number, table.c.digest).order_by(table.c.number.desc()).limit(1)).first()
            number, before = (last.number, last.digest) if last else (0, START)
            kept = _fitted(entry).chained(number + 1, before)
            db.execute(table.insert().values(_row(kept)))
            return kept

        return await self._transactions.write(write)

    async def page(self, query: LogQuery, before: int | None = None, limit: int = 50) -> Sequence[Entry]:
        """The newest first."""
        rows = select(table).where(*_wanted(query))
        rows = rows.where(table.c.number < before) if before is not None else rows
        rows = rows.order_by(table.c.number.desc()).limit(limit)
        return await self._transactions.read(lambda db: [_entry(row) for row in db.execute(rows)])

    def walk(self, after: int = 0) -> Iterator[Entry]:
        """Page after page, each in a transaction of its own."""
        last = after - 1 if after == 0 else after
        while True:
            query = select(table).where(table.c.number > last).order_by(table.c.number).limit(_PAGE)
            with self._engine.begin() as db:
                page = [_entry(row) for row in db.execute(query)]
            if not page:
                return
            yield from page
            last = page[-1].number

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


def _wanted(query: LogQuery) -> Iterator[ColumnElement[bool]]:
    yield table.c.municipality == query.municipality
    if query.who:
        yield table.c.who == query.who
    if query.subject:
        yield table.c.subject == query.subject
    if query.deeds:
        yield table.c.deed.in_(sorted(query.deeds))
    if query.since:
        yield table.c.at >= query.since
    if query.until:
        yield table.c.at < query.until


def _fitted(entry: Entry) -> Entry:
    """As the table can hold it, before it is hashed."""
    cut: dict[str, Any] = {
        name: safe_text(getattr(entry, name))[: table.c[name].type.length]  # type: ignore[attr-defined]
        for name in ("who", "via", "source", "deed", "thing", "subject", "municipality")
    }
    facts = {safe_text(name): safe_text(value) for name, value in entry.facts.items()}
    return Entry(at=entry.at, facts=facts, **cut)


def _row(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Entry.__dataclass_fields__} | {"facts": dict(entry.facts)}


def _entry(row: Row[Any]) -> Entry:
    return Entry(**{name: getattr(row, name) for name in Entry.__dataclass_fields__})
