"""Rows put aside beside the spool: they wait for a person, but no longer than their term."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from ivr.errors import JournalError

_MOMENT = re.compile(r'"(?:started_at|invited_at|created_at)": "([^"]+)"')


def forget_refused(spool: Path, before: datetime) -> int:
    """Remove the lines older than this from all files of rows put aside; how many. A line without a moment is as old as
    its file.

    Raises:
        JournalError: a file cannot be read or written.
    """
    try:
        return sum(_forget(file, before) for file in sorted(spool.glob("*.refused")))
    except OSError as fault:
        raise JournalError(f"rows put aside cannot be looked through: {type(fault).__name__}") from fault


def _forget(file: Path, before: datetime) -> int:
    age = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    lines = file.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if _moment(line, age) >= before]
    if len(kept) == len(lines):
        return 0
    aside = file.with_suffix(".sifting")
    file.rename(aside)  # whoever puts a row aside now begins a new file
    rest = [line for line in aside.read_bytes().splitlines(keepends=True) if _moment(line, age) >= before]
    if rest:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as fresh:
            fresh.writelines(rest)
            fresh.flush()
            os.fsync(fresh.fileno())
        os.utime(file, (age.timestamp(), age.timestamp()))
    aside.unlink()
    return len(lines) - len(rest)


def _moment(line: bytes, otherwise: datetime) -> datetime:
    text = line.decode("utf-8", "replace")
    found = _MOMENT.search(text)
    try:
        json.loads(text)
        return datetime.fromisoformat(found[1]) if found else otherwise
    except ValueError:
        return otherwise
