"""Keeping and destroying citizens' data: holds, acts, erasure (clause 6.3, 152-FZ)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Protocol

from ivr.domain.retention import Act, Destroyed, Hold

Keys = Mapping[str, Sequence[str]]
"""Ids by thing: call, attempt, callback, leg."""


@dataclass(frozen=True, slots=True)
class Belongings:
    """All that is kept of one citizen.

    Attributes:
        keys: his rows.
        held: those of them that a hold protects.
        owed: callbacks of his that are open, and calls in progress.
    """

    keys: Keys
    held: Sequence[str] = ()
    owed: Sequence[str] = ()

    @property
    def empty(self) -> bool:
        """Nothing is known of him."""
        return not any(self.keys.values())


@dataclass(frozen=True, slots=True)
class Inventory:
    """What is kept of one citizen, in counts and moments; nothing of what it says.

    Attributes:
        counts: rows by table; "sounds" are recordings.
        cases: his calls, calls to him and promises: thing, id, moment; the latest first.
    """

    counts: Mapping[str, int]
    cases: Sequence[tuple[str, str, datetime]]

    @property
    def total(self) -> int:
        """Rows and recordings together."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Held:
    """What a hold stands on.

    Attributes:
        thing: callback, call or attempt.
        card: id of the promise whose card shows it, "" for a call that nothing was promised for.
    """

    thing: str
    at: datetime
    card: str


class Erasure(Protocol):
    """Makes rows bare figures, and their recordings nothing."""

    async def destroy_due(self, before: Mapping[str, datetime], act: Act, at_once: int) -> int:
        """Destroy some of what is older, is owed to nobody and stands under no hold; how many rows, 0: nothing is left.

        Args:
            before: by municipality; "" is for all the others.
            act: what the acts say; each municipality gets one of its own.
        """

    async def destroy(self, keys: Keys, act: Act) -> int:
        """Destroy these rows, all at once, unless a hold stands or a call back is owed.

        Raises:
            RuleBroken: one of them is held or owed.
        """

    async def forget_traces(self) -> None:
        """Let nothing of it stay behind in the database's own files."""

    async def knows(self, sounds: Sequence[str]) -> set[str]:
        """Those of these recordings that a row still speaks of."""

    async def belongings(self, municipality: str, numbers: Sequence[str]) -> Belongings:
        """What belongs to whoever has one of these numbers."""

    async def belongings_of(self, municipality: str, message: str) -> Belongings:
        """One message with its promise, by id: of somebody who left no number."""

    def inventory(self, keys: Keys) -> Inventory:
        """How much of what these rows are. Never on the loop's thread."""

    def rows(self, keys: Keys) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """These rows and all that belongs to them: table, and columns by name. Never on the loop's thread."""


class HoldBook(Protocol):
    """Holds."""

    async def put(self, hold: Hold) -> bool:
        """Keep a new one; False when there is no such row in this municipality, or it is erased already."""

    async def release(self, municipality: str, hold: str, by: str, at: datetime) -> Hold | None:
        """From now on it protects nothing; None: there is no such hold that stands."""

    async def standing(self, municipality: str, subjects: Sequence[str] | None = None) -> Sequence[Hold]:
        """Those that stand, all or of these rows, oldest first."""

    async def about(self, municipality: str, subjects: Sequence[str]) -> Mapping[str, Held]:
        """What these rows are."""


class ActBook(Protocol):
    """Acts of destruction."""

    async def unfinished(self) -> Sequence[Act]:
        """Begun, and not summed up yet."""

    async def finish(self, act: str, at: datetime) -> Act | None:
        """Sum up what was destroyed under it; None: somebody has done so already."""

    async def acts(self, municipality: str, limit: int = 100) -> Sequence[Act]:
        """The newest first."""

    async def find(self, municipality: str, act: str) -> Act | None:
        """By id, or its beginning."""

    def destroyed(self, act: str) -> Iterator[Destroyed]:
        """All that was destroyed under it. Never on the loop's thread."""


class Dossiers(Protocol):
    """Archives of one person's data, for that person."""

    def write(self, target: IO[bytes], rows: Iterator[tuple[str, Mapping[str, Any]]], made_at: datetime) -> int:
        """Rows, texts and recordings, with an index that people can read; how many rows. Never on the loop's thread."""
