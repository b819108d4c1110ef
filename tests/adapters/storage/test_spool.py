"""The spool: whatever happens to the database, no row is lost, doubled or late for the caller (faults F4, F5)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.adapters.storage.spool import SpooledJournal
from ivr.errors import JournalError, RowRefused, SettingsError
from tests.contracts.fakes_journal import MemoryJournal
from tests.journals import new_journal
from tests.postgres import PostgresServer
from tests.samples import a_call, a_callback, a_message, ended, turns

# F4 allows 200 ms of waiting; the rest is room for a busy machine that runs these tests.
PATIENCE_SECONDS = 1.0


async def _leave(journal: SpooledJournal, number: int) -> None:
    call = a_call(number)
    message = a_message(call, phone=f"+7900000{number:04d}")
    await journal.open(call)
    await journal.progress(call, turns()[:1])
    await journal.close(ended(call), turns(), message, a_callback(message))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool" / "engine-1.jsonl"


async def test_while_the_database_answers_nothing_is_spooled(path: Path) -> None:
    spool = SpooledJournal(MemoryJournal(), path)
    await _leave(spool, 1)
    assert not spool.waiting
    assert len(await spool.callbacks()) == 1


async def test_rows_wait_in_order_until_the_database_is_back(path: Path) -> None:
    memory = MemoryJournal()
    spool = SpooledJournal(memory, path)
    memory.away = True
    for number in range(1, 6):
        await _leave(spool, number)
    assert [json.loads(line)[0] for line in path.read_text("utf-8").splitlines()] == ["open", "progress", "close"] * 5
    assert await spool.replay() == 0
    memory.away = False
    assert await spool.replay() == 15
    assert not spool.waiting
    assert len(memory.promises) == 5
    assert await spool.unfinished("engine-1") == []


async def test_what_comes_after_spooled_rows_queues_behind_them(path: Path) -> None:
    memory = MemoryJournal()
    spool = SpooledJournal(memory, path)
    memory.away = True
    await spool.open(a_call(1))
    memory.away = False
    await spool.close(ended(a_call(1)), turns(), None, None)
    assert memory.calls == {}
    assert await spool.replay() == 2
    assert memory.calls[a_call(1).id] == ended(a_call(1))


async def test_the_next_process_replays_what_the_last_one_left(path: Path) -> None:
    memory = MemoryJournal()
    memory.away = True
    await _leave(SpooledJournal(memory, path), 1)
    memory.away = False
    heir = SpooledJournal(memory, path)
    assert await heir.unfinished("engine-1") == []
    assert len(memory.promises) == 1


async def test_the_database_leaving_in_the_middle_of_a_replay_loses_and_doubles_nothing(path: Path) -> None:
    class Failing(MemoryJournal):
        left = 4

        def _reach(self) -> None:
            self.left -= 1
            self.away = self.left < 0
            super()._reach()

    memory = Failing()
    spool = SpooledJournal(memory, path)
    memory.left = 0
    for number in range(1, 5):
        await _leave(spool, number)
    while spool.waiting:
        memory.left = 5
        await spool.replay()
    assert [callback.calls for callback in memory.promises.values()] == [1, 1, 1, 1]


async def test_a_row_the_database_will_never_take_is_put_aside_and_blocks_nobody(path: Path) -> None:
    class Choosy(MemoryJournal):
        async def open(self, call: object, card: object = None) -> None:
            self._reach()
            raise RowRefused("too long")

    memory = Choosy()
    spool = SpooledJournal(memory, path)
    await spool.open(a_call(1))
    memory.away = True
    await _leave(spool, 2)
    memory.away = False
    assert await spool.replay() == 2
    refused = path.with_suffix(".refused").read_text("utf-8").splitlines()
    assert [json.loads(line)[0] for line in refused] == ["open", "open"]
    assert len(memory.promises) == 1


@pytest.mark.parametrize("garbage", [b"\n", b"{}\n", b'["close"]\n', b'["fly", 1]\n', b"\xff\xfe\n", b'["open", {"id"'])
async def test_an_unreadable_line_spoils_no_other(path: Path, garbage: bytes) -> None:
    memory = MemoryJournal()
    memory.away = True
    await _leave(SpooledJournal(memory, path), 1)
    with path.open("ab") as file:
        file.write(garbage)
    heir = SpooledJournal(memory, path)
    await _leave(heir, 2)
    memory.away = False
    assert await heir.replay() == 6
    assert len(memory.promises) == 2


async def test_replaying_twice_at_once_sends_each_row_once(path: Path) -> None:
    memory = MemoryJournal()
    spool = SpooledJournal(memory, path)
    memory.away = True
    await _leave(spool, 1)
    memory.away = False
    assert sum(await asyncio.gather(spool.replay(), spool.replay())) == 3


@contextlib.contextmanager
def no_room(path: Path, but: int = 100) -> Iterator[None]:
    """No file grows beyond what is in this one and some bytes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + but, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


async def test_what_a_full_disk_does_not_take_waits_in_memory(path: Path) -> None:
    """F3: database and spool are on one disk; the line goes on, and no row is lost or torn."""
    memory = MemoryJournal()
    spool = SpooledJournal(memory, path)
    memory.away = True
    await spool.open(a_call(1))
    with no_room(path):
        await _leave(spool, 2)
        assert await spool.replay() == 0
        assert path.read_text("utf-8").count("\n") == 1
    await spool.open(a_call(3))
    assert path.read_text("utf-8").count("\n") == 5
    memory.away = False
    assert await spool.replay() == 5
    assert not spool.waiting
    assert memory.calls.keys() == {a_call(number).id for number in (1, 2, 3)}
    assert not path.with_suffix(".refused").exists()


