"""F14, F16: whatever happens to clocks and nodes, each thing is told once and nothing is lost."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from apscheduler.schedulers import base as scheduling
from apscheduler.triggers import interval as rhythm
from sqlalchemy import text

from ivr.adapters import timetable as timetables
from ivr.adapters.clock import SystemClock
from ivr.adapters.storage.callbacks import DatabaseCallbackBook
from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.adapters.storage.leader import AdvisoryLease, lease_of
from ivr.adapters.storage.notices import DatabaseLease, DatabaseNoticeBook, DatabaseTroubles
from ivr.adapters.timetable import Sweep, Timetable
from ivr.domain.notices import NoticeKind
from ivr.errors import JournalError
from ivr.services.deadlines import Deadlines
from tests.contracts.fakes_notices import MemoryLease
from tests.samples import CALENDAR, FRIDAY_NIGHT, RULES, SetClock, a_call, a_callback, a_message, ended

MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Node:
    """One machine: its clock, its timetable, what it has told."""

    clock: SetClock
    timetable: Timetable
    sweeps: list[Sweep]
    lease: DatabaseLease | AdvisoryLease
    book: DatabaseNoticeBook


class Town:
    """Two nodes upon one database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = connect(url)
        upgrade(self.engine)
        self.journal = DatabaseJournal(self.engine)
        self.callbacks = DatabaseCallbackBook(self.engine)
        self.troubles = DatabaseTroubles(self.engine)
        self.told: Counter[tuple[object, ...]] = Counter()
        self.nodes = [self.node(f"node-{number}") for number in (1, 2)]

    def node(self, name: str) -> Node:
        """A machine that has just been switched on."""
        clock, engine = SetClock(FRIDAY_NIGHT), connect(self.url)
        lease, book = lease_of(engine), DatabaseNoticeBook(engine)
        deadlines = Deadlines(
            "demo", self.callbacks, book, self.troubles, clock, RULES, CALENDAR, self._tell, free_share=lambda: 0.5
        )  # fmt: skip
        sweeps = [Sweep("callbacks", 20, deadlines.watch_callbacks), Sweep("house", 300, deadlines.watch_house)]
        return Node(clock, Timetable(sweeps, lease, clock, name), sweeps, lease, book)

    def _tell(self, action: str, facts: Mapping[str, object]) -> None:
        assert action == "notice"
        self.told[(facts["kind"], facts["subject"], facts["at"])] += 1

    async def promise(self, number: int, **facts: object) -> str:
        """One more promise."""
        call = a_call(number, FRIDAY_NIGHT + number * MINUTE)
        message = a_message(call, phone=f"+7900000{number:04d}")
        await self.journal.close(ended(call), [], message, replace(a_callback(message), **facts))
        return call.id

    def cut_the_leader_off(self) -> None:
        """Its connection is gone, as after a cut cable; a lease that is a row knows no connection."""
        if self.engine.dialect.name == "postgresql":
            with self.engine.begin() as db:
                db.execute(text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"))

    def switch_off(self) -> None:
        """The end."""
        for node in self.nodes:
            node.lease.dispose()
            node.book.dispose()
        self.callbacks.dispose()
        self.troubles.dispose()
        self.journal.dispose()


@pytest.fixture
async def town(journal_url: str) -> AsyncIterator[Town]:
    town = Town(journal_url)
    yield town
    town.switch_off()


async def _storm(town: Town, ticks: int, seed: int) -> datetime:
    """Ticks of both nodes in any order, with sleeps, stops and clock jumps; returns the latest time of all clocks."""
    chance, latest = random.Random(seed), FRIDAY_NIGHT
    true_time = FRIDAY_NIGHT
    for _ in range(ticks):
        true_time += timedelta(seconds=chance.choice([1, 20, 20, 20, 60]))
        if chance.random() < 0.002:
            true_time += timedelta(hours=chance.randrange(1, 9))  # both machines slept
        node = chance.choice(town.nodes)
        node.clock.moment = true_time
        if chance.random() < 0.01:
            node.clock.moment += chance.choice([-1, 1]) * timedelta(minutes=chance.randrange(600))  # NTP lost
        latest = max(latest, node.clock.moment)
        if chance.random() < 0.01:
            town.cut_the_leader_off()
        await node.timetable.tick(chance.choice(node.sweeps))
    for node in town.nodes:  # in the end both machines are well again
        node.clock.moment = latest + timedelta(hours=1)
        for sweep in node.sweeps:
            await node.timetable.tick(sweep)
    return latest + timedelta(hours=1)


async def _nothing_lost_nothing_doubled(town: Town, ticks: int) -> None:
    promises = 12
    for number in range(promises):
        await town.promise(number, urgent=number % 3 == 0)
    now = await _storm(town, ticks, seed=515)
    assert set(town.told.values()) == {1}
    kinds = Counter(kind for kind, *_ in town.told)
    rows = [callback for callback, _ in await town.journal.callbacks()]
    assert kinds[NoticeKind.URGENT] == 4
    assert kinds[NoticeKind.OVERDUE] == sum(row.act_by <= now for row in rows)
    assert kinds[NoticeKind.DUE_SOON] <= promises
    assert kinds[NoticeKind.PUBLICITY] == 1


async def test_two_nodes_with_wild_clocks_tell_each_thing_once(town: Town) -> None:
    await _nothing_lost_nothing_doubled(town, 600)


@pytest.mark.slow
async def test_ten_thousand_ticks_of_two_nodes_double_nothing(town: Town) -> None:
    await _nothing_lost_nothing_doubled(town, 10_000)


async def test_both_nodes_at_once_tell_each_thing_once(town: Town) -> None:
    """The leader is stopped in the middle of a sweep, another takes over, the first goes on."""
    for number in range(40):
        await town.promise(number, urgent=True)
    await asyncio.gather(*(sweep.work() for node in town.nodes for sweep in node.sweeps))
    assert set(town.told.values()) == {1}
    assert len([key for key in town.told if key[0] == NoticeKind.URGENT]) == 40


async def test_only_the_leader_sweeps_and_another_follows_it(town: Town) -> None:
    await town.promise(1, urgent=True)
    one, two = town.nodes
    assert await one.timetable.tick(one.sweeps[0]) == 1
    await town.promise(2, urgent=True)
    assert await two.timetable.tick(two.sweeps[0]) == 0
    one.lease.dispose()
    two.clock.pass_minutes(1)
    assert await _led_by(two, two.sweeps[0]) == 1


async def _led_by(node: Node, sweep: Sweep) -> int:
    """What the node's sweep did when it led: PostgreSQL notices the end of a connection a moment later."""
    for _ in range(200):
        if done := await node.timetable.tick(sweep):
            return done
        await asyncio.sleep(0.05)
    return 0


async def test_a_sweep_that_breaks_is_made_again() -> None:
    made: list[str] = []

    async def breaks() -> int:
        made.append("broken")
        raise JournalError("away") if len(made) < 2 else ValueError("bug")

    async def works() -> int:
        made.append("made")
        return 1

    timetable = Timetable([], MemoryLease(), SystemClock(), "one")
    for _ in range(2):
        assert await timetable.tick(Sweep("breaks", 1, breaks)) == 0
    assert await timetable.tick(Sweep("works", 1, works)) == 1
    assert made == ["broken", "broken", "made"]


async def test_the_timer_wakes_every_sweep_at_once_and_then_in_its_rhythm() -> None:
    woken: Counter[str] = Counter()
    enough, stop = asyncio.Event(), asyncio.Event()

    def sweep(name: str, seconds: float) -> Sweep:
        async def work() -> int:
            woken[name] += 1
            if woken["often"] >= 3:
                enough.set()
            return 0

        return Sweep(name, seconds, work)

    timetable = Timetable([sweep("often", 0.1), sweep("seldom", 3600)], MemoryLease(), SystemClock(), "one")
    running = asyncio.create_task(timetable.run(stop))
    async with asyncio.timeout(10):
        await enough.wait()
    stop.set()
    await running
    assert woken["seldom"] == 1


async def test_a_clock_that_is_set_back_lets_no_sweep_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine starts three hours ahead, then its clock is put right."""
    ahead, made = timedelta(hours=3), asyncio.Queue[None]()

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + ahead

    class WrongClock(SystemClock):
        def now(self) -> datetime:
            return Wrong.now(UTC)

    async def work() -> int:
        made.put_nowait(None)
        return 0

    for module in (scheduling, rhythm):
        monkeypatch.setattr(module, "datetime", Wrong)
    monkeypatch.setattr(timetables, "_CLOCK_SECONDS", 0.5)
    stop = asyncio.Event()
    timetable = Timetable([Sweep("often", 0.1, work)], MemoryLease(), WrongClock(), "one")
    running = asyncio.create_task(timetable.run(stop))
    async with asyncio.timeout(10):
        await made.get()
        ahead = timedelta()
        await asyncio.sleep(0.2)
        for _ in range(made.qsize() + 3):  # what was due at that moment may still have come
            await made.get()
    stop.set()
    await running


async def test_what_was_overdue_while_everything_slept_is_told_on_waking(town: Town) -> None:
    await town.promise(1)
    node = town.nodes[0]
    node.clock.moment = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
    await node.timetable.tick(node.sweeps[0])
    assert [kind for kind, *_ in town.told] == [NoticeKind.OVERDUE]
