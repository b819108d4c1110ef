"""Rows of tables as they are, whatever database holds them: copied in batches, and summed up to be compared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, Connection, MetaData, Table, func, insert, select
from sqlalchemy.exc import DataError, IntegrityError

from ivr.errors import RowRefused

_BATCH = 1000
_SUM_BITS = 1 << 256

Row = dict[str, Any]
Told = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Content:
    """What a table holds.

    Attributes:
        digest: the sum of the rows' SHA-256, so that the order in which a database gives them does not matter.
    """

    rows: int = 0
    digest: int = 0

    def with_rows(self, rows: Sequence[Row]) -> Content:
        """And these rows."""
        return Content(self.rows + len(rows), (self.digest + sum(map(_digest, rows))) % _SUM_BITS)


def copy_table(
    source: Connection,
    target: Connection,
    table: Table,
    anew: Mapping[str, Any],
    told: Told = lambda _table, _rows: None,
) -> Content:
    """Copy all rows in batches; what was read.

    Args:
        anew: columns that get this value instead of their own.
        told: of the table's name and how many rows more are there.

    Raises:
        RowRefused: the target will never take one of them; its key is named.
    """
    seen = Content()
    into = _taking_nothing_for_null(table)
    for rows in batches(source, table):
        made = [{**row, **anew} for row in rows]
        seen = seen.with_rows(made)
        _insert(target, into, made)
        told(table.name, len(made))
    return seen


def content(db: Connection, table: Table, anew: Mapping[str, Any] | None = None) -> Content:
    """What a table holds now, these columns with this value."""
    seen = Content()
    for rows in batches(db, table):
        seen = seen.with_rows([{**row, **anew} for row in rows] if anew else rows)
    return seen


def batches(db: Connection, table: Table) -> Iterator[list[Row]]:
    """All rows of a table, some at a time."""
    found = db.execute(select(table).execution_options(yield_per=_BATCH)).mappings()
    for some in found.partitions():
        yield [dict(row) for row in some]


def count(db: Connection, table: Table) -> int:
    """How many rows a table has."""
    return db.execute(select(func.count()).select_from(table)).scalar_one()


def continue_numbers(db: Connection, table: Table) -> None:
    """The next number that the database gives by itself follows the greatest that was copied."""
    column = table.autoincrement_column
    if db.dialect.name != "postgresql" or column is None:
        return
    name = db.dialect.identifier_preparer.format_table(table)
    sequence = db.execute(select(func.pg_get_serial_sequence(name, column.name))).scalar()
    greatest = db.execute(select(func.max(column))).scalar()
    if sequence and greatest is not None:
        db.execute(select(func.setval(sequence, greatest)))


def _taking_nothing_for_null(table: Table) -> Table:
    """The same table; "nothing" in a JSON column that may be empty stays SQL's NULL."""
    copy = table.to_metadata(MetaData())
    for column in copy.columns:
        if isinstance(column.type, JSON) and column.nullable:
            column.type = JSON(none_as_null=True)
    return copy


def _insert(target: Connection, table: Table, rows: Sequence[Row]) -> None:
    try:
        with target.begin_nested():
            target.execute(insert(table), rows)
    except (DataError, IntegrityError) as fault:
        raise RowRefused(_which(target, table, rows) or f"{table.name}: {type(fault).__name__}") from fault
    except ValueError as fault:  # the driver's own refusal: a text with a zero byte
        raise RowRefused(_which(target, table, rows) or f"{table.name}: {fault}") from fault


def _which(target: Connection, table: Table, rows: Sequence[Row]) -> str:
    """The first row of these that is not taken, by its key (its content is nobody's business)."""
    for row in rows:
        try:
            with target.begin_nested():
                target.execute(insert(table), row)
        except (DataError, IntegrityError, ValueError) as fault:
            key = ", ".join(f"{column.name}={row[column.name]!r}" for column in table.primary_key)
            why = type(getattr(fault, "orig", None) or fault).__name__
            return f"{table.name}: the row {key} is not taken: {why}"
    return ""


def _digest(row: Row) -> int:
    plain = json.dumps(row, sort_keys=True, ensure_ascii=False, default=_plain).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(plain).digest())


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(value).hexdigest()
    raise TypeError(f"no plain form for {type(value).__name__}")
