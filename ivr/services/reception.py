"""Reception: a leg comes in, a conversation is held, one row with one callback stands in the journal (clause 12)."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ivr.dialogue.draft import Draft, draft_from_turns
from ivr.dialogue.front_desk import front_desk
from ivr.dialogue.prompts import RECORDING_NOTICE, Prompts
from ivr.dialogue.take_message import take_message
from ivr.domain.calendar import WorkingCalendar
from ivr.domain.call import Call, CallEnd, Mode
from ivr.domain.callback import Callback
from ivr.domain.card import status_of
from ivr.domain.regulation import Regulation
from ivr.domain.turn import Speaker, Turn
from ivr.errors import CallerHungUp, IvrError
from ivr.language.understanding import Understanding
from ivr.ports import RATE_HZ, Announce, Clock, Dialler, Journal, Leg, Recognizer, Recording, Recordings
from ivr.services.admission import Admission
from ivr.services.desk import FrontDeskLine, Operators
from ivr.services.line import TurnKept
from ivr.services.stereo import StereoRecording

log = logging.getLogger(__name__)

_UNHEARD_SECONDS = 0.3  # a shorter rest of a recording holds no word


@dataclass(slots=True)
class Reception:
    """Answers calls; everything it needs is given by hand.

    Attributes:
        dialler, operators: who is rung in working hours, and with what; none: the assistant answers.
        engine: name of this engine, kept with its calls so that the next start can close what a crash left open.
        edition: edition of the vocabularies rows are written under.
        name_of: the operator who has this telephone, "" when nobody knows.
    """

    admission: Admission
    say: Prompts
    understand: Understanding
    rules: Regulation
    calendar: WorkingCalendar
    journal: Journal
    recordings: Recordings
    recognizer: Recognizer
    clock: Clock
    announce: Announce
    dialler: Dialler | None = None
    operators: Operators = field(default_factory=Operators)
    engine: str = "engine-1"
    edition: str = ""
    name_of: Callable[[str], str] = lambda _address: ""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def answer(self, leg: Leg) -> Call:
        """Hold one conversation from INVITE to BYE; returns the closed call. No fault of ours escapes."""
        call = self._call(leg)
        tell = self._teller(call)
        await self.journal.open(call)
        tell("call_started", {"mode": str(call.mode), "why": call.why_mode, "caller": call.caller_number})
        try:
            await leg.answer()
        except IvrError as fault:
            log.info(
                "not answered", extra={"action": "call_not_answered", "call": call.id, "why": type(fault).__name__}
            )
            return await self._close_unanswered(call, leg, fault)
        call = replace(call, answered_at=self.clock.now(), recording=call.id)
        draft = self._draft(call)
        draft.tell = lambda facts: tell("facts", facts)
        line = self._line(call, leg, tell)
        end = await self._converse(line, draft, call)
        leg.hang_up()
        await line.recording.close()
        if not line.recording.healthy:
            log.error("recording incomplete", extra={"action": "recording_incomplete", "call": call.id})
        return await self._close(self._ended(call, end, line, draft), line.turns, draft)

    def _line(self, call: Call, leg: Leg, tell: Announce) -> FrontDeskLine:
        recording: Recording
        if call.mode is Mode.FRONT_DESK:
            recording = StereoRecording(self.recordings.create(call.id, 2))
        else:
            recording = self.recordings.create(call.id)
        return FrontDeskLine(
            leg, self.recognizer, recording, tell, self._keeper(call), dialler=self.dialler, operators=self.operators,
            now=self.clock.now,
        )  # fmt: skip

    def follow(self, calendar: WorkingCalendar) -> None:
        """From the next call on the hours are these (a person has ordered a day closed or open)."""
        self.calendar = calendar
        self.admission = replace(self.admission, calendar=calendar)

    def _call(self, leg: Leg) -> Call:
        invite, now = leg.invite, self.clock.now()
        answer = self.admission.decide(invite, now)
        return Call(
            id=uuid.uuid4().hex,
            municipality=answer.municipality.key,
            started_at=now,
            mode=answer.mode,
            why_mode=answer.why,
            sip_call_id=invite.sip_call_id,
            source=invite.source,
            caller_number=invite.caller_number,
            caller_name=invite.caller_name,
            dialled=invite.dialled,
            engine=self.engine,
        )

    def _teller(self, call: Call) -> Announce:
        def tell(action: str, facts: Mapping[str, object]) -> None:
            self.announce(action, {"call": call.id, **facts})

        return tell

    def _draft(self, call: Call) -> Draft:
        due = self.calendar.callback_deadline(call.started_at, self.rules).at.astimezone(self.calendar.zone)
        return Draft(due=due, caller_number=call.caller_number, mode=call.mode)

    def _keeper(self, call: Call) -> TurnKept:
        """Keeps each turn as soon as it is over, so that a killed engine loses no fact; never delays the talk."""
        kept: list[Turn] = []

        def keep(turn: Turn) -> None:
            kept.append(turn)
            if turn.speaker is Speaker.CALLER:
                task = asyncio.create_task(self.journal.progress(call, tuple(kept)))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

        return keep

    async def _converse(self, line: FrontDeskLine, draft: Draft, call: Call) -> CallEnd:
        try:
            script = front_desk if call.mode is Mode.FRONT_DESK else take_message
            await script(line, self.say, self.understand, self.rules, draft)
        except CallerHungUp:
            return CallEnd.NO_MEDIA if line.hung_up and line.hung_up.no_media else CallEnd.CALLER_HUNG_UP
        except Exception:  # the edge of a call: whatever broke, the citizen's words are kept
            log.exception("conversation broke", extra={"action": "conversation_broke", "call": call.id})
            return CallEnd.BROKEN
        return CallEnd.COMPLETED

    def _ended(self, call: Call, end: CallEnd, line: FrontDeskLine, draft: Draft) -> Call:
        notice = next((turn for turn in line.turns if turn.prompt == RECORDING_NOTICE), None)
        return replace(
            call, ended_at=self.clock.now(), end=end, recording_seconds=line.recording.seconds, mode=draft.mode,
            operator=line.answered_by, operator_at=line.answered_at,
            notice_seconds=notice.seconds if notice else 0.0,
            notice_hash=hashlib.sha256(notice.text.encode()).hexdigest() if notice else "",
        )  # fmt: skip

    async def _close(self, call: Call, turns: list[Turn], draft: Draft) -> Call:
        message = draft.seal(call, self.edition)
        callback: Callback | None = None
        if call.operator:
            operator = self.name_of(call.operator)
            callback = Callback.spoken(message, operator, self.rules)
            message = replace(message, status=status_of(callback), operator=operator or None)
        elif draft.can_be_called or draft.spoke:
            callback = Callback.promised(message, self.calendar, self.rules)
        await self.journal.close(call, turns, message, callback)
        self.announce("call_ended", {"call": call.id, "end": str(call.end), "turns": len(turns)})
        log.info("call closed", extra={"action": "call_closed", "call": call.id, "end": str(call.end)})
        return call

    async def _close_unanswered(self, call: Call, leg: Leg, fault: IvrError) -> Call:
        """Nobody was heard: the caller left first, or no media could be agreed on. He is called back all the same."""
        leg.hang_up()
        end = CallEnd.CANCELLED if isinstance(fault, CallerHungUp) else CallEnd.BROKEN
        return await self._close(replace(call, ended_at=self.clock.now(), end=end), [], self._draft(call))

    async def recover(self) -> int:
        """Close what a killed engine left open: recordings mended, rows closed, callbacks promised. Done at start."""
        seconds = self.recordings.repair()
        unfinished = await self.journal.unfinished(self.engine)
        for call, turns in unfinished:
            length = seconds.get(call.id, self._length(call))
            kept = list(turns)
            heard = max((turn.offset + turn.seconds for turn in kept if turn.speaker is Speaker.CALLER), default=0.0)
            if length - heard > _UNHEARD_SECONDS:
                kept.append(Turn(len(kept) + 1, Speaker.CALLER, heard, length - heard, recognised=False))
            closed = replace(
                call, ended_at=self.clock.now(), end=CallEnd.INTERRUPTED, recording=call.id if length else None,
                recording_seconds=length,
            )  # fmt: skip
            await self._close(closed, kept, draft_from_turns(self._draft(call), kept, self.understand))
        return len(unfinished)

    def _length(self, call: Call) -> float:
        try:
            return len(self.recordings.read(call.id)) / 2 / RATE_HZ
        except IvrError:
            return 0.0

    async def settle(self) -> None:
        """Wait until everything begun is kept (a clean shutdown)."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
