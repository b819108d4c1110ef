"""Confirmed topics out of the journal in memory."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.domain.precedent import Precedent
from tests.contracts.fakes_journal import MemoryJournal


class MemoryConfirmedTopics:
    """The port `ConfirmedTopics` upon a journal in memory."""

    def __init__(self, journal: MemoryJournal) -> None:
        self._journal = journal

    async def confirmed(self, municipality: str, limit: int) -> Sequence[Precedent]:
        """Rows with a card and a conversation, the newest first."""
        rows = [
            message
            for message in self._journal.messages.values()
            if message.municipality == municipality and message.recognised and message.text
            and message.topic and message.result and message.outcome
        ]  # fmt: skip
        rows.sort(key=lambda message: (message.received_at, message.id), reverse=True)
        return [Precedent(message.id, message.text, message.topic or "") for message in rows[:limit]]
