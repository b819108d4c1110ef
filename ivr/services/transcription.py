"""Text made later: turns that the recogniser never saw are transcribed from the recording (fault F12)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ivr.dialogue.draft import Draft, draft_from_turns
from ivr.domain.call import Call
from ivr.domain.callback import Callback
from ivr.domain.message import Message
from ivr.domain.municipality import Municipalities
from ivr.domain.regulation import Regulation
from ivr.domain.traffic import FREQUENT
from ivr.domain.turn import Speaker, Turn
from ivr.errors import JournalError, RecordingsAway, SpeechError
from ivr.language.understanding import Understanding
from ivr.ports import RATE_HZ, Journal, Recognizer, Recordings, TalkBook
from ivr.services.local import Locals

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Transcription:
    """The sweep over messages and talks that are "not recognised".

    Attributes:
        patience: so many sweeps a recording may be missing that is still on its way from another machine.
    """

    journal: Journal
    talks: TalkBook
    recordings: Recordings
    recognizer: Recognizer
    understand: Understanding
    municipalities: Municipalities
    rules: Regulation
    edition: str = ""
    patience: int = 0
    locals: Locals = field(default_factory=dict)
    _missed: dict[str, int] = field(default_factory=dict)

    async def sweep(self) -> int:
        """Transcribe what is waiting; how many got their text. Stops quietly while the recogniser or the
        recordings are away."""
        done = 0
        try:
            for call, turns, message in await self.journal.untranscribed():
                if heard := await self._hear_all(call.recording, turns):
                    await self._keep(call, heard, message)
                    done += 1
            for attempt, turns in await self.talks.untranscribed_talks():
                if heard := await self._hear_all(attempt, turns):
                    await self.talks.keep_talk(attempt, heard)
                    done += 1
        except SpeechError:
            log.info("the recogniser is away", extra={"action": "transcription_waits"})
        except RecordingsAway:
            log.info("the recordings are away", extra={"action": "transcription_waits"})
        return done

    async def _hear_all(self, recording: str | None, turns: Sequence[Turn]) -> list[Turn]:
        """The turns with their text; none: the recording is not there yet."""
        if recording is None:  # nothing was recorded, or what was is lost: there is no text to come
            return [replace(turn, recognised=True) for turn in turns]
        try:
            return [await self._hear(recording, turn) for turn in turns]
        except RecordingsAway:
            raise
        except JournalError:
            missed = self._missed[recording] = self._missed.get(recording, 0) + 1
            if missed <= self.patience:
                return []
            log.error("recording missing", extra={"action": "recording_missing", "call": recording})
            return [replace(turn, recognised=True) for turn in turns]

    async def _hear(self, recording: str, turn: Turn) -> Turn:
        if turn.recognised:
            return turn
        side = 1 if turn.speaker is Speaker.OPERATOR else 0
        pcm = await asyncio.to_thread(self.recordings.read, recording, side)
        first, last = (2 * round(second * RATE_HZ) for second in (turn.offset, turn.offset + turn.seconds))
        heard = await self.recognizer.transcribe(pcm[first:last])
        return replace(turn, text=heard.text, words=heard.words, recognised=True)

    async def _keep(self, call: Call, turns: Sequence[Turn], message: Message) -> None:
        calendar = self.municipalities.named(call.municipality).calendar
        due = calendar.callback_deadline(call.started_at, self.rules).at
        local = self.locals.get(call.municipality)
        understand = local.understand if local else self.understand
        known = Draft(due=due, caller_number=call.caller_number, flags=tuple({FREQUENT} & set(message.flags)))
        draft = draft_from_turns(known, turns, understand)
        transcribed = draft.seal(call, self.edition or message.edition)
        callback = Callback.promised(transcribed, calendar, self.rules)
        await self.journal.transcribed(call, turns, transcribed, callback)
        log.info("transcribed later", extra={"action": "transcribed_later", "call": call.id})
