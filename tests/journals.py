"""Databases with the schema of today, copied from one that the migrations made: they run once a process."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from ivr.adapters.storage.database import connect, upgrade


def new_journal(path: Path) -> str:
    """An empty SQLite journal at this path; its URL."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(_pattern())
    return f"sqlite:///{path}"


@cache
def _pattern() -> bytes:
    with tempfile.TemporaryDirectory(prefix="ivr-test-") as folder:
        path = Path(folder) / "journal.db"
        engine = connect(f"sqlite:///{path}")
        upgrade(engine)
        engine.dispose()
        return path.read_bytes()
