"""One leader upon PostgreSQL: by a lock that dies with whoever holds it, whatever the clocks say (fault F16)."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from ivr.adapters.files.settings import project_root
from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.leader import AdvisoryLease, leaders
from ivr.errors import JournalError

pytestmark = pytest.mark.postgres

NOON, MINUTE = datetime(2026, 11, 20, 12, tzinfo=UTC), timedelta(minutes=1)


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    engine = connect(postgres_url)
    yield engine
    engine.dispose()


@pytest.fixture
async def two(engine: Engine) -> AsyncIterator[tuple[AdvisoryLease, AdvisoryLease]]:
    """The leases of two nodes."""
    leases = AdvisoryLease(engine), AdvisoryLease(engine)
    yield leases
    for lease in leases:
        lease.dispose()


async def test_one_of_two_leads_however_late_it_is(two: tuple[AdvisoryLease, AdvisoryLease], engine: Engine) -> None:
    one, other = two
    assert await one.hold("timetable", "one", NOON, MINUTE)
    assert not await other.hold("timetable", "two", NOON + timedelta(days=400), MINUTE)
    assert await one.hold("timetable", "one", NOON - timedelta(days=400), MINUTE)
    assert leaders(engine, "timetable") == ["one"]
    await other.release("timetable", "two")
    assert not await other.hold("timetable", "two", NOON, MINUTE)
    await one.release("timetable", "one")
    assert await other.hold("timetable", "two", NOON, MINUTE)
    assert not await one.hold("timetable", "one", NOON, MINUTE)
    assert leaders(engine, "timetable") == ["two"]


async def test_leases_of_other_names_and_other_databases_are_others(
    two: tuple[AdvisoryLease, AdvisoryLease], postgres_server: object
) -> None:
    one, other = two
    assert await one.hold("timetable", "one", NOON, MINUTE)
    assert await other.hold("cleaning", "two", NOON, MINUTE)
    elsewhere = connect(postgres_server.fresh_database())  # type: ignore[attr-defined]
    third = AdvisoryLease(elsewhere)
    assert await third.hold("timetable", "three", NOON, MINUTE)
    assert leaders(elsewhere, "timetable") == ["three"]
    third.dispose()
    elsewhere.dispose()


async def test_a_leader_whose_session_is_ended_knows_it_at_the_next_look(
    two: tuple[AdvisoryLease, AdvisoryLease], engine: Engine
) -> None:
    one, other = two
    assert await one.hold("timetable", "one", NOON, MINUTE)
    with engine.begin() as db:
        db.execute(text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"))
    for _ in range(100):
        if await other.hold("timetable", "two", NOON, MINUTE):
            break
        await asyncio.sleep(0.1)
    assert not await one.hold("timetable", "one", NOON, MINUTE)
    assert leaders(engine, "timetable") == ["two"]


async def test_without_a_database_nobody_leads() -> None:
    engine = connect("postgresql+psycopg://x@/x?host=/nowhere")
    lease = AdvisoryLease(engine)
    with pytest.raises(JournalError):
        await lease.hold("timetable", "one", NOON, MINUTE)
    lease.dispose()
    engine.dispose()


class Nodes:
    """Processes of the timetable, as the service runs them."""

    def __init__(self, folder: Path, url: str) -> None:
        self._config = folder / "ivr.toml"
        self._config.write_text(
            f'[municipality]\nkey = "demo"\n[storage]\ndata = "{folder}"\ndatabase = "{url}"\n[log]\nlevel = "error"\n',
            "utf-8",
        )
        self._engine = connect(url)
        upgrade(self._engine)
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        """One more."""
        command = [sys.executable, "-m", "ivr.cli.child", "timetable", "--config", str(self._config)]
        self.processes.append(subprocess.Popen(command, cwd=project_root()))
        return self.processes[-1]

    def wait_for_leader(self, fits: Callable[[str], bool], seconds: float) -> str:
        """Who leads, as soon as it fits."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = leaders(self._engine, "timetable")
            assert len(found) <= 1
            if found and fits(found[0]):
                return found[0]
            time.sleep(0.1)
        raise AssertionError("nobody leads")

    def end(self) -> None:
        """All of them."""
        for process in self.processes:
            process.kill()
            process.wait()
        self._engine.dispose()


@pytest.fixture
def nodes(tmp_path: Path, postgres_url: str) -> Iterator[Nodes]:
    nodes = Nodes(tmp_path, postgres_url)
    yield nodes
    nodes.end()


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP])
def test_a_leader_killed_or_hanging_is_replaced_within_ten_seconds(nodes: Nodes, sign: signal.Signals) -> None:
    first, second = nodes.start(), nodes.start()
    leader = nodes.wait_for_leader(bool, 90)
    led = next(node for node in (first, second) if leader.endswith(f":{node.pid}"))
    other = second if led is first else first
    time.sleep(5)  # the other is ready, too
    os.kill(led.pid, sign)
    assert nodes.wait_for_leader(lambda name: name.endswith(f":{other.pid}"), 10)
    if sign is signal.SIGSTOP:
        os.kill(led.pid, signal.SIGCONT)
        time.sleep(3)
        assert nodes.wait_for_leader(bool, 1).endswith(f":{other.pid}")
