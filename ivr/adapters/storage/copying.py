"""All rows of one database put into another of either kind, table by table as the schema has them."""

from __future__ import annotations

from sqlalchemy import JSON, Engine, MetaData, Table, insert, select
from sqlalchemy.exc import SQLAlchemyError

from ivr.adapters.storage.database import upgrade
from ivr.adapters.storage.family import schema
from ivr.errors import JournalError

_AT_ONCE = 1000


def copy_rows(source: Engine, target: Engine) -> int:
    """Bring an empty target to the newest schema and copy everything as it is at one moment; how many rows.

    Raises:
        JournalError: one of them went away, or the target is not empty.
    """
    upgrade(target)
    frozen = {} if source.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    copied = 0
    try:
        with source.connect().execution_options(**frozen) as reading, target.begin() as writing:
            for table in map(_taking_nothing_for_null, schema()):
                rows = reading.execute(select(table).execution_options(yield_per=_AT_ONCE)).mappings()
                for some in rows.partitions():
                    writing.execute(insert(table), [dict(row) for row in some])
                    copied += len(some)
    except SQLAlchemyError as fault:
        raise JournalError(f"the journal cannot be copied: {type(fault).__name__}") from fault
    return copied


def _taking_nothing_for_null(table: Table) -> Table:
    """In a JSON column that may be empty "nothing" stays the database's NULL."""
    copy = table.to_metadata(MetaData())
    for column in copy.columns:
        if isinstance(column.type, JSON) and column.nullable:
            column.type = JSON(none_as_null=True)
    return copy
