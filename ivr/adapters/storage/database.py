"""The database: SQLite by default, PostgreSQL by URL; brought to the newest schema at start."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Table, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from ivr.errors import SettingsError

_BUSY_MS = 5000
_UPGRADING = 515
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
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
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
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}"):
        connection.execute(f"PRAGMA {setting}").close()


def _roll_back(connection: Connection) -> None:
    with contextlib.suppress(SQLAlchemyError):
        connection.exec_driver_sql("ROLLBACK")


def insert_once(db: Connection, table: Table, *rows: dict[str, Any]) -> None:
    """Insert rows; those whose key is there already are left as they are."""
    dialect = sqlite if db.dialect.name == "sqlite" else postgresql
    db.execute(dialect.insert(table).values(list(rows)).on_conflict_do_nothing())


def insert_or_replace(db: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert a row, or write it over the one with the same key."""
    dialect = sqlite if db.dialect.name == "sqlite" else postgresql
    keys = [column.name for column in table.primary_key]
    db.execute(dialect.insert(table).values(row).on_conflict_do_update(index_elements=keys, set_=row))


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest edition; harmless when it is there already.

    Raises:
        SettingsError: the database was made by a newer version of the product, or cannot be reached.
    """
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":  # processes that start together upgrade one after another
                connection.execute(select(func.pg_advisory_xact_lock(_UPGRADING)))
            current = MigrationContext.configure(connection).get_current_revision()
            if current is not None and current not in known:
                raise SettingsError(f"storage.database: schema {current} is newer than this version of the product")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except SQLAlchemyError as fault:
        raise SettingsError(f"storage.database: cannot be opened: {type(fault).__name__}: {fault}") from fault