async def test_a_database_with_room_gets_the_rows_that_wait_in_memory(path: Path) -> None:
    memory = MemoryJournal()
    spool = SpooledJournal(memory, path)
    memory.away = True
    with no_room(path):
        await _leave(spool, 1)
        await _leave(spool, 2)
        memory.away = False
        await spool.open(a_call(3))
        assert memory.calls == {}
        assert await spool.replay() == 7
    assert not spool.waiting
    assert len(memory.promises) == 2


async def test_memory_is_not_filled_without_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.adapters.storage.spool._IN_MEMORY_AT_MOST", 2000)
    memory = MemoryJournal()
    spool = SpooledJournal(memory, path)
    memory.away, taken = True, 0
    with no_room(path):
        for number in range(100):
            try:
                await spool.open(a_call(number))
            except JournalError as fault:
                assert "neither the database nor the spool" in str(fault)
            else:
                taken += 1
    assert 0 < taken < 10
    memory.away = False
    assert await spool.replay() == taken  # what was refused is nowhere, what was taken is whole


async def test_rows_that_come_while_memory_is_replayed_keep_their_order(path: Path) -> None:
    memory = MemoryJournal()
    spool = SpooledJournal(memory, path)
    memory.away = True
    with no_room(path, but=0):
        for number in range(1, 30):
            await spool.open(a_call(number))
    memory.away = False
    replaying = asyncio.create_task(spool.replay())
    for number in range(30, 60):
        await spool.open(a_call(number))
        await asyncio.sleep(0)
    await replaying
    await spool.replay()
    assert list(memory.calls) == [a_call(number).id for number in range(1, 60)]


def test_a_folder_that_cannot_be_written_is_the_installers_to_mend() -> None:
    with pytest.raises(SettingsError, match=r"storage\.spool"):
        SpooledJournal(MemoryJournal(), Path("/proc/nowhere/spool.jsonl"))


_WRITER = """
import asyncio, sys
from pathlib import Path
from ivr.adapters.storage.spool import SpooledJournal
from tests.contracts.fakes_journal import MemoryJournal
from tests.samples import a_call
async def write():
    memory = MemoryJournal()
    memory.away = True
    spool = SpooledJournal(memory, Path(sys.argv[1]))
    for number in range(int(sys.argv[2]), 10**9):
        await spool.open(a_call(number))
        print(number, flush=True)
asyncio.run(write())
"""


async def test_a_process_killed_at_random_moments_loses_no_row_it_acknowledged(path: Path) -> None:
    acknowledged = 0
    chance = random.Random(515)
    for _ in range(8):
        command = [sys.executable, "-c", _WRITER, str(path), str(acknowledged + 1)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as writer:
            assert writer.stdout is not None
            acknowledged = int(writer.stdout.readline())
            await asyncio.sleep(chance.uniform(0.0, 0.1))
            writer.send_signal(signal.SIGKILL)
            acknowledged = max([acknowledged, *map(int, writer.stdout.read().split())])
    memory = MemoryJournal()
    await SpooledJournal(memory, path).replay()
    assert memory.calls.keys() >= {a_call(number).id for number in range(1, acknowledged + 1)}


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[tuple[DatabaseJournal, sqlite3.Connection]]:
    engine = connect(new_journal(tmp_path / "journal.db"))
    journal = DatabaseJournal(engine)
    other = sqlite3.connect(tmp_path / "journal.db", isolation_level=None)
    yield journal, other
    other.close()
    journal.dispose()


async def test_a_locked_database_delays_nobody_and_late_writes_double_nothing(
    path: Path, locked: tuple[DatabaseJournal, sqlite3.Connection]
) -> None:
    """F4: another process holds the database; the slow first write succeeds after it was spooled."""
    journal, other = locked
    spool = SpooledJournal(journal, path)
    other.execute("BEGIN IMMEDIATE")
    started = monotonic()
    await _leave(spool, 1)
    assert monotonic() - started < PATIENCE_SECONDS
    assert spool.waiting
    other.execute("ROLLBACK")
    await spool.replay()
    ((callback, _),) = await spool.callbacks()
    assert callback.calls == 1
    assert await spool.unfinished("engine-1") == []


@pytest.mark.postgres
async def test_a_postgresql_that_dies_and_comes_back_has_every_row(path: Path, postgres_server: PostgresServer) -> None:
    """F5."""
    engine = connect(postgres_server.fresh_database())
    upgrade(engine)
    journal = DatabaseJournal(engine)
    spool = SpooledJournal(journal, path)
    await _leave(spool, 1)
    await spool.open(a_call(2))
    postgres_server.stop()
    try:
        await spool.close(ended(a_call(2)), turns(), a_message(a_call(2)), a_callback(a_message(a_call(2))))
        await _leave(spool, 3)
        with contextlib.suppress(JournalError):
            await spool.callbacks()
        assert await spool.replay() == 0
    finally:
        postgres_server.start()
    while spool.waiting:
        await spool.replay()
    assert len(await spool.callbacks()) == 3
    assert await spool.unfinished("engine-1") == []
    journal.dispose()


async def test_late_text_is_spooled_too(path: Path) -> None:
    memory = MemoryJournal()
    spool = SpooledJournal(memory, path)
    message = a_message(a_call(1), recognised=False)
    await spool.close(ended(a_call(1)), turns(), message, None)
    memory.away = True
    await spool.transcribed(ended(a_call(1)), turns(), replace(message, recognised=True, text="heard"), None)
    memory.away = False
    await spool.replay()
    assert memory.messages[message.id].text == "heard"
