"""How long a year of 100,000 messages takes and how much memory: `python -m tests.bench.reports` (20 s, 300 MB)."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from ivr.adapters.storage.database import connect, upgrade
from tests.report_samples import TOWN, keep, messages

ROWS = 100_000
SECONDS_AT_MOST = 20
MEGABYTES_AT_MOST = 300


def measure(folder: Path, kind: str) -> tuple[float, float]:
    """Seconds and megabytes of one `ivr report` of the year, a process of its own."""
    config = folder / "ivr.toml"
    config.write_text(f'[municipality]\nkey = "{TOWN}"\n[storage]\ndata = "{folder}"\n', "utf-8")
    command = [sys.executable, "-m", "ivr.cli.main", "--config", str(config), "report", kind, "--period", "2026"]
    started = time.perf_counter()
    process = subprocess.Popen([*command, "--out", str(folder / f"{kind}.xlsx")], stdout=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"ivr report {kind} ended with {process.returncode}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def main() -> None:
    """Fill a journal with a year, make each report of it, print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        engine = connect(f"sqlite:///{folder / 'journal.db'}")
        upgrade(engine)
        keep(engine, messages(ROWS, datetime(2026, 1, 1, tzinfo=UTC), days=364))
        engine.dispose()
        for kind in ("messages", "week", "month", "load"):
            seconds, megabytes = measure(folder, kind)
            met = seconds <= SECONDS_AT_MOST and megabytes <= MEGABYTES_AT_MOST
            verdict = "" if met else f"  more than {SECONDS_AT_MOST} s or {MEGABYTES_AT_MOST} MB"
            print(f"report {kind}: {ROWS} rows, {seconds:.1f} s, {megabytes:.0f} MB{verdict}")


if __name__ == "__main__":
    main()
