"""The papers: a year of 100,000 messages (limits: 20 s and 300 MB each).

Every paper is written by `ivr report` in a process of its own, from a journal on SQLite, with its progress bar. Beside
them openpyxl's own way of many rows (write-only mode, no looks, no lists) writes as many rows of the same texts, and a
process that only starts `ivr report` and reads its settings. Taking an older journal in is measured on appendix 2 of a
tenth of them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ivr.adapters.storage.database import connect, upgrade
from tests.report_samples import TOWN, keep, messages

ROWS = 100_000
SECONDS_AT_MOST = 20
MEGABYTES_AT_MOST = 300
_STARTER = """
import os, subprocess, sys, time
began = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
_pid, status, usage = os.wait4(process.pid, 0)
took = time.perf_counter() - began
print(os.waitstatus_to_exitcode(status), took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
"""
_BARE = """
import sys
from openpyxl import Workbook
from tests.report_samples import messages
rows, path = int(sys.argv[1]), sys.argv[2]
book = Workbook(write_only=True)
sheet = book.create_sheet()
for one in messages(rows):
    sheet.append([one.received_at.replace(tzinfo=None), one.topic, one.name and one.name.full, one.number_to_call,
                  one.address and one.address.street, one.gist, "", one.outcome, one.operator, one.executor, one.result,
                  one.comment, one.status])
book.save(path)
"""


def measure(command: Sequence[str]) -> tuple[float, float, float]:
    """Seconds, seconds of processor and megabytes of a process; a small one starts it, for memory is inherited."""
    starter = [sys.executable, "-S", "-c", _STARTER, *command]
    told = subprocess.run(starter, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    status, seconds, processor, megabytes = told.split()
    if status != "0":
        raise SystemExit(f"{command[-6:]} ended with {status}")
    return float(seconds), float(processor), float(megabytes)


def _line(name: str, measured: tuple[float, float, float], file: Path | None = None, *, limited: bool = False) -> str:
    seconds, processor, megabytes = measured
    size = f"{file.stat().st_size / 1e6:.1f}" if file else ""
    met = seconds <= SECONDS_AT_MOST and megabytes <= MEGABYTES_AT_MOST
    verdict = ("yes" if met else "**no**") if limited else ""
    return f"| {name} | {seconds:.1f} | {processor:.1f} | {megabytes:.0f} | {size} | {verdict} |\n"


def run() -> str:
    """Fill a journal with a year, write each paper of it, take a tenth of it in."""
    table = "| process | s | s of processor | MB | file, MB | within the limits |\n|---|---|---|---|---|---|\n"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        engine = connect(f"sqlite:///{folder / 'journal.db'}")
        upgrade(engine)
        keep(engine, messages(ROWS, datetime(2026, 1, 1, tzinfo=UTC), days=364))
        engine.dispose()
        config = folder / "ivr.toml"
        config.write_text(
            f'[municipality]\nkey = "{TOWN}"\n[[municipalities]]\nkey = "tenth"\nnumbers = ["200"]\n'
            f'[storage]\ndata = "{folder}"\n',
            "utf-8",
        )
        ivr = [sys.executable, "-m", "ivr.cli.main", "--config", str(config), "report"]
        for kind in ("messages", "week", "month", "load"):
            file = folder / f"{kind}.xlsx"
            made = measure([*ivr, kind, "--period", "2026", "--out", str(file)])
            table += _line(f"`ivr report {kind}`", made, file, limited=True)
        table += _line("`ivr report filed`: the start alone", measure([*ivr, "filed"]))
        bare = folder / "bare.xlsx"
        table += _line("openpyxl, write-only mode", measure([sys.executable, "-c", _BARE, str(ROWS), str(bare)]), bare)
        part = folder / "tenth.xlsx"
        measure([*ivr, "messages", "--period", "2026-01-01..2026-02-05", "--out", str(part)])
        taken = measure([*ivr, "import", str(part), "--yes", "--municipality", "tenth"])
        table += _line("`ivr report import --yes`, a tenth of them", taken, part)
    return f"{ROWS:,} messages.\n\n{table}"
