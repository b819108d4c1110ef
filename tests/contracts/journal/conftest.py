"""The journals that keep the contract: in memory, in SQLite, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.ports import Journal
from tests.contracts.fakes_journal import MemoryJournal


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    """Each journal, empty."""
    if request.param == "memory":
        yield MemoryJournal()
        return
    sqlite = request.param == "sqlite"
    engine = connect(f"sqlite:///{tmp_path / 'journal.db'}" if sqlite else request.getfixturevalue("postgres_url"))
    upgrade(engine)
    database = DatabaseJournal(engine)
    yield database
    database.dispose()
