"""Destroys what is a citizen's, as the tables themselves say (fulfils `ports.keeping.Erasure`; clause 6.3, 152-FZ).

A batch is one transaction: rows, the lines of the act, the recordings' files. A kill in between leaves the batch to be
done again; a hold that comes at that moment waits for its end and finds the row erased, or the batch finds the hold.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, and_, case, delete, func, literal, or_, select, update

from ivr.adapters.storage import tables, waiting
from ivr.adapters.storage.database import Transactions, insert_once
from ivr.adapters.storage.day_tables import leg
from ivr.adapters.storage.family import aged_by, children, key_of, roots, town_of
from ivr.adapters.storage.keep_tables import act as act_table
from ivr.adapters.storage.keep_tables import destroyed
from ivr.adapters.storage.personal import ERASED_AT, blanks, is_citizens
from ivr.adapters.storage.traces import forget_traces
from ivr.domain.retention import Act
from ivr.errors import RuleBroken
from ivr.ports.keeping import Belongings, Inventory, Keys

Derived = Mapping[str, Callable[[Connection, Sequence[str]], None]]
"""By table: what else has to be done when rows of it are erased (an index that is made of them)."""

_SOME = 500


@dataclass(frozen=True, slots=True)
class DatabaseErasure:
    """Erasure over all tables of the schema.

    Attributes:
        remove_sound: removes a recording; whether it was there.
    """

    engine: Engine
    transactions: Transactions
    remove_sound: Callable[[str], bool]
    derived: Derived

    @classmethod
    def over(
        cls, engine: Engine, remove_sound: Callable[[str], bool], derived: Derived | None = None
    ) -> DatabaseErasure:  # fmt: skip
        """With a thread of its own."""
        return cls(engine, Transactions(engine), remove_sound, derived or {})

    async def destroy_due(self, before: Mapping[str, datetime], act: Act, at_once: int) -> int:
        """Root after root, so that a promise goes after the last of what belongs to it."""

        def write(db: Connection) -> int:
            waiting.one_at_a_time(db)
            for root in roots():
                if due := _due(db, root, before, at_once):
                    self._destroy(db, root, due, act)
                    return len(due)
            return 0

        return await self.transactions.write(write)

    async def destroy(self, keys: Keys, act: Act) -> int:
        """All in one transaction."""

        def write(db: Connection) -> int:
            waiting.one_at_a_time(db)
            if owed := waiting.owed(db, keys):
                raise RuleBroken("13", "a call back is owed to him: close it first", "still_owed", subject=owed[0])
            found = 0
            for root in roots():
                for some in _pages(keys.get(root.name, ())):
                    if held := waiting.held_of(db, root, some):
                        raise RuleBroken("3", "a hold stands on it: release it first", "held", subject=held[0])
                    rows = db.execute(_asked(root).where(key_of(root).in_(some))).all()
                    self._destroy(db, root, rows, act)
                    found += len(rows)
            return found

        return await self.transactions.write(write)

    def _destroy(self, db: Connection, root: Table, due: Sequence[Any], act: Act) -> None:
        """Rows of one root: (key, town, moment) each."""
        gone: Counter[str] = Counter()
        sounds = _erase(db, root, key_of(root).name, [row.key for row in due], act.begun_at, self.derived)
        for owner, sound in sounds:
            gone[owner] += self.remove_sound(sound)
        for town in {row.town for row in due}:
            insert_once(db, act_table, _act_row(replace(act, id=_act_id(act, town), municipality=town)))
        lines = [
            {"act_id": _act_id(act, row.town), "thing": root.name, "key": row.key, "of": row.of, "at": act.begun_at,
             "sounds": gone[row.key]} for row in due
        ]  # fmt: skip
        insert_once(db, destroyed, *lines)

    async def forget_traces(self) -> None:
        """See `traces`."""
        await asyncio.to_thread(forget_traces, self.engine)

    async def knows(self, sounds: Sequence[str]) -> set[str]:
        """A call's recording, a call in progress, or an attempt's."""
        recording, call, attempt = tables.recording, tables.call, tables.attempt
        wanted = (
            select(recording.c.name).where(recording.c.name.in_(sounds)),
            select(call.c.id).where(call.c.id.in_(sounds), call.c.ended_at.is_(None)),
            select(attempt.c.id).where(attempt.c.id.in_(sounds), attempt.c.erased_at.is_(None)),
        )
        return await self.transactions.read(lambda db: {key for one in wanted for key in db.execute(one).scalars()})

    async def belongings(self, municipality: str, numbers: Sequence[str]) -> Belongings:
        """By every column that holds a citizen's number."""

        def read(db: Connection) -> Belongings:
            keys = {root.name: _keys_of(db, root, municipality, numbers) for root in roots() if root.name in _OF_PEOPLE}
            return _belongings(db, keys)

        return await self.transactions.read(read)

    async def belongings_of(self, municipality: str, message: str) -> Belongings:
        """Its call, and its promise with all attempts unless another message waits for the same."""
        call, callback, attempt = tables.call, tables.message.c.callback_id, tables.attempt

        def read(db: Connection) -> Belongings:
            here = and_(call.c.id == message, call.c.municipality == municipality, call.c.erased_at.is_(None))
            calls = db.execute(select(call.c.id).where(here)).scalars().all()
            promise = select(callback).where(tables.message.c.id.in_(calls), callback.is_not(None))
            alone = select(callback).where(callback.in_(promise)).group_by(callback).having(func.count() == 1)
            promises = db.execute(alone).scalars().all()
            attempts = db.execute(select(attempt.c.id).where(attempt.c.callback_id.in_(promises))).scalars().all()
            return _belongings(db, {call.name: calls, attempt.name: attempts, tables.callback.name: promises})

        return await self.transactions.read(read)

    def rows(self, keys: Keys) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Root after root, each row followed by what belongs to it."""
        with self.engine.connect() as db:
            for root in roots():
                for key in keys.get(root.name, ()):
                    yield from _family(db, root, key_of(root).name, [key])

    def inventory(self, keys: Keys) -> Inventory:
        """Row by row; a recording's row and an attempt's seconds are recordings."""
        counts: Counter[str] = Counter()
        cases = []
        for name, row in self.rows(keys):
            counts["sounds"] += bool(row.get("seconds") if name == "recording" else row.get("recording_seconds"))
            counts[name] += name != "recording"
            if name in _CASES:
                root = tables.metadata.tables[name]
                cases.append((name, str(row[key_of(root).name]), row[root.info["ages"][-1]]))
        cases.sort(key=lambda case: case[2], reverse=True)
        return Inventory({name: count for name, count in counts.items() if count}, cases)

    def dispose(self) -> None:
        """Let go of the database."""
        self.transactions.dispose()


_CASES = ("call", "attempt", "callback")
_OF_PEOPLE = (*_CASES, leg.name)


def _belongings(db: Connection, keys: Keys) -> Belongings:
    held = {key for root in roots() for key in waiting.held_of(db, root, keys.get(root.name, ()))}
    return Belongings(keys, sorted(held), waiting.owed(db, keys))


def _asked(root: Table) -> Any:
    return select(key_of(root).label("key"), town_of(root).label("town"), aged_by(root).label("of"))


def _due(db: Connection, root: Table, before: Mapping[str, datetime], at_once: int) -> Sequence[Any]:
    """Rows whose term is over and that nothing keeps."""
    others = literal(before[""], tables.Moment())
    named = [(town_of(root) == town, literal(end, tables.Moment())) for town, end in before.items() if town]
    ends = case(*named, else_=others) if named else others
    query = _asked(root).where(aged_by(root) < ends, _says_something(root), ~waiting.waits(root))
    earliest = root.c[root.info["ages"][-1]]  # the index goes by it, and it is never later than the other
    return db.execute(query.where(earliest < max(before.values())).order_by(earliest).limit(at_once)).all()


def _says_something(root: Table) -> ColumnElement[bool]:
    """It is not erased yet."""
    if ERASED_AT in root.c:
        return root.c[ERASED_AT].is_(None)
    if root.info["whole"]:
        return key_of(root).is_not(None)
    return or_(*(column != blanks(root)[column.name] for column in root.c if is_citizens(column)))


def _erase(
    db: Connection, table: Table, column: str, keys: Sequence[str], at: datetime, derived: Derived
) -> list[tuple[str, str]]:  # fmt: skip
    """Rows whose `column` is one of `keys`, and what belongs to them; the recordings to be removed, each with the key
    of its owner."""
    mine = table.c[column].in_(keys)
    sounds = [
        (str(owner), str(sound))
        for name in table.c
        if name.info.get("sound")
        for owner, sound in db.execute(select(table.c[column], name).where(mine))
    ]
    below = children(table)
    own = db.execute(select(key_of(table), table.c[column]).where(mine)).all() if below or table.name in derived else ()
    owners = {row[0]: row[1] for row in own}
    for child in below:
        found = _erase(db, child, child.info["belongs"], list(owners), at, derived)
        sounds += [(owners[key], sound) for key, sound in found]
    if table.info["whole"]:
        db.execute(delete(table).where(mine))
    else:
        since = {ERASED_AT: at} if ERASED_AT in table.c else {}
        db.execute(update(table).where(mine).values({**blanks(table), **since}))
    if table.name in derived:
        derived[table.name](db, list(owners))
    return sounds


def _keys_of(db: Connection, root: Table, municipality: str, numbers: Sequence[str]) -> list[str]:
    """Keys of a root whose own columns, or those of what belongs to it, hold one of the numbers."""
    found: dict[str, None] = {}
    below = [(child, child.c[child.info["belongs"]]) for child in children(root)]
    for table, to_root in ((root, key_of(root)), *below):
        for column in table.c:
            if column.info.get("number"):
                same = and_(key_of(root) == to_root, column.in_(numbers), town_of(root) == municipality)
                found |= dict.fromkeys(db.execute(select(key_of(root)).where(same).order_by(key_of(root))).scalars())
    return list(found)


def _family(
    db: Connection, table: Table, column: str, keys: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:  # fmt: skip
    order = [*table.primary_key.columns]
    rows = db.execute(select(table).where(table.c[column].in_(keys)).order_by(*order)).mappings().all()
    for row in rows:
        yield table.name, dict(row)
    for child in children(table) if rows else ():
        yield from _family(db, child, child.info["belongs"], [row[key_of(table).name] for row in rows])


def _act_id(act: Act, town: str) -> str:
    return hashlib.sha256(f"{act.id} {town}".encode()).hexdigest()[:32]


def _act_row(act: Act) -> dict[str, Any]:
    return {
        "id": act.id, "municipality": act.municipality, "begun_at": act.begun_at, "by": act.by, "rule": act.rule.value,
        "why": act.why, "counts": {}, "digest": "",
    }  # fmt: skip


def _pages(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), _SOME):
        yield keys[start : start + _SOME]
