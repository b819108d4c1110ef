"""The ledger of legs in the database: written once, never changed (the database itself refuses)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, and_, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from ivr.adapters.storage.database import insert_once
from ivr.adapters.storage.day_tables import leg as table
from ivr.adapters.storage.rows import fitted
from ivr.domain.attempt import Attempt
from ivr.domain.call import Call
from ivr.domain.leg import LegRecord, Side, leg_of_attempt, legs_of_call
from ivr.errors import JournalError

_AT_ONCE = 200
_LONGEST_WAIT = timedelta(hours=1)  # of a caller for the operator who answers him


def enter(db: Connection, records: Sequence[LegRecord]) -> int:
    """Write legs; those that are there already stay as they are. How many were new."""
    rows = [fitted(table, asdict(record)) for record in records]
    return len(insert_once(db, table, *rows, returning=table.c.id)) if rows else 0


def enter_call(db: Connection, call: Call) -> None:
    """The legs of a call that is over, as far as its own row tells of them and nobody has told more."""
    caller, *operator = legs_of_call(call)
    query = select(func.count()).where(table.c.call == call.id, table.c.side == Side.OPERATOR.value)
    enter(db, (caller, *operator) if db.execute(query).scalar() == 0 else (caller,))


def enter_attempt(db: Connection, attempt: Attempt, municipality: str) -> None:
    """The citizen's leg of an attempt that is over."""
    if record := leg_of_attempt(attempt, municipality):
        enter(db, (record,))


def legs(db: Connection, municipality: str, begins: datetime, ends: datetime) -> list[LegRecord]:
    """Legs of citizens who were there within [begins, ends), and the operators' legs of the same calls."""
    later = ends + _LONGEST_WAIT
    within = and_(
        table.c.municipality == municipality, table.c.invited_at >= begins, table.c.invited_at < later,
        or_(table.c.invited_at < ends, table.c.side == Side.OPERATOR.value),
    )  # fmt: skip
    return [leg_of(row) for row in db.execute(select(table).where(within)).mappings()]


def leg_of(row: RowMapping) -> LegRecord:
    """The leg of a row."""
    facts: dict[str, Any] = {name: row[name] for name in LegRecord.__dataclass_fields__}
    return LegRecord(**facts | {"side": Side(row["side"])})


def take_in_legs(engine: Engine, records: Iterable[LegRecord]) -> int:
    """Write legs of an exchange's own records, a few at a time, so that the lines wait for nothing; how many were new.

    Raises:
        JournalError: the database is away; a run broken off is simply done again.
    """
    waiting, fresh = iter(records), 0
    try:
        while part := list(islice(waiting, _AT_ONCE)):
            with engine.begin() as db:
                fresh += enter(db, part)
    except SQLAlchemyError as fault:
        raise JournalError(f"the database did not take it: {type(fault).__name__}") from fault
    return fresh
