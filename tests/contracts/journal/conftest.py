"""The journals that keep the contract: in memory, in SQLite, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ivr.adapters.storage.callbacks import DatabaseCallbackBook
from ivr.adapters.storage.database import connect
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.adapters.storage.precedents import DatabaseConfirmedTopics
from ivr.ports import CallbackBook, ConfirmedTopics, Journal
from tests.contracts.fakes_callbacks import MemoryCallbackBook
from tests.contracts.fakes_journal import MemoryJournal
from tests.contracts.fakes_precedents import MemoryConfirmedTopics
from tests.journals import new_journal


@dataclass(frozen=True, slots=True)
class Store:
    """Both sides of one journal."""

    journal: Journal
    book: CallbackBook
    confirmed: ConfirmedTopics


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Each journal, empty."""
    if request.param == "memory":
        memory = MemoryJournal()
        yield Store(memory, MemoryCallbackBook(memory), MemoryConfirmedTopics(memory))
        return
    sqlite = request.param == "sqlite"
    engine = connect(new_journal(tmp_path / "journal.db") if sqlite else request.getfixturevalue("postgres_journal"))
    journal, book, confirmed = DatabaseJournal(engine), DatabaseCallbackBook(engine), DatabaseConfirmedTopics(engine)
    yield Store(journal, book, confirmed)
    confirmed.dispose()
    book.dispose()
    journal.dispose()


@pytest.fixture
def journal(store: Store) -> Journal:
    """The side of the calls."""
    return store.journal
