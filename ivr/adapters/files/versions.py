"""Versions on the disk: a folder for each name, a file for each version, a line of `index.jsonl` about each.

Fulfils `ports.house.Versions`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ivr.domain.version import Version
from ivr.errors import RuleBroken

_INDEX = "index.jsonl"
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,80}")


class FileVersions:
    """All versions below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, what: str) -> Sequence[Version]:
        """The newest first; a line that a power cut left half written counts for nothing."""
        index = self._place(what) / _INDEX
        lines = index.read_text("utf-8").splitlines() if index.exists() else []
        return [version for line in reversed(lines) if (version := _version(line))]

    def content(self, what: str, number: int) -> bytes:
        """As it was kept."""
        if all(version.number != number for version in self.of(what)):
            raise RuleBroken("1", "there is no such version", "unknown_version")
        return (self._place(what) / f"{number:06}").read_bytes()

    def keep(self, what: str, content: bytes, by: str, note: str) -> Version:
        """The content first, then its line: a line never speaks of what is not there."""
        place = self._place(what)
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        last = next((version.number for version in self.of(what)), 0)
        at = datetime.now(UTC)
        version = Version(last + 1, at, by, note, hashlib.sha256(content).hexdigest(), len(content))
        write_safely(place / f"{version.number:06}", content)
        facts = {"number": version.number, "at": at.isoformat(), "by": by, "note": note, "digest": version.digest,
                 "size": version.size}  # fmt: skip
        _append(place / _INDEX, json.dumps(facts, ensure_ascii=False) + "\n")
        return version

    def _place(self, what: str) -> Path:
        if not _NAME.fullmatch(what):
            raise ValueError(f"{what!r} is no name for versions")
        return self._folder / what


def write_safely(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file; it is there whole, or as it was before.

    Args:
        mode: who may read it; only the service, unless others are named.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _append(path: Path, line: str) -> None:
    half = path.exists() and not path.read_bytes().endswith(b"\n")
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="utf-8") as file:
        file.write(("\n" if half else "") + line)
        file.flush()
        os.fsync(file.fileno())


def _version(line: str) -> Version | None:
    try:
        facts = json.loads(line)
        return Version(**facts | {"at": datetime.fromisoformat(facts["at"])})
    except (ValueError, TypeError, KeyError):
        return None
