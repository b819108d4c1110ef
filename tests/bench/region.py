"""A region on PostgreSQL: 26 municipalities with five years of rows, 1,000,000 in all.

A person of one municipality opens each page of the console, one of the region its sums; then the weekly report of each
municipality is written, as the timetable does on a Monday. The baseline is the same console with 1,000 rows in the same
database server.
"""

from __future__ import annotations

import os
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from ivr.adapters.files.settings import read_settings
from ivr.bootstrap.office import build_report_desk
from ivr.domain.people import Role
from ivr.domain.report import Form, Period
from tests.access_samples import ADMINISTRATOR, PASSWORD
from tests.bench.web import A_YEAR, AT_MOST_MS, Request, count_days, furnish, get, measure, measure_as
from tests.console_house import TOWN, House, make_house
from tests.postgres import running_server
from tests.seeding import bulk

LONG = True
ROWS = int(os.environ.get("IVR_BENCH_ROWS", "1000000"))
FEW = 1_000
OTHERS = tuple(f"town-{number}" for number in range(2, 27))
OPEN = 20
REPORTS_SECONDS_AT_MOST = 60
_NEIGHBOURS = "".join(f'[[municipalities]]\nkey = "{key}"\nnumbers = ["{key[5:]}"]\n' for key in OTHERS)


def _house(folder: Path, database: str, rows: int) -> tuple[House, float]:
    """A console over so many rows, and the seconds it took to fill."""
    house = make_house(folder, seeded=False, database=database, more=_NEIGHBOURS)
    engine, now, began = house.console.callbacks.engine, datetime.now(UTC), time.perf_counter()
    each = rows // (1 + len(OTHERS))
    for place, town in enumerate((TOWN, *OTHERS)):
        bulk(engine, each, now, town, open_rows=OPEN, after=place * each)
    spent = time.perf_counter() - began
    furnish(house, now)
    for town in (TOWN, *OTHERS):
        count_days(house, town)
    facts = "region", "Областной О. О.", {Role.REGION}, PASSWORD
    house.do(house.console.rooms.people.add(ADMINISTRATOR, *facts))
    return house, spent


def _measured(house: House) -> dict[str, tuple[float, float]]:
    """The pages of a municipality, and those of the region."""
    sums = {"region: sums": "/region", "region: sums, a year": f"/region{A_YEAR}"}
    requests = [Request(name, partial(get, path)) for name, path in sums.items()]
    return measure(house) | measure_as(house, "region", requests)


def _weekly_reports(house: House) -> tuple[float, int]:
    """Last week's report of every municipality: seconds, rows in them."""
    monday = date.today() - timedelta(days=date.today().weekday() + 7)
    week, rows, began = Period(monday, monday + timedelta(days=6)), 0, time.perf_counter()
    settings = read_settings(house.folder / "ivr.toml")
    for town in (TOWN, *OTHERS):
        papers = build_report_desk(settings, range(monday.year, monday.year + 2), town).papers()
        with (house.folder / f"{town}.xlsx").open("wb") as target:
            rows += papers.write(Form.WEEK, week, target, municipality=town)
    return time.perf_counter() - began, rows


def run() -> str:
    """Fill two databases, ask each page many times, write the reports."""
    with tempfile.TemporaryDirectory() as name, running_server() as server:
        house, _ = _house(Path(name, "few"), server.fresh_database(), FEW)
        few = _measured(house)
        house.console.dispose()
        house, filling = _house(Path(name, "many"), server.fresh_database(), ROWS)
        many = _measured(house)
        reports, rows = _weekly_reports(house)
        house.console.dispose()
    slow = [page for page, (p50, _) in many.items() if p50 > AT_MOST_MS]
    pages = (
        f"Slower than {AT_MOST_MS:.0f} ms: {', '.join(slow)}." if slow else f"Every page within {AT_MOST_MS:.0f} ms."
    )
    met = "met" if reports <= REPORTS_SECONDS_AT_MOST else "**missed**"
    lines = [
        f"| {page} | {few[page][0]:.1f} | {few[page][1]:.1f} | {p50:.1f} | {p95:.1f} |"
        for page, (p50, p95) in many.items()
    ]
    return (
        f"Filled in {filling:.0f} s. {pages} Weekly reports of all {1 + len(OTHERS)}: {reports:.1f} s, {rows:,} rows "
        f"(wanted: {REPORTS_SECONDS_AT_MOST} s, {met}).\n\n"
        f"| ms | {FEW:,} rows, p50 | p95 | {ROWS:,} rows, p50 | p95 |\n|---|---|---|---|---|\n" + "\n".join(lines)
    )
