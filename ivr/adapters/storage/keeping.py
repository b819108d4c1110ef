"""Holds and acts in a database (fulfils `ports.keeping.HoldBook` and `ActBook`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Table, and_, select, update

from ivr.adapters.storage.database import Transactions, looking
from ivr.adapters.storage.family import key_of, town_of
from ivr.adapters.storage.keep_tables import act as act_table
from ivr.adapters.storage.keep_tables import destroyed
from ivr.adapters.storage.keep_tables import hold as hold_table
from ivr.adapters.storage.personal import ERASED_AT
from ivr.adapters.storage.rows import fitted
from ivr.adapters.storage.tables import attempt, call, callback, message
from ivr.adapters.storage.waiting import one_at_a_time
from ivr.domain.retention import Act, Destroyed, Hold, Rule, act_digest
from ivr.ports.keeping import Held

_PAGE = 2000
SOUNDS = "sounds"


class DatabaseHoldBook:
    """A row a hold."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def put(self, hold: Hold) -> bool:
        """Keep it, if there is anything left to keep."""

        def write(db: Connection) -> bool:
            one_at_a_time(db)
            if not any(_is_there(db, table, hold) for table in (callback, call, attempt)):
                return False
            row = {name: getattr(hold, name) for name in Hold.__dataclass_fields__}
            db.execute(hold_table.insert().values(fitted(hold_table, row)))
            return True

        return await self._transactions.write(write)

    async def release(self, municipality: str, hold: str, by: str, at: datetime) -> Hold | None:
        """By id, or its beginning when that is one hold's alone."""
        table = hold_table
        mine = (table.c.municipality == municipality, table.c.id.startswith(hold, autoescape=True))

        def write(db: Connection) -> Hold | None:
            found = db.execute(select(table).where(*mine, table.c.released_at.is_(None))).mappings().all()
            if len(found) != 1:
                return None
            news = {"released_by": by, "released_at": at}
            db.execute(update(table).where(table.c.id == found[0]["id"]).values(news))
            return _hold({**found[0], **news})

        return await self._transactions.write(write)

    async def standing(self, municipality: str, subjects: Sequence[str] | None = None) -> Sequence[Hold]:
        """Oldest first."""
        table = hold_table
        query = select(table).where(table.c.municipality == municipality, table.c.released_at.is_(None))
        query = query if subjects is None else query.where(table.c.subject.in_(subjects))
        query = query.order_by(table.c.at, table.c.id)
        return await self._transactions.read(lambda db: [_hold(row) for row in db.execute(query).mappings()])

    async def about(self, municipality: str, subjects: Sequence[str]) -> Mapping[str, Held]:
        """A promise rather than the call of the same id."""
        promise = select(message.c.callback_id).where(message.c.id == call.c.id).scalar_subquery()
        queries = {
            "attempt": (attempt, attempt.c.started_at, attempt.c.callback_id),
            "call": (call, call.c.started_at, promise), "callback": (callback, callback.c.created_at, callback.c.id),
        }  # fmt: skip

        def read(db: Connection) -> dict[str, Held]:
            found = {}
            for thing, (table, at, card) in queries.items():
                here = and_(key_of(table).in_(subjects), town_of(table) == municipality)
                for key, moment, promised in db.execute(select(key_of(table), at, card).where(here)):
                    found[key] = Held(thing, moment, promised or "")
            return found

        return await self._transactions.read(read)

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


class DatabaseActBook:
    """A row an act, a row for each thing destroyed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = looking(engine)
        self._transactions = Transactions(engine)

    async def unfinished(self) -> Sequence[Act]:
        """Oldest first."""
        query = select(act_table).where(act_table.c.digest == "").order_by(act_table.c.begun_at)
        return await self._transactions.read(lambda db: [_act(row) for row in db.execute(query).mappings()])

    async def finish(self, act: str, at: datetime) -> Act | None:
        """Counts by thing, and the hash over all lines; only who sets the hash has summed it up."""
        mine, lines = act_table.c.id == act, select(destroyed).where(destroyed.c.act_id == act)

        def write(db: Connection) -> Act | None:
            rows = [_destroyed(row) for row in db.execute(lines).mappings()]
            counts = Counter(row.thing for row in rows)
            counts[SOUNDS] = sum(row.sounds for row in rows)
            news = {"ended_at": at, "counts": dict(sorted(counts.items())), "digest": act_digest(rows)}
            if not db.execute(update(act_table).where(mine, act_table.c.digest == "").values(news)).rowcount:
                return None
            return _act(db.execute(select(act_table).where(mine)).mappings().one())

        return await self._transactions.write(write)

    async def acts(self, municipality: str, limit: int = 100) -> Sequence[Act]:
        """By index."""
        query = select(act_table).where(act_table.c.municipality == municipality)
        query = query.order_by(act_table.c.begun_at.desc(), act_table.c.id).limit(limit)
        return await self._transactions.read(lambda db: [_act(row) for row in db.execute(query).mappings()])

    async def find(self, municipality: str, act: str) -> Act | None:
        """None also when several begin so."""
        query = select(act_table).where(
            act_table.c.municipality == municipality, act_table.c.id.startswith(act, autoescape=True)
        )  # fmt: skip
        found = await self._transactions.read(lambda db: db.execute(query.limit(2)).mappings().all())
        return _act(found[0]) if len(found) == 1 else None

    def destroyed(self, act: str) -> Iterator[Destroyed]:
        """Page after page."""
        query = select(destroyed).where(destroyed.c.act_id == act).order_by(destroyed.c.thing, destroyed.c.key)
        with self._engine.connect() as db:
            for row in db.execute(query.execution_options(yield_per=_PAGE)).mappings():
                yield _destroyed(row)

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


def _is_there(db: Connection, table: Table, hold: Hold) -> bool:
    query = select(key_of(table)).where(
        key_of(table) == hold.subject, town_of(table) == hold.municipality, table.c[ERASED_AT].is_(None)
    )  # fmt: skip
    return db.execute(query).first() is not None


def _hold(row: RowMapping | dict[str, Any]) -> Hold:
    return Hold(**{name: row[name] for name in Hold.__dataclass_fields__})


def _act(row: RowMapping) -> Act:
    facts = {name: row[name] for name in Act.__dataclass_fields__}
    return Act(**facts | {"rule": Rule(row["rule"])})


def _destroyed(row: RowMapping) -> Destroyed:
    return Destroyed(**{name: row[name] for name in Destroyed.__dataclass_fields__})
