"""What deleted rows leave behind in a database's own files, and how it goes.

SQLite overwrites what is deleted (`secure_delete`), but its write-ahead log keeps earlier pages until it is emptied,
and a file older than that setting has leavings of its own: it is rewritten once. PostgreSQL keeps dead rows until they
are vacuumed.
"""

from __future__ import annotations

import logging
import sqlite3

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.adapters.storage.family import schema
from ivr.adapters.storage.search_index import forget_traces as forget_index_traces
from ivr.errors import JournalError

log = logging.getLogger(__name__)

_REWRITTEN = 1
"""`user_version` of a SQLite file that has no leavings of the time before `secure_delete`."""


def forget_traces(engine: Engine) -> None:
    """Remove them; what a reader is still looking at goes the next time.

    Raises:
        JournalError: the database is away.
    """
    for _step in forget_index_traces(engine):
        pass
    try:
        if engine.dialect.name == "sqlite":
            _clean_file(engine)
            return
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            for table in schema():
                if "ages" in table.info or "belongs" in table.info:
                    db.exec_driver_sql(f'VACUUM "{table.name}"')
    except (SQLAlchemyError, sqlite3.Error) as fault:
        raise JournalError(f"the database did not let it go: {type(fault).__name__}") from fault


def _clean_file(engine: Engine) -> None:
    raw = engine.raw_connection()  # SQLAlchemy's own begins a transaction, in which SQLite does neither of these
    try:
        db = raw.cursor()
        if db.execute("PRAGMA user_version").fetchone()[0] != _REWRITTEN:
            db.execute("VACUUM")
            db.execute(f"PRAGMA user_version = {_REWRITTEN}")
        busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            log.info("the write-ahead log is in use", extra={"action": "traces_wait"})
    finally:
        raw.close()
