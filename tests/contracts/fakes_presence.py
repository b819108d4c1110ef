"""Who was at work, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ivr.domain.presence import PresenceChange
from ivr.errors import JournalError


class MemoryPresenceBook:
    """The port `PresenceBook`. Set `away` for a database that does not answer."""

    def __init__(self) -> None:
        self.away = False
        self.changes: dict[str, PresenceChange] = {}

    async def add(self, change: PresenceChange) -> None:
        """Keep it once."""
        self._reach()
        self.changes.setdefault(change.id, change)

    async def since(self, municipality: str, moment: datetime) -> Sequence[PresenceChange]:
        """Oldest first."""
        self._reach()
        found = [one for one in self.changes.values() if one.municipality == municipality and one.at >= moment]
        return sorted(found, key=lambda one: (one.at, one.id))

    def _reach(self) -> None:
        if self.away:
            raise JournalError("the database did not answer")
