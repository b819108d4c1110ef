"""The database: SQLite by default, PostgreSQL by URL; brought to the newest schema at start."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Engine, Table, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DataError, IntegrityError, InterfaceError, OperationalError, SQLAlchemyError

from ivr.errors import JournalError, RowRefused, SettingsError

T = TypeVar("T")

_BUSY_MS = 5000
_UPGRADING = 515
_LOOKING = "ivr_looking"
_MIGRATIONS = Path(__file__).parent / "migrations"


def connect(url: str) -> Engine:
    """An engine for the URL. SQLite: WAL, synchronous=FULL, BEGIN IMMEDIATE, foreign keys (design section 7).

    Raises:
        SettingsError: the URL cannot be read or its folder cannot be written.
    """
    try:
        address = make_url(url)
    except ArgumentError as fault:
        raise SettingsError(f"storage.database: {fault}") from fault
    if address.get_backend_name() != "sqlite":
        return create_engine(address, pool_pre_ping=True, connect_args={"connect_timeout": 2})
    if address.database:
        _prepare_file(Path(address.database))
    engine = create_engine(address, connect_args={"timeout": _BUSY_MS / 1000, "isolation_level": None})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "commit", lambda connection: connection.exec_driver_sql("COMMIT"))
    event.listen(engine, "rollback", _roll_back)
    return engine


def _prepare_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600, exist_ok=True)
    except OSError as fault:
        raise SettingsError(f"storage.database: {path} cannot be written: {fault.strerror}") from fault


def _configure_sqlite(connection: Any, _record: object) -> None:
    _turn_wal_on(connection)
    for setting in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", f"busy_timeout={_BUSY_MS}"):
        connection.execute(f"PRAGMA {setting}").close()


def _turn_wal_on(connection: Any) -> None:
    """The first process to open a new file turns it to WAL; the others wait: here SQLite's own busy timer does not."""
    give_up = time.monotonic() + _BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.01)
        else:
            return


def _begin(connection: Connection) -> None:
    only_looks = connection.get_execution_options().get(_LOOKING)
    connection.exec_driver_sql("BEGIN" if only_looks else "BEGIN IMMEDIATE")


def _roll_back(connection: Connection) -> None:
    with contextlib.suppress(SQLAlchemyError):
        connection.exec_driver_sql("ROLLBACK")


def looking(engine: Engine) -> Engine:
    """The same database for work that only looks; on SQLite it waits for no writer."""
    return engine.execution_options(**{_LOOKING: True})


class Transactions:
    """Work on the database, one transaction each, in a thread of its own, so that nobody else waits."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._looking = engine, looking(engine)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Do it, and keep what it wrote.

        Raises:
            RowRefused: the database will never take this row.
            JournalError: the database is away.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transact, self._engine, work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """The same for work that only looks; on SQLite it waits for no writer.

        Raises:
            JournalError: the database is away.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transact, self._looking, work)

    @staticmethod
    def _transact(engine: Engine, work: Callable[[Connection], T]) -> T:
        try:
            with engine.begin() as connection:
                return work(connection)
        except (DataError, IntegrityError) as fault:
            raise RowRefused(f"the database will never take this row: {type(fault).__name__}") from fault
        except SQLAlchemyError as fault:
            raise JournalError(f"the database did not take it: {type(fault).__name__}") from fault

    def dispose(self) -> None:
        """Let go of the database."""
        self._thread.shutdown()
        self._engine.dispose()


def insert_statement(db: Connection, table: Table) -> Any:
    """INSERT in the words of this database, which knows ON CONFLICT."""
    dialect = sqlite if db.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


def insert_once(
    db: Connection, table: Table, *rows: dict[str, Any], returning: Column[Any] | None = None
) -> Sequence[Any]:
    """Insert rows; those whose key is there already are left as they are. Returns that column of the new ones."""
    if returning is None:
        if rows:
            db.execute(insert_statement(db, table).on_conflict_do_nothing(), list(rows))
        return []
    statement = insert_statement(db, table).values(list(rows)).on_conflict_do_nothing()
    found: Sequence[Any] = db.execute(statement.returning(returning)).scalars().all()
    return found


def insert_or_replace(db: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert a row, or write it over the one with the same key."""
    keys = [column.name for column in table.primary_key]
    db.execute(insert_statement(db, table).values(row).on_conflict_do_update(index_elements=keys, set_=row))


@cache
def known_revisions() -> frozenset[str]:
    """Editions of the schema that this version of the product knows."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_migrations()).walk_revisions())


def revisions_of(engine: Engine) -> frozenset[str]:
    """Editions a database stands at; none: it is empty.

    Raises:
        JournalError: the database is away.
        SettingsError: it cannot be read.
    """
    try:
        with looking(engine).connect() as connection:
            return frozenset(MigrationContext.configure(connection).get_current_heads())
    except SQLAlchemyError as fault:
        raise _unopened(fault) from fault


def upgrade(engine: Engine, to: str = "heads") -> None:
    """Bring the schema to the newest edition (or a named one); harmless when it is there already.

    Raises:
        JournalError: the database is away, or somebody holds it for too long: try again later.
        SettingsError: it was made by a newer version of the product, or is no database.
    """
    try:
        with engine.begin() as connection:
            upgrade_on(connection, to)
    except SQLAlchemyError as fault:
        raise _unopened(fault) from fault


def _unopened(fault: SQLAlchemyError) -> JournalError | SettingsError:
    """Who must act: nobody where the database is only away, else the installer."""
    kind = JournalError if isinstance(fault, OperationalError | InterfaceError) else SettingsError
    return kind(f"storage.database: cannot be opened: {type(fault).__name__}: {fault}")


def upgrade_on(connection: Connection, to: str = "heads") -> None:
    """The same within a transaction of the caller's.

    Raises:
        SettingsError: the database was made by a newer version of the product.
    """
    config, known = _migrations(), known_revisions()
    if connection.dialect.name == "postgresql":  # processes that start together upgrade one after another
        connection.execute(select(func.pg_advisory_xact_lock(_UPGRADING)))
    strange = revisions(connection) - known
    if strange:
        raise SettingsError(f"storage.database: schema {min(strange)} is newer than this version of the product")
    if to == "heads" and revisions(connection) == newest():
        return
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def revisions(connection: Connection) -> frozenset[str]:
    """The edition of the schema that is there; of several branches one each."""
    return frozenset(MigrationContext.configure(connection).get_current_heads())


@cache
def newest() -> frozenset[str]:
    """The newest edition of the schema."""
    return frozenset(ScriptDirectory.from_config(_migrations()).get_heads())


def _migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config
