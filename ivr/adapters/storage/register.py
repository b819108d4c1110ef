"""All messages by their words and columns (fulfils `ports.console.Register`): one walk of an index, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from ivr.adapters.storage import tables
from ivr.adapters.storage.database import Transactions, looking
from ivr.adapters.storage.rows import first_place, message_of
from ivr.adapters.storage.search_index import matching
from ivr.domain.message import Message
from ivr.domain.selection import Entry
from ivr.errors import JournalError
from ivr.language.search_words import mark
from ivr.ports.console import Wanted

_M = tables.message.c
_AT_ONCE = 500


class DatabaseRegister:
    """Reads by the full-text index; without words and filters by `ix_message_place`."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)
        self._looking = looking(engine)

    async def page(self, wanted: Wanted, below: int | None = None, limit: int = 50) -> Sequence[Entry]:
        """The newest first."""

        def read(db: Connection) -> list[Entry]:
            query, place = _places(db, wanted)
            if below is not None:
                query = query.where(place < below)
            return _entries(db, wanted, db.execute(query.order_by(place.desc()).limit(limit)).scalars().all())

        return await self._transactions.read(read)

    async def count(self, wanted: Wanted, at_most: int) -> int:
        """At most so many are looked at."""

        def read(db: Connection) -> int:
            query, _ = _places(db, wanted)
            return db.execute(select(func.count()).select_from(query.limit(at_most).subquery())).scalar_one()

        return await self._transactions.read(read)

    def walk(self, wanted: Wanted) -> Iterator[Message]:
        """Page after page, each in a transaction of its own, so that the lines write on meanwhile."""
        last, places = -1, [0]
        while places:
            try:
                with self._looking.begin() as db:
                    query, place = _places(db, wanted)
                    places = list(db.execute(query.where(place > last).order_by(place).limit(_AT_ONCE)).scalars())
                    found = _messages(db, wanted, places)
            except SQLAlchemyError as fault:
                raise JournalError(f"the database did not answer: {type(fault).__name__}") from fault
            yield from found
            last = places[-1] if places else last

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


def _places(db: Connection, wanted: Wanted) -> tuple[Any, Any]:
    """A query for places, and the column to compare with."""
    if wanted.tokens:
        here = [] if _is_alone(db, wanted.municipality) else [frozenset({mark("municipality", wanted.municipality)})]
        query, place = matching(db, [*wanted.tokens, *here])
    else:
        place = _M.place
        query = select(place.label("place")).where(_M.municipality == wanted.municipality)
    for moment, keeps in ((wanted.begins, place.__ge__), (wanted.ends, place.__lt__)):
        if moment is not None:
            query = query.where(keeps(first_place(moment)))
    return query, place


def _is_alone(db: Connection, municipality: str) -> bool:
    """Nobody else has a message: the token that every row has need not be walked (a third of a rare search's time).

    Each end is a look at the index; asked for in one SELECT, SQLite walks all of it.
    """
    first, last = (select(end(_M.municipality)).scalar_subquery() for end in (func.min, func.max))
    return set(db.execute(select(first, last)).one()) <= {municipality}


def _entries(db: Connection, wanted: Wanted, places: Sequence[int]) -> list[Entry]:
    call, recording = tables.call, tables.recording
    query = (
        select(tables.message, call.c.mode, recording.c.name.label("sound"))
        .join_from(tables.message, call)
        .outerjoin(recording, recording.c.call_id == call.c.id)
        .where(_M.place.in_(places), _M.municipality == wanted.municipality)
        .order_by(_M.place.desc())
    )
    return [
        Entry(row["place"], message_of(row), row["mode"], row["callback_id"] or "", row["sound"] is not None)
        for row in db.execute(query).mappings()
    ]


def _messages(db: Connection, wanted: Wanted, places: Sequence[int]) -> list[Message]:
    here = (_M.place.in_(places), _M.municipality == wanted.municipality)
    query = select(tables.message).where(*here).order_by(_M.place)
    return [message_of(row) for row in db.execute(query).mappings()] if places else []
