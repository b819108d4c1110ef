"""What every book of notices and every lease promises."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.adapters.storage.database import connect
from ivr.adapters.storage.notices import DatabaseLease, DatabaseNoticeBook, DatabaseTroubles
from ivr.domain.notices import Notice, NoticeKind
from ivr.ports import Lease, NoticeBook, Troubles
from tests.contracts.fakes_notices import MemoryLease, MemoryNoticeBook, MemoryTroubles
from tests.journals import new_journal

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OVERDUE = Notice(NoticeKind.OVERDUE, "demo", "a" * 32, NOON)
OTHERS = [Notice(NoticeKind.DUE_SOON, "demo", f"{number:032x}", NOON - MINUTE) for number in range(5)]


@dataclass(frozen=True, slots=True)
class Desk:
    book: NoticeBook
    lease: Lease
    troubles: Troubles


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    if request.param == "memory":
        yield Desk(MemoryNoticeBook(), MemoryLease(), MemoryTroubles())
        return
    sqlite = request.param == "sqlite"
    engine = connect(new_journal(tmp_path / "journal.db") if sqlite else request.getfixturevalue("postgres_journal"))
    book, lease, troubles = DatabaseNoticeBook(engine), DatabaseLease(engine), DatabaseTroubles(engine)
    yield Desk(book, lease, troubles)
    troubles.dispose()
    lease.dispose()
    book.dispose()


async def test_a_notice_is_posted_once_whoever_posts_it(desk: Desk) -> None:
    assert await desk.book.post([OVERDUE, *OTHERS[:2]], NOON) == [OVERDUE, *OTHERS[:2]]
    assert await desk.book.post([OVERDUE, *OTHERS], NOON + MINUTE) == OTHERS[2:]
    assert await desk.book.post([OVERDUE, *OTHERS], NOON) == []
    assert await desk.book.post([], NOON) == []
    assert await desk.book.unseen("demo") == [*OTHERS, OVERDUE]
    assert await desk.book.unseen("other") == []


async def test_of_many_who_post_at_once_one_has_the_news(desk: Desk) -> None:
    news = await asyncio.gather(*(desk.book.post([OVERDUE], NOON) for _ in range(8)))
    assert sorted(map(len, news)) == [0] * 7 + [1]


async def test_a_notice_is_seen_once(desk: Desk) -> None:
    await desk.book.post([OVERDUE], NOON)
    assert await desk.book.seen(OVERDUE.key, "Петрова А.", NOON)
    assert not await desk.book.seen(OVERDUE.key, "Сидоров Б.", NOON)
    assert not await desk.book.seen("unknown", "Сидоров Б.", NOON)
    assert await desk.book.unseen("demo") == []


async def test_one_node_leads_until_it_falls_silent(desk: Desk) -> None:
    assert await desk.lease.hold("timetable", "one", NOON, MINUTE)
    assert not await desk.lease.hold("timetable", "two", NOON + 0.5 * MINUTE, MINUTE)
    assert await desk.lease.hold("timetable", "one", NOON + 0.9 * MINUTE, MINUTE)
    assert not await desk.lease.hold("timetable", "two", NOON + 1.5 * MINUTE, MINUTE)
    assert await desk.lease.hold("timetable", "two", NOON + 2 * MINUTE, MINUTE)
    assert not await desk.lease.hold("timetable", "one", NOON + 2 * MINUTE, MINUTE)


async def test_a_node_that_ends_gives_the_lease_back(desk: Desk) -> None:
    assert await desk.lease.hold("timetable", "one", NOON, MINUTE)
    await desk.lease.release("timetable", "two")
    assert not await desk.lease.hold("timetable", "two", NOON, MINUTE)
    await desk.lease.release("timetable", "one")
    assert await desk.lease.hold("timetable", "two", NOON, MINUTE)


async def test_a_lease_of_a_clock_that_had_jumped_ahead_does_not_bind_for_ever(desk: Desk) -> None:
    assert await desk.lease.hold("timetable", "one", NOON + timedelta(days=400), MINUTE)
    assert await desk.lease.hold("timetable", "two", NOON, MINUTE)


async def test_a_trouble_stands_since_it_began_until_it_is_over(desk: Desk) -> None:
    assert await desk.troubles.since("demo", "mail", False, NOON) is None
    assert await desk.troubles.since("demo", "mail", True, NOON) == NOON
    assert await desk.troubles.since("demo", "mail", True, NOON + MINUTE) == NOON
    assert await desk.troubles.since("demo", "trunk:pbx", True, NOON + MINUTE) == NOON + MINUTE
    assert await desk.troubles.since("other", "mail", True, NOON + MINUTE) == NOON + MINUTE
    assert await desk.troubles.standing("demo") == {"mail": NOON, "trunk:pbx": NOON + MINUTE}
    assert await desk.troubles.since("demo", "mail", False, NOON + 2 * MINUTE) is None
    assert await desk.troubles.since("demo", "mail", True, NOON + 3 * MINUTE) == NOON + 3 * MINUTE


async def test_two_nodes_that_see_a_trouble_at_once_agree_since_when(desk: Desk) -> None:
    seen = await asyncio.gather(
        *(desk.troubles.since("demo", "trunk:pbx", True, NOON + number * MINUTE) for number in range(4))
    )
    assert len(set(seen)) == 1
