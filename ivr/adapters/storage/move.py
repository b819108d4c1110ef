"""A whole journal moved into another database: SQLite into PostgreSQL, or back (`ivr db move`).

One transaction of the target holds everything: its schema, every row, the comparison of both sides. Whatever fails, or
whoever is killed, the target is as it was. Tables are taken from the schema itself; what is derived from them (the
full-text index) is made anew by the service.
"""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, Table, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from ivr.adapters.storage import tables
from ivr.adapters.storage.content import Content, Told, content, continue_numbers, copy_table, count
from ivr.adapters.storage.database import connect, looking, newest, revisions, upgrade, upgrade_on
from ivr.adapters.storage.family import schema
from ivr.errors import JournalError, SettingsError

_ALEMBIC = "alembic_version"
_MADE_ANEW = ("message_index",)
"""Tables that are derived from others, and what their names begin with; SQLite's virtual tables are all such."""
COLUMNS_MADE_ANEW: Mapping[str, Mapping[str, object]] = {"message": {"indexed": 0}}
"""Columns that say how far the deriving has come."""

TotalTold = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved: rows by table, verified."""

    tables: Mapping[str, int]

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(self.tables.values())


def move_journal(
    source: str, target: str, *, in_use: bool = False, total: TotalTold = lambda _rows: None,
    told: Told = lambda _table, _rows: None,
) -> Moved:  # fmt: skip
    """Copy a journal into an empty database and compare both.

    Args:
        source, target: SQLAlchemy's URLs.
        in_use: a service may be working on the source: it is copied as it is at this moment.
        total: told how many rows there are.
        told: told of each batch: the table, and how many rows.

    Raises:
        SettingsError: the source is in use or its schema is another, the target is not empty; nothing was done.
        JournalError: a row was refused, the copy differs, or a database went away; the target is as it was.
    """
    if not in_use:
        _refuse_busy(source)
    whole = whole_schema()
    from_, into = connect(source), connect(target)
    try:
        with _snapshot(from_, frozen=not in_use) as reading, into.begin() as writing:
            _refuse_unlike(reading, whole)
            _prepare(into, writing, whole)
            total(sum(count(reading, table) for table in whole.sorted_tables))
            return Moved(move_rows(reading, writing, whole, told))
    except SQLAlchemyError as fault:
        why = type(getattr(fault, "orig", None) or fault).__name__
        raise JournalError(f"the journal was not moved, {_named(target)} is as it was: {why}") from fault
    finally:
        from_.dispose()
        into.dispose()


def copy_rows(source: Engine, target: Engine) -> int:
    """Bring an empty target to the newest schema and copy everything as it is at one moment; how many rows.

    Raises:
        SettingsError: the target is not empty.
        JournalError: one of them went away, or a row was refused.
    """
    whole = whole_schema()
    try:
        with _snapshot(source, frozen=False) as reading, target.begin() as writing:
            _prepare(target, writing, whole)
            return sum(move_rows(reading, writing, whole, lambda _table, _rows: None).values())
    except SQLAlchemyError as fault:
        raise JournalError(f"the journal cannot be copied: {type(fault).__name__}") from fault


def move_rows(reading: Connection, writing: Connection, whole: MetaData, told: Told) -> dict[str, int]:
    """Copy all tables, those that others refer to first; rows by table.

    Raises:
        JournalError: a row was refused, or what was written is not what was read.
    """
    done: dict[str, int] = {}
    for table in whole.sorted_tables:
        anew = {name: value for name, value in COLUMNS_MADE_ANEW.get(table.name, {}).items() if name in table.c}
        read = copy_table(reading, writing, table, anew, told)
        continue_numbers(writing, table)
        _compare(table, read, content(writing, table, anew))
        done[table.name] = read.rows
    return done


def whole_schema() -> MetaData:
    """All tables of the product, whichever module describes them."""
    schema()
    return tables.metadata


def _compare(table: Table, read: Content, written: Content) -> None:
    if read != written:
        raise JournalError(
            f"{table.name}: {read.rows} rows were read and {written.rows} stand there, or their content differs; "
            "the target is as it was"
        )


@contextlib.contextmanager
def _snapshot(engine: Engine, *, frozen: bool) -> Iterator[Connection]:
    """The source at one moment; `frozen`: nobody writes to it meanwhile."""
    if engine.dialect.name == "sqlite":
        engine = engine if frozen else looking(engine)
    else:
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        yield connection
        connection.rollback()


def _refuse_busy(url: str) -> None:
    """A service that works on the source would write rows that nobody moves."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        busy = _sqlite_busy(address.database or "")
    else:
        engine = connect(url)
        try:
            with engine.connect() as db:
                others = text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
                )
                busy = bool(db.execute(others).scalar_one())
        except SQLAlchemyError as fault:
            raise SettingsError(f"{_named(url)}: cannot be opened: {type(fault).__name__}") from fault
        finally:
            engine.dispose()
    if busy:
        raise SettingsError(f"{_named(url)}: a service is working on it: stop it first, or say --while-running")


