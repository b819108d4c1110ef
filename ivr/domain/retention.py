"""How long a citizen's data live, who may lengthen it, and the paper about their end (clause 6.3, 152-FZ).

A term is counted in whole days of the town: what ended on a day is kept for the settings' number of days after it and
is destroyed in the night that follows. An act names every row by its id alone; so it may be kept when the row is gone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LEAST_DAYS = 366
"""Clause 6.3: at least a year, leap years among them."""


class Rule(StrEnum):
    """By which rule data were destroyed."""

    TERM = "term"  # their time was over (clause 6.3)
    REQUEST = "request"  # the citizen, or the law, demanded it (152-FZ, article 21)


@dataclass(frozen=True, slots=True)
class Term:
    """How long rows of a municipality are kept.

    Attributes:
        days: so many whole days after their last one.
        zone: whose midnight ends a day.
    """

    days: int
    zone: ZoneInfo


def term_begins(now: datetime, zone: ZoneInfo, days: int) -> datetime:
    """The midnight before which everything is due now.

    Args:
        days: for so many whole days after its last one a row is kept.
    """
    local = now.astimezone(zone)
    first = local.date() - timedelta(days=days)
    return datetime(first.year, first.month, first.day, tzinfo=zone)


@dataclass(frozen=True, slots=True)
class Hold:
    """A row that nothing destroys while somebody has a reason for it.

    Attributes:
        subject: id of a callback (with all that belongs to it), of a call or of an attempt.
        released_at: None while it stands.
    """

    id: str
    municipality: str
    subject: str
    why: str
    by: str
    at: datetime
    released_by: str = ""
    released_at: datetime | None = None

    @property
    def stands(self) -> bool:
        """Nobody has released it."""
        return self.released_at is None


@dataclass(frozen=True, slots=True)
class Destroyed:
    """One row whose data are gone.

    Attributes:
        thing, key: which row of what.
        of: the moment its term was counted from.
        sounds: so many recordings went with it.
    """

    thing: str
    key: str
    of: datetime
    at: datetime
    sounds: int = 0

    @property
    def plain(self) -> list[object]:
        """What the act's hash is made of."""
        moments = [moment.astimezone(UTC).isoformat(timespec="seconds") for moment in (self.of, self.at)]
        return [self.thing, self.key, *moments, self.sounds]


@dataclass(frozen=True, slots=True)
class Act:
    """The act of one destruction (order of Roskomnadzor No. 179 of 28.10.2022).

    Attributes:
        by: login of who did it, "" the house itself by its timetable.
        counts: rows and recordings destroyed, by thing; "sounds" are the recordings.
        digest: SHA-256 over all that was destroyed, "" while it goes on.
    """

    id: str
    municipality: str
    begun_at: datetime
    by: str
    rule: Rule
    why: str = ""
    ended_at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    digest: str = ""


def act_digest(rows: Iterable[Destroyed]) -> str:
    """SHA-256 over the rows in the order of their things and keys, hexadecimal."""
    summed = hashlib.sha256()
    for row in sorted(rows, key=lambda row: (row.thing, row.key)):
        summed.update(json.dumps(row.plain, separators=(",", ":")).encode() + b"\n")
    return summed.hexdigest()
