"""F17: two operators take one callback — one winner, the other sees who. 16 clients, 100 callbacks; 500 in the soak."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ivr.adapters.files.settings import project_root
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.adapters.storage.callbacks import DatabaseCallbackBook
from ivr.adapters.storage.database import connect
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.domain.card import Rulebook
from ivr.domain.people import Person
from ivr.errors import RuleBroken
from ivr.services.callbacks import CallbackDesk
from tests.journals import new_journal
from tests.samples import CALENDAR, FRIDAY_NIGHT, RULES, SetClock, a_call, a_callback, a_message, ended

CLIENTS = 16
MONDAY_NINE = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
RULEBOOK = Rulebook(RULES, CALENDAR, read_vocabulary(project_root() / "config"))


async def _fill(url: str, count: int) -> list[str]:
    engine = connect(url)
    journal = DatabaseJournal(engine)
    for number in range(count):
        call = a_call(number, FRIDAY_NIGHT + timedelta(seconds=number))
        message = a_message(call, phone=f"+7900000{number:04d}")
        await journal.close(ended(call), [], message, a_callback(message))
    journal.dispose()
    return [a_call(number).id for number in range(count)]


class _Racing(DatabaseCallbackBook):
    """Counts the steps that came too late."""

    overtaken = 0

    async def keep(self, *step: Any) -> bool:
        kept = await super().keep(*step)
        self.overtaken += not kept
        return kept


class _Client(threading.Thread):
    """An operator with a connection of his own, who takes whatever he can; all go down the list almost side by side."""

    def __init__(self, url: str, number: int, wanted: list[str], start: threading.Barrier) -> None:
        super().__init__()
        chance = random.Random(number)
        self.who = Person(f"Оператор {number}")
        self.wanted = sorted(wanted, key=lambda callback: wanted.index(callback) + 3 * chance.random())
        self.url, self.barrier = url, start
        self.overtaken = 0
        self.won: list[str] = []
        self.lost_to: list[str] = []
        self.faults: list[BaseException] = []

    def run(self) -> None:
        try:
            asyncio.run(self._work())
        except BaseException as fault:
            self.faults.append(fault)

    async def _work(self) -> None:
        book = _Racing(connect(self.url))
        desk = CallbackDesk(book, SetClock(MONDAY_NINE), RULEBOOK)
        await asyncio.to_thread(self.barrier.wait, 60)
        for callback in self.wanted:
            try:
                await desk.take(callback, self.who)
                self.won.append(callback)
            except RuleBroken as refusal:
                self.lost_to.append(str(refusal.facts["holder"]))
        self.overtaken = book.overtaken
        book.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def busy_database(request: pytest.FixtureRequest, quick_folder: Path) -> str:
    """A new, empty database of each kind, whose durability is not at stake."""
    if request.param == "sqlite":
        return new_journal(quick_folder / "journal.db")
    return str(request.getfixturevalue("postgres_journal"))


@pytest.mark.parametrize("callbacks", [100, pytest.param(500, marks=pytest.mark.slow)])
async def test_no_callback_is_taken_twice(busy_database: str, callbacks: int) -> None:
    wanted = await _fill(busy_database, callbacks)
    barrier = threading.Barrier(CLIENTS)
    clients = [_Client(busy_database, number, wanted, barrier) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        await asyncio.to_thread(client.join)
    assert [fault for client in clients for fault in client.faults] == []
    winners = Counter(callback for client in clients for callback in client.won)
    assert sorted(winners) == sorted(wanted)
    assert set(winners.values()) == {1}
    assert sum(client.overtaken for client in clients) > 0, "nobody ever raced: this proves nothing"
    assert all(len(client.won) + len(client.lost_to) == callbacks for client in clients)
    book = DatabaseCallbackBook(connect(busy_database))
    kept = {callback.id: callback.holder for callback in await book.held()}
    book.dispose()
    assert kept == {callback: client.who.name for client in clients for callback in client.won}
