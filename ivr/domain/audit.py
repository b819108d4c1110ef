"""The access log: who did what to which object, when. Each row carries the hash of the one before it (fault F36)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

START = "0" * 64
"""What the first row follows."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row.

    Attributes:
        number: 1, 2, 3 … without a gap; 0 before it is kept.
        who: login, "" where nobody is known (a failed try to sign in).
        via, source: how they came in and from which address.
        deed, thing, subject: what was done to which object; `subject` is its id.
        facts: what else is to be known: seconds of a recording, names of changed fields; never their values.
        before, digest: hash of the row before and of this one.
    """

    at: datetime
    who: str
    via: str
    source: str
    deed: str
    thing: str
    subject: str
    municipality: str
    facts: Mapping[str, str] = field(default_factory=dict)
    number: int = 0
    before: str = START
    digest: str = ""

    def chained(self, number: int, before: str) -> Entry:
        """The same as the row with this number, after the one with this hash."""
        placed = replace(self, number=number, before=before)
        return replace(placed, digest=placed.expected())

    def expected(self) -> str:
        """SHA-256 over all that the row says and the hash of the row before, hexadecimal."""
        said = [
            self.number, self.at.astimezone(UTC).isoformat(timespec="microseconds"), self.who, self.via, self.source,
            self.deed, self.thing, self.subject, self.municipality, dict(sorted(self.facts.items())), self.before,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which rows are wanted; what is empty wants all.

    Attributes:
        who: login.
        subject: id of an object.
        deeds: what was done.
        since, until: [since, until).
    """

    municipality: str
    who: str = ""
    subject: str = ""
    deeds: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the whole chain found.

    Attributes:
        rows: how many rows are right.
        head: hash of the last right row.
        broken: number of the first row that is not what it was, None: all are.
        why: code: "changed", "missing", "unlinked".
    """

    rows: int
    head: str
    broken: int | None = None
    why: str = ""


def verify(entries: Iterable[Entry], anchors: Mapping[int, str] | None = None, known: Verdict | None = None) -> Verdict:
    """Walk the chain from its first row.

    Args:
        known: what an earlier walk found; the entries begin behind it.
        anchors: hashes noted elsewhere, by row number; a chain rewritten as a whole does not meet them.
    """
    rows, head = (known.rows, known.head) if known else (0, START)
    wanted = dict(anchors or {})
    for entry in entries:
        if entry.number != rows + 1:
            return Verdict(rows, head, rows + 1, "missing")
        if entry.digest != entry.expected() or wanted.pop(entry.number, entry.digest) != entry.digest:
            return Verdict(rows, head, entry.number, "changed")
        if entry.before != head:
            return Verdict(rows, head, entry.number, "unlinked")
        rows, head = entry.number, entry.digest
    if wanted:
        return Verdict(rows, head, min(wanted), "missing")
    return Verdict(rows, head)
