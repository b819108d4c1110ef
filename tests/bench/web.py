"""The console: time on the server for each page, with 1,000,000 rows in the journal and with 1,000."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from ivr.adapters.clock import SystemClock
from ivr.domain.people import Role
from ivr.services.curator import DayCounting
from tests.access_samples import ADMINISTRATOR, PASSWORD
from tests.console_house import TOWN, House, make_house
from tests.seeding import bulk, morning
from tests.web.conftest import Browser

ROWS = int(os.environ.get("IVR_BENCH_ROWS", "1000000"))
FEW = 1_000
OPEN = 300
TIMES = 40
AT_MOST_MS = 50.0
A_YEAR = f"?from={date.today() - timedelta(days=364)}&to={date.today()}"
_TURNS = 20


@dataclass(frozen=True, slots=True)
class Request:
    """One thing that is asked again and again."""

    name: str
    ask: Callable[[Browser, str], object]


def _pages(house: House, key: str) -> list[Request]:
    card = f"/callbacks/{house.rows[0]}"
    api = {"Authorization": f"Bearer {key}"}
    old, gist = f"{7:032x}", f"{card}/messages/{house.rows[0]}/gist"
    return [
        Request("list", lambda client, _: client.get("/callbacks")),
        Request("list, live update", lambda client, _: client.get("/callbacks/rows", headers={"HX-Request": "true"})),
        Request("list, search", lambda client, _: client.get("/callbacks/rows", params={"q": "иванова вода"})),
        Request("list, closed", lambda client, _: client.get("/callbacks?shown=closed")),
        Request("card", lambda client, _: client.get(card)),
        Request("card of an old row", lambda client, _: client.get(f"/callbacks/{old}")),
        Request("field corrected", lambda client, number: client.act(gist, gist=f"суть {number}")),
        Request("journal", lambda client, _: client.get("/journal")),
        Request("journal, words found", lambda client, _: client.get("/journal?q=горячая+вода")),
        Request("journal, filtered", lambda client, _: client.get("/journal?topic=snow&status=answered&q=иванова")),
        Request("journal, a number", lambda client, _: client.get("/journal?q=000-12-34")),
        Request("live board", lambda client, _: client.get("/board")),
        Request("16 s of a recording", lambda client, _: client.get(f"/recordings/{house.rows[0]}")),
        Request("API: messages", lambda client, _: client.get("/api/v1/messages", headers=api)),
        Request("API: calls", lambda client, _: client.get("/api/v1/calls", headers=api)),
        *_evening(),
        Request("nothing (/health)", lambda client, _: client.get("/health")),
    ]


def _evening() -> list[Request]:
    """The curator's pages, over a month and over a year."""
    paths = {
        "do we manage": "/curator", "do we manage, a year": f"/curator{A_YEAR}", "subjects": "/curator/subjects",
        "subjects, a year": f"/curator/subjects{A_YEAR}", "rows of clause 13": f"/curator/clauses/called_back{A_YEAR}",
        "hearing, a year": f"/curator/hearing{A_YEAR}", "audit": "/curator/reviews",
    }  # fmt: skip
    return [Request(f"curator: {name}", partial(get, path)) for name, path in paths.items()]


def get(path: str, client: Browser, _number: str) -> None:
    """The page is there."""
    assert client.get(path).status_code == 200


def count_days(house: House, town: str) -> None:
    """A town's days in counts for more than a year, as the timetable's sweep has made them."""
    room = house.console.callbacks
    counting = DayCounting(house.console.rooms.curator.tallies, SystemClock())
    for _ in range(_TURNS):
        house.do(counting.sweep(town, room.rulebook.calendar))


def measure(house: House) -> dict[str, tuple[float, float]]:
    """Median and 95th percentile of each page of an operator and of a curator, ms."""
    people = house.console.rooms.people
    key = asyncio.run(people.give_token(ADMINISTRATOR, "petrova", "", timedelta(days=1)))
    return measure_as(house, "both", _pages(house, key))


def measure_as(house: House, login: str, requests: Sequence[Request]) -> dict[str, tuple[float, float]]:
    """Median and 95th percentile of what this person asks, ms."""
    found = {}
    with Browser(house.console.app, follow_redirects=False) as client:
        client.sign_in(login)
        for request in requests:
            times = []
            for number in range(TIMES + 3):
                began = time.perf_counter()
                request.ask(client, str(number))
                times.append((time.perf_counter() - began) * 1000)
            spent = sorted(times[3:])
            found[request.name] = statistics.median(spent), spent[int(len(spent) * 0.95)]
    return found


def _house(folder: Path, rows: int) -> tuple[House, float]:
    house = make_house(folder / f"h{rows}", seeded=False)
    now = datetime.now(UTC)
    began = time.perf_counter()
    bulk(house.console.callbacks.engine, rows, now, TOWN, open_rows=OPEN)
    spent = time.perf_counter() - began
    furnish(house, now)
    count_days(house, TOWN)
    return house, spent


def furnish(house: House, now: datetime) -> None:
    """A morning's work, and somebody who may see everything that is measured."""
    house.rows = morning(house.console.callbacks.engine, now, TOWN, "Петрова А. В.", house.folder / "recordings")
    house.do(house.console.rooms.people.add(
        ADMINISTRATOR, "both", "Обоева О. О.", {Role.OPERATOR, Role.CURATOR}, PASSWORD))  # fmt: skip


def run() -> str:
    """Fill two journals, ask each page many times, compare."""
    with tempfile.TemporaryDirectory() as name:
        results, filling = [], 0.0
        for rows in (FEW, ROWS):
            house, filling = _house(Path(name), rows)
            results.append(measure(house))
            house.console.dispose()
    few, many = results
    lines = [
        f"| {page} | {few[page][0]:.1f} | {few[page][1]:.1f} | {p50:.1f} | {p95:.1f} |"
        for page, (p50, p95) in many.items()
    ]
    slow = [page for page, (p50, _) in many.items() if p50 > AT_MOST_MS]
    verdict = (
        f"Slower than {AT_MOST_MS:.0f} ms: {', '.join(slow)}." if slow else f"Every page within {AT_MOST_MS:.0f} ms."
    )
    return (
        f"In one process, client and server together, SQLite, {OPEN} promises open, {TIMES} times each; the journal "
        f"was filled in {filling:.0f} s. {verdict}\n\n"
        f"| ms | {FEW:,} rows, p50 | p95 | {ROWS:,} rows, p50 | p95 |\n|---|---|---|---|---|\n" + "\n".join(lines)
    )
