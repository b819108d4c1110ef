"""A journal moved from SQLite into PostgreSQL: rows a second, compared row by row."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.move import move_journal, whole_schema
from tests.postgres import PostgresServer, server_programs
from tests.seeding import bulk

LONG = True
MESSAGES = 25_000


def run() -> str:
    """Move it, and let the database's own COPY take the same rows unread."""
    folder = Path(tempfile.mkdtemp(prefix="move"))
    server = PostgresServer(server_programs(), folder / "pg")
    try:
        server.folder.mkdir()
        if os.geteuid() == 0:
            folder.chmod(0o755)
            os.chown(server.folder, 65534, 65534)
        server.initialise()
        server.start()
        try:
            return _measured(f"sqlite:///{folder / 'journal.db'}", server)
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measured(source: str, server: PostgresServer) -> str:
    engine = connect(source)
    upgrade(engine)
    bulk(engine, MESSAGES, datetime.now(UTC), "demo")
    engine.dispose()
    began, worked = time.perf_counter(), time.process_time()
    moved = move_journal(source, server.fresh_database())
    seconds, work = time.perf_counter() - began, time.process_time() - worked
    bare = _bare(source, server.fresh_database())
    return f"""
{MESSAGES:,} messages, {moved.rows:,} rows of all tables.

| | s | s of processor, without the server's | rows a second |
|---|---|---|---|
| `ivr db move`: read, written, read back, compared | {seconds:.0f} | {work:.0f} | {moved.rows / seconds:,.0f} |
| PostgreSQL's COPY of the same rows as text, neither typed nor compared | {bare:.0f} | | {moved.rows / bare:,.0f} |
"""


def _bare(source: str, target: str) -> float:
    """Seconds for the rows alone: columns of text, without keys or indexes."""
    where = make_url(target).set(drivername="postgresql").render_as_string(hide_password=False)
    began = time.perf_counter()
    with sqlite3.connect(make_url(source).database or "") as from_, psycopg.connect(where) as into:
        for table in whole_schema().sorted_tables:
            columns = ", ".join(f'"{column.name}"' for column in table.c)
            into.execute(f'CREATE TABLE "{table.name}" ({", ".join(f"{c} text" for c in columns.split(", "))})')  # type: ignore[arg-type]
            with into.cursor().copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:  # type: ignore[arg-type]
                for row in from_.execute(f'SELECT {columns} FROM "{table.name}"'):
                    copy.write_row([None if value is None else str(value) for value in row])
    return time.perf_counter() - began
