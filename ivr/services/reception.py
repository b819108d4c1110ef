"""Reception: a leg comes in, a conversation is held, one row stands in the journal, what is owed in it (clause 12)."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import uuid
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ivr.dialogue.draft import Draft
from ivr.dialogue.front_desk import front_desk
from ivr.dialogue.prompts import RECORDING_NOTICE, Prompts, notice_heard
from ivr.dialogue.take_message import take_message
from ivr.domain.call import Call, CallEnd, Invite, Mode
from ivr.domain.consent import text_digest
from ivr.domain.leg import REFUSED, SHORT_CODE, LegRecord, Side
from ivr.domain.municipality import Municipalities
from ivr.domain.regulation import Regulation
from ivr.domain.traffic import FREQUENT, Traffic
from ivr.domain.turn import Speaker, Turn
from ivr.errors import CallerHungUp, IvrError
from ivr.language.understanding import Understanding
from ivr.ports import Announce, Clock, Dialler, Journal, Leg, Recognizer, Recording, Recordings
from ivr.services.admission import Admission, Answer, Circumstances, Decision, Refuse, ShortCode
from ivr.services.cards import Cards
from ivr.services.closing import Closing, blank_card
from ivr.services.desk import FrontDeskLine
from ivr.services.legs import LegBook, OpenLeg
from ivr.services.line import TurnKept
from ivr.services.local import Local, Locals
from ivr.services.presence import Shift
from ivr.services.ringing import Operators
from ivr.services.short_codes import heed
from ivr.services.stereo import StereoRecording

log = logging.getLogger(__name__)

_REFUSALS_AT_MOST = 2000
_NOT_FOUND, _CANCELLED, _NOT_ACCEPTABLE = 404, 487, 488


@dataclass(slots=True)
class Reception:
    """Answers calls; everything it needs is given by hand.

    Attributes:
        say, understand: the house's own. locals: those of the other municipalities.
        closing, cards: what becomes of a call, and of an operator's part in it.
        dialler, operators: how operators are rung; whom, the municipality and the shift say.
        shift: who is at work; None: nobody keeps count.
        free_legs: how many legs are left, None: it cannot be told.
        engine: name of this engine, kept with its calls so that the next start can close what a crash left open.
    """

    admission: Admission
    say: Prompts
    understand: Understanding
    rules: Regulation
    journal: Journal
    recordings: Recordings
    recognizer: Recognizer
    clock: Clock
    announce: Announce
    closing: Closing
    cards: Cards
    dialler: Dialler | None = None
    operators: Operators = field(default_factory=Operators)
    shift: Shift | None = None
    traffic: Traffic = field(default_factory=Traffic)
    free_legs: Callable[[], int | None] = lambda: None
    engine: str = "engine-1"
    locals: Locals = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _refused: list[LegRecord] = field(default_factory=list)

    async def answer(self, leg: Leg) -> Call | None:
        """Hold one conversation from INVITE to BYE; returns the closed call, None when there was none. No fault of ours
        escapes."""
        decision, operators = await self._decide(leg.invite)
        if isinstance(decision, Refuse):
            leg.reject(decision.status, decision.retry_after_seconds)
            self.refused(leg.invite, decision.status, decision.why, decision.municipality.key)
            return None
        if isinstance(decision, ShortCode):
            await self._heed(leg, decision)
            return None
        number = leg.invite.caller_number
        self.traffic.begin(number)
        try:
            return await self._hold(leg, decision, operators)
        finally:
            self.traffic.end(number)

    async def _heed(self, leg: Leg, code: ShortCode) -> None:
        """An operator says by his telephone what he does."""
        if self.shift is None:
            leg.reject(_NOT_FOUND)
            return
        legs = LegBook(uuid.uuid4().hex, code.municipality.key, self.engine, self.clock.now, SHORT_CODE)
        opened = legs.begin(Side.OPERATOR, code.who, leg.invite.caller_number, why=code.state)
        opened.answered()
        await heed(leg, code, self.shift, self._local(code.municipality.key).say)
        opened.over()
        await self.journal.enter(legs.records)

    async def _decide(self, invite: Invite) -> tuple[Decision, Operators]:
        """What is done with a call, and who is rung for it."""
        now, admission = self.clock.now(), self.admission
        verdict = self.traffic.arrive(invite.caller_number, now)
        holds = Circumstances(free_legs=self.free_legs(), verdict=verdict)
        decision = admission.decide(invite, now, holds)
        if not isinstance(decision, Answer) or decision.mode is not Mode.FRONT_DESK:
            return decision, self.operators
        whose, shift = decision.municipality, self.shift
        if shift is None:
            return decision, replace(self.operators, addresses=whose.operators)
        known = await shift.standings_soon(whose)
        decision = admission.decide(invite, now, replace(holds, present=shift.present(known)))
        return decision, replace(self.operators, addresses=shift.to_ring(whose, known))

    def refused(self, invite: Invite, status: int, why: str, municipality: str = "") -> None:
        """A call was refused; the ledger will have it (a robot must not keep the database busy)."""
        now, identity = self.clock.now(), hashlib.sha256(f"{invite.source} {invite.sip_call_id}".encode()).hexdigest()
        whose = municipality or self.admission.municipalities.first.key
        facts = {"why": why, "caller": invite.caller_number, "status": status, "municipality": whose}
        self.announce("call_refused", facts)
        record = LegRecord(
            identity[:32], whose, identity[:32], Side.CALLER, now, now, cause=status, ended_by="us", mode=REFUSED,
            why=why, number=invite.caller_number, source=self.engine,
        )  # fmt: skip
        if len(self._refused) < _REFUSALS_AT_MOST:
            self._refused.append(record)

    async def keep_refusals(self) -> int:
        """Write the refusals of the last seconds into the ledger; how many."""
        records, self._refused = self._refused, []
        await self.journal.enter(records)
        return len(records)

    # ------------------------------------------------------------ one conversation

    async def _hold(self, leg: Leg, answer: Answer, operators: Operators) -> Call:
        call = self._call(leg.invite, answer)
        legs = LegBook(call.id, call.municipality, self.engine, self.clock.now, call.mode)
        caller = legs.begin(Side.CALLER, "", call.caller_number, why=call.why_mode, id_=call.id)
        draft, tell = self.closing.draft(call), self._teller(call)
        draft.flags = (FREQUENT,) if answer.marked else ()
        draft.tell = lambda facts: tell("facts", facts)
        await self.journal.open(call, blank_card(call, self.closing.edition) if call.mode is Mode.FRONT_DESK else None)
        tell("call_started", self._facts(call))
        try:
            await leg.answer()
        except IvrError as fault:
            log.info(
                "not answered", extra={"action": "call_not_answered", "call": call.id, "why": type(fault).__name__}
            )
            return await self._close_unanswered(call, leg, fault, caller, draft)
        caller.answered()
        call = replace(call, answered_at=self.clock.now(), recording=call.id)
        line = self._line(call, leg, tell, legs, operators)
        end = await self._converse(line, draft, call)
        leg.hang_up()
        await line.recording.close()
        if not line.recording.healthy:
            log.error("recording incomplete", extra={"action": "recording_incomplete", "call": call.id})
        legs.mode = draft.mode
        caller.over(line.hung_up)
        return await self._close(self._ended(call, end, line, draft), line.turns, draft, legs)

    @staticmethod
    def _facts(call: Call) -> Mapping[str, object]:
        """What the consoles are told: the card is there already (clause 15)."""
        return {
            "mode": str(call.mode), "why": call.why_mode, "caller": call.caller_number, "card": call.id,
            "municipality": call.municipality,
        }  # fmt: skip

    def _line(self, call: Call, leg: Leg, tell: Announce, legs: LegBook, operators: Operators) -> FrontDeskLine:
        recording: Recording
        if call.mode is Mode.FRONT_DESK:
            recording = StereoRecording(self.recordings.create(call.id, 2))
        else:
            recording = self.recordings.create(call.id)
        return FrontDeskLine(
            leg, self.recognizer, recording, tell, self._keeper(call), dialler=self.dialler, operators=operators,
            now=self.clock.now, legs=legs, met=lambda who: self.cards.met(call, who, tell),
            parted=lambda who: self.cards.parted(call, who),
        )  # fmt: skip

    def follow(self, municipalities: Municipalities) -> None:
        """From the next call on the hours are these (a person has ordered a day closed or open)."""
        self.admission = replace(self.admission, municipalities=municipalities)
        self.closing = replace(self.closing, municipalities=municipalities)
        if self.cards.desk:
            self.cards.desk.follow(municipalities)

    def speak(self, understand: Understanding, say: Prompts, locals_: Locals) -> None:
        """From the next call on the words understood, and the voice, are these."""
        self.understand, self.say, self.locals = understand, say, locals_
        self.closing = replace(self.closing, understand=understand, locals=locals_)

    def _local(self, municipality: str) -> Local:
        return self.locals.get(municipality) or Local(self.say, self.understand)

    def _call(self, invite: Invite, answer: Answer) -> Call:
        notice = self._local(answer.municipality.key).say.recording_notice
        return Call(
            id=uuid.uuid4().hex,
            municipality=answer.municipality.key,
            started_at=self.clock.now(),
            mode=answer.mode,
            why_mode=answer.why,
            sip_call_id=invite.sip_call_id,
            source=invite.source,
            caller_number=invite.caller_number,
            caller_name=invite.caller_name,
            dialled=invite.dialled,
            engine=self.engine,
            notice_hash=text_digest(notice.text),
            notice_edition=notice.edition,
            notice_whole=notice.seconds,
        )

    def _teller(self, call: Call) -> Announce:
        def tell(action: str, facts: Mapping[str, object]) -> None:
            self.announce(action, {"call": call.id, **facts})

        return tell

    def _keeper(self, call: Call) -> TurnKept:
        """Keeps each turn as soon as it is over, so that a killed engine loses no fact; never delays the talk."""
        kept: list[Turn] = []

        def keep(turn: Turn) -> None:
            kept.append(turn)
            if turn.speaker is not Speaker.ASSISTANT or turn.prompt == RECORDING_NOTICE:
                self._spawn(self.journal.progress(call, tuple(kept)))

        return keep

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, line: FrontDeskLine, draft: Draft, call: Call) -> CallEnd:
        try:
            script, local = front_desk if call.mode is Mode.FRONT_DESK else take_message, self._local(call.municipality)
            await script(line, local.say, local.understand, self.rules, draft)
        except CallerHungUp:
            return CallEnd.NO_MEDIA if line.hung_up and line.hung_up.no_media else CallEnd.CALLER_HUNG_UP
        except Exception:  # the edge of a call: whatever broke, the citizen's words are kept
            log.exception("conversation broke", extra={"action": "conversation_broke", "call": call.id})
            return CallEnd.BROKEN
        return CallEnd.COMPLETED

    def _ended(self, call: Call, end: CallEnd, line: FrontDeskLine, draft: Draft) -> Call:
        return replace(
            call, ended_at=self.clock.now(), end=end, recording_seconds=line.recording.seconds, mode=draft.mode,
            operator=line.answered_by, operator_at=line.answered_at, notice_seconds=notice_heard(line.turns),
        )  # fmt: skip

    async def _close_unanswered(self, call: Call, leg: Leg, fault: IvrError, caller: OpenLeg, draft: Draft) -> Call:
        """Nobody was heard: the caller left first, or no media could be agreed on. He is called back all the same."""
        leg.hang_up()
        left = isinstance(fault, CallerHungUp)
        caller.over(cause=_CANCELLED if left else _NOT_ACCEPTABLE, by="far" if left else "us")
        end = CallEnd.CANCELLED if left else CallEnd.BROKEN
        return await self._close(replace(call, ended_at=self.clock.now(), end=end), [], draft, caller.book)

    async def _close(self, call: Call, turns: list[Turn], draft: Draft, legs: LegBook) -> Call:
        await self.cards.settled(call)
        await self.journal.enter(legs.records)
        await self.closing.close(call, turns, draft)
        return call

    async def recover(self) -> int:
        """Close what a killed engine left open; see `Closing.recover`. Done at start."""
        return await self.closing.recover(self.engine, self.recordings)

    async def settle(self) -> None:
        """Wait until everything begun is kept (a clean shutdown)."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.keep_refusals()
