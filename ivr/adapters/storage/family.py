"""How the tables hang together by age: roots that grow old by themselves, and what belongs to them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, func, select

import ivr.adapters.storage
from ivr.adapters.storage.tables import metadata


@cache
def schema() -> Sequence[Table]:
    """All tables of the product, whichever module describes them; those that others refer to come first."""
    for module in pkgutil.iter_modules(ivr.adapters.storage.__path__):
        if not module.ispkg:
            importlib.import_module(f"{ivr.adapters.storage.__name__}.{module.name}")
    return tuple(metadata.sorted_tables)


@cache
def roots() -> Sequence[Table]:
    """Tables whose rows grow old by themselves. Promises come last but for bare legs and letters: they wait for the
    others."""
    found = [table for table in schema() if "ages" in table.info]
    return tuple(sorted(found, key=lambda table: (table.name == "leg", table.name == "callback", table.name)))


@cache
def children(table: Table) -> Sequence[Table]:
    """Tables whose rows grow old with the rows of this one."""
    found = [child for child in schema() if "belongs" in child.info]
    return tuple(child for child in found if parent(child) is table)


def parent(child: Table) -> Table:
    """The table whose rows a table's rows belong to."""
    if child.info["to"]:
        return metadata.tables[child.info["to"]]
    (reference,) = child.c[child.info["belongs"]].foreign_keys
    return reference.column.table


def key_of(table: Table) -> Column[Any]:
    """The column that names a row (the first of several)."""
    return next(iter(table.primary_key.columns))


def aged_by(root: Table) -> ColumnElement[Any]:
    """The moment a row's term is counted from."""
    moments = [root.c[name] for name in root.info["ages"]]
    return func.coalesce(*moments) if len(moments) > 1 else moments[0]


def town_of(root: Table) -> ColumnElement[str]:
    """Whose municipality's a row is, its own or that of the row it refers to."""
    if "municipality" in root.c:
        return root.c["municipality"]
    owner = next(key for key in root.foreign_keys if "municipality" in key.column.table.c)
    above = owner.column.table
    return select(above.c["municipality"]).where(owner.column == owner.parent).scalar_subquery()
