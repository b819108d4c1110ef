"""What a killed engine left open: attempts are ended with what the line had told, their talks get text later (F1)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ivr.domain.attempt import Attempt
from ivr.domain.turn import Speaker, Turn
from ivr.errors import JournalError
from ivr.ports import RATE_HZ, Recordings, TalkBook
from ivr.services.callbacks import CallbackDesk


@dataclass(slots=True)
class TalkRescue:
    """Works at the start of an engine, after the recordings were mended."""

    desk: CallbackDesk
    talks: TalkBook
    recordings: Recordings

    async def recover(self, engine: str) -> int:
        """End what this engine had in progress; how many."""
        lost = await self.desk.book.unended(engine)
        for attempt in lost:
            seconds = self._length(attempt)
            if seconds and not await self.talks.talk(attempt.id):
                sides = enumerate((Speaker.CALLER, Speaker.OPERATOR), 1)
                turns = [Turn(number, side, 0.0, seconds, recognised=False) for number, side in sides]
                await self.talks.keep_talk(attempt.id, turns)
            await self.desk.lost(replace(attempt, recording_seconds=seconds))
        return len(lost)

    def _length(self, attempt: Attempt) -> float:
        try:
            return len(self.recordings.read(attempt.id)) / 2 / RATE_HZ
        except JournalError:
            return 0.0