def _sqlite_busy(path: str) -> bool:
    """An exclusive lock is given only while no other connection exists.

    Raises:
        SettingsError: there is no such file, or it is no database.
    """
    if not Path(path).is_file():
        raise SettingsError(f"{path}: there is no such journal")
    with contextlib.closing(sqlite3.connect(path, timeout=0.5, isolation_level=None)) as probe:
        try:
            probe.execute("PRAGMA locking_mode=EXCLUSIVE")
            probe.execute("BEGIN IMMEDIATE")
            probe.execute("SELECT count(*) FROM sqlite_master").fetchone()
            probe.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return True
        except sqlite3.DatabaseError as fault:
            raise SettingsError(f"{path}: {fault}") from fault
    return False


def _refuse_unlike(reading: Connection, whole: MetaData) -> None:
    """The source has our newest schema, and no table that we would leave behind."""
    if revisions(reading) != newest():
        raise SettingsError(
            f"{_named_by(reading)}: schema {_listed(revisions(reading))}, this version of the product has "
            f"{_listed(newest())}: let `ivr doctor` bring it up first"
        )
    strange = sorted(name for name in _kept_tables(reading) if name not in whole.tables)
    if strange:
        raise SettingsError(f"{_named_by(reading)}: tables that this version does not know: {', '.join(strange)}")


def _prepare(into: Engine, writing: Connection, whole: MetaData) -> None:
    """The target gets the schema, unless it has it already, and holds no row."""
    there = _kept_tables(writing)
    if there and revisions(writing) != newest():
        raise SettingsError(
            f"{_named_by(writing)}: has tables already ({', '.join(sorted(there)[:3])} …) of schema "
            f"{_listed(revisions(writing))}; {_listed(newest())} or an empty database is needed"
        )
    if not there:
        upgrade_on(writing)
    seeds = _rows_of_a_new_journal(whole) if there else {}
    for table in reversed(whole.sorted_tables):
        rows = count(writing, table)
        if there and rows > seeds.get(table.name, 0):
            raise SettingsError(f"{_named_by(writing)}: is not empty: {table.name} has {rows} rows")
        if rows:
            writing.execute(table.delete())


def _rows_of_a_new_journal(whole: MetaData) -> dict[str, int]:
    """Some tables are born with rows."""
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{folder}/new.db")
        upgrade(engine)
        with looking(engine).connect() as db:
            counts = {table.name: count(db, table) for table in whole.sorted_tables}
        engine.dispose()
    return counts


def _kept_tables(db: Connection) -> set[str]:
    """Names of the tables that hold what cannot be made anew."""
    names = set(inspect(db).get_table_names()) - {_ALEMBIC}
    derived = list(_MADE_ANEW)
    if db.dialect.name == "sqlite":
        virtual = text("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'")
        derived += db.execute(virtual).scalars().all()
        names -= set(derived)
    return {name for name in names if not any(name == one or name.startswith(f"{one}_") for one in derived)}


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _named(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def _named_by(db: Connection) -> str:
    return db.engine.url.render_as_string(hide_password=True)
