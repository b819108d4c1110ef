"""Whose data a column holds, written beside the column: what erases or hands out personal data goes by it (152-FZ).

A column's `info` says whose its content is: a citizen's, a member of the staff's, nobody's. A table's `info` says how
its rows grow old: by themselves, or with the row of another table they belong to. A test finds columns that say
nothing, so a table that is added later is erased with the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import JSON, Column, LargeBinary, Table

PLAIN: dict[str, Any] = {"personal": "none"}
STAFF: dict[str, Any] = {"personal": "staff"}
CITIZEN: dict[str, Any] = {"personal": "citizen"}
NUMBER: dict[str, Any] = {**CITIZEN, "number": True}
"""A citizen's telephone: by it his rows are found."""

SOUND: dict[str, Any] = {**PLAIN, "sound": True}
"""The name of a recording in the archive of voices; it goes with the row."""

ERASED_AT = "erased_at"
"""The column of tables whose rows stay as bare figures: since when they are no more than that."""


def ages(*moments: str, whole: bool = False) -> dict[str, Any]:
    """Rows grow old by the first of these moments that is known.

    Args:
        whole: nothing of them is needed later, so they are deleted; otherwise only what is a citizen's is blanked.
    """
    return {"ages": moments, "whole": whole}


def belongs(column: str, *, to: str = "", whole: bool = False) -> dict[str, Any]:
    """Rows grow old with the row that this column names.

    Args:
        to: that row's table, where the database itself is not told of it (no foreign key).
    """
    return {"belongs": column, "to": to, "whole": whole}


def blanked(value: object) -> dict[str, Any]:
    """Nobody's, but without a citizen's data it has to say this."""
    return {**PLAIN, "blank": value}


def blanks(table: Table) -> Mapping[str, Any]:
    """What the columns of an erased row say."""
    return {column.name: _blank(column) for column in table.c if is_citizens(column) or "blank" in column.info}


def is_citizens(column: Column[Any]) -> bool:
    """Its content is a citizen's."""
    return column.info.get("personal") == "citizen"


def _blank(column: Column[Any]) -> object:
    if "blank" in column.info:
        return column.info["blank"]
    if column.nullable:
        return None
    if isinstance(column.type, JSON):
        return []
    return b"" if isinstance(column.type, LargeBinary) else ""
