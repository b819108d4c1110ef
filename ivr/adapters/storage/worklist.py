"""The operators' list in a database (fulfils `ports.console.Worklist`): by index, a page at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, and_, case, func, select, tuple_

from ivr.adapters.storage import tables
from ivr.adapters.storage.database import Transactions
from ivr.adapters.storage.rows import callback_of, message_of
from ivr.domain.callback import CallbackState
from ivr.domain.message import Message
from ivr.domain.worklist import AT_MOST_COUNTED, Place, Shown, WorkCounts, WorkQuery, WorkRow

_C = tables.callback.c
_SEARCHED = 2000
"""Open promises looked through for words, the most pressing first; a helpline has some dozens."""


class DatabaseWorklist:
    """Reads pages by the index `ix_callback_work`."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def rows(self, query: WorkQuery, after: Place | None = None, limit: int = 50) -> Sequence[WorkRow]:
        """One page."""
        words = plain(query.words).split()

        def read(db: Connection) -> list[WorkRow]:
            page = _page(query, after, limit)
            if words:
                page = _page(query, None, limit).where(_C.id.in_(_said(db, query, after, words)[:limit]))
            found = [callback_of(row) for row in db.execute(page).mappings()]
            latest = _latest(db, [callback.id for callback in found])
            return [WorkRow(callback, latest[callback.id]) for callback in found if callback.id in latest]

        return await self._transactions.read(read)

    async def counts(self, query: WorkQuery) -> WorkCounts:
        """One look at the first open promises."""
        table = select(tables.callback).where(_C.municipality == query.municipality, _C.is_open.is_(True))
        few = table.order_by(_C.act_by).limit(AT_MOST_COUNTED).subquery()
        kinds = [kind for kind in Shown if kind not in (Shown.ALL, Shown.CLOSED)]
        sums = [func.sum(case((_wanted(few.c, kind, query), 1), else_=0)) for kind in kinds]

        def read(db: Connection) -> WorkCounts:
            total, *found = db.execute(select(func.count(), *sums).select_from(few)).one()
            counted = {kind.value: int(count or 0) for kind, count in zip(kinds, found, strict=True)}
            return WorkCounts(all=total, **counted)

        return await self._transactions.read(read)

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


def plain(text: str) -> str:
    """Text as it is compared: lower case, one letter for е and ё, digits of numbers without signs between them."""
    joined = re.sub(r"(?<=\d)[\s()+-]+(?=\d)", "", text)
    return joined.casefold().replace("\u0451", "\u0435")


def _page(query: WorkQuery, after: Place | None, limit: int) -> Any:
    closed = query.shown is Shown.CLOSED
    place = (_C.act_by, _C.created_at, _C.id)
    wanted = select(tables.callback).where(_C.municipality == query.municipality, _C.is_open.is_(not closed))
    if query.shown not in (Shown.ALL, Shown.CLOSED):
        wanted = wanted.where(_wanted(_C, query.shown, query))
    if after:
        here = tuple_(after.act_by, after.created_at, after.id, types=[column.type for column in place])
        wanted = wanted.where(tuple_(*place) < here if closed else tuple_(*place) > here)
    return wanted.order_by(*(column.desc() if closed else column for column in place)).limit(limit)


def _wanted(columns: Any, shown: Shown, query: WorkQuery) -> Any:
    if shown is Shown.MINE:
        return columns.holder == query.who
    if shown is Shown.OVERDUE:
        return columns.act_by < query.now
    if shown is Shown.NO_NUMBER:
        return columns.number == ""
    if shown is Shown.URGENT:
        return columns.urgent.is_(True)
    if shown is Shown.PASSED_ON:
        return columns.rests == CallbackState.PASSED_ON.value
    return and_(
        columns.opens_at <= query.now, columns.closes_at >= query.now, columns.rests != CallbackState.PASSED_ON.value,
        columns.state.in_([CallbackState.WAITING.value, CallbackState.PLANNED.value, CallbackState.TAKEN.value]),
    )  # fmt: skip


def _latest(db: Connection, callbacks: Sequence[str]) -> dict[str, Message]:
    """The message that came last, by callback."""
    query = select(tables.message).where(tables.message.c.callback_id.in_(callbacks))
    rows = db.execute(query.order_by(tables.message.c.received_at)).mappings()
    return {row["callback_id"]: message_of(row) for row in rows}


def _said(db: Connection, query: WorkQuery, after: Place | None, words: Sequence[str]) -> list[str]:
    """Promises where all these words stand, in the order of the list."""
    message, few = tables.message.c, _page(query, after, _SEARCHED).subquery()
    texts = (message.surname, message.name, message.patronymic, message.caller_number, message.locality, message.street,
             message.house, message.text, few.c.number, few.c.holder)  # fmt: skip
    asked = select(few.c.id, *texts).join_from(few, tables.message, message.callback_id == few.c.id)
    said: dict[str, str] = {}
    for key, *parts in db.execute(asked.order_by(few.c.act_by, few.c.created_at, few.c.id)):
        said[key] = " ".join((said.get(key, ""), *(part for part in parts if part)))
    return [key for key, text in said.items() if all(word in plain(text) for word in words)]
