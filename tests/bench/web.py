"""The console: time on the server for each page, with 1,000,000 rows in the journal and with 1,000."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.access_samples import ADMINISTRATOR
from tests.console_house import House, make_house
from tests.seeding import bulk, morning
from tests.web.conftest import Browser

ROWS = int(os.environ.get("IVR_BENCH_ROWS", "1000000"))
FEW = 1_000
OPEN = 300
TIMES = 40
AT_MOST_MS = 50.0


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
        Request("16 s of a recording", lambda client, _: client.get(f"/recordings/{house.rows[0]}")),
        Request("API: messages", lambda client, _: client.get("/api/v1/messages", headers=api)),
        Request("API: calls", lambda client, _: client.get("/api/v1/calls", headers=api)),
        Request("nothing (/health)", lambda client, _: client.get("/health")),
    ]


def _measure(house: House) -> dict[str, tuple[float, float]]:
    """Median and 95th percentile of each, ms."""
    people = house.console.rooms.people
    key = asyncio.run(people.give_token(ADMINISTRATOR, "petrova", "", timedelta(days=1)))
    found = {}
    with Browser(house.console.app, follow_redirects=False) as client:
        client.sign_in("petrova")
        for request in _pages(house, key):
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
    bulk(house.console.callbacks.engine, rows, now, "demo", open_rows=OPEN)
    spent = time.perf_counter() - began
    house.rows = morning(house.console.callbacks.engine, now, "demo", "Петрова А. В.", house.folder / "recordings")
    return house, spent


def run() -> str:
    """Fill two journals, ask each page many times, compare."""
    with tempfile.TemporaryDirectory() as name:
        results, filling = [], 0.0
        for rows in (FEW, ROWS):
            house, filling = _house(Path(name), rows)
            results.append(_measure(house))
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
