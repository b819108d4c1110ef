"""Click to call: an attempt made on the line, written down from SIP's own facts (clause 13)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ivr.dialogue.call_back import call_back
from ivr.dialogue.prompts import Prompts
from ivr.domain.case import Case
from ivr.domain.dial_plan import may_be_dialled
from ivr.domain.people import Person
from ivr.domain.turn import Reply
from ivr.domain.vocabulary import AttemptOutcome
from ivr.errors import CallerHungUp, LineError, NotReached, RuleBroken
from ivr.ports import (
    FRAME_SECONDS,
    Announce,
    Dialler,
    Frame,
    HungUp,
    Leg,
    LegEvent,
    PlaybackEnded,
    Prompt,
    Recognizer,
    Recordings,
)
from ivr.services.callbacks import CallbackDesk
from ivr.services.desk import FrontDeskLine
from ivr.services.stereo import StereoRecording
from ivr.services.tones import ringback

log = logging.getLogger(__name__)

_OPERATOR_SECONDS = 30.0
_CITIZEN_SECONDS = 60.0
_BUSY, _ABSENT, _UNKNOWN = (486, 600), (404, 410, 484, 604), (408, 480, 487, 603)


def outcome_of(status: int) -> AttemptOutcome:
    """What a final SIP status says of the citizen (RFC 3261 §21)."""
    if status in _BUSY:
        return AttemptOutcome.BUSY
    if status in _ABSENT:
        return AttemptOutcome.NOT_FOUND
    return AttemptOutcome.NO_ANSWER if status in _UNKNOWN else AttemptOutcome.UNAVAILABLE


@dataclass(slots=True)
class TwoLegs:
    """Fulfils `ports.CallBackLine`: the operator's leg, then the citizen's, then both joined."""

    dialler: Dialler
    operator_address: str
    citizen_address: str
    meet: Callable[[Leg], FrontDeskLine]
    tell: Callable[[str], None] = lambda _step: None
    _operator: Leg | None = None
    _line: FrontDeskLine | None = None

    async def ring_operator(self) -> bool:
        """Ring the operator's telephone; False when he does not lift the handset."""
        self.tell("ringing_operator")
        try:
            async with asyncio.timeout(_OPERATOR_SECONDS):
                self._operator = await self.dialler.call(self.operator_address)
        except (LineError, TimeoutError):
            return False
        return True

    async def ring_citizen(self) -> AttemptOutcome:
        """Ring the citizen while the operator hears ringback; how it ended."""
        operator = self._operator
        if operator is None:
            return AttemptOutcome.ABANDONED
        self.tell("ringing_citizen")
        answer = asyncio.create_task(self.dialler.call(self.citizen_address))
        try:
            outcome = await self._wait(operator, answer)
        finally:
            operator.stop_playing()
            if not answer.done():
                answer.cancel()
                await asyncio.gather(answer, return_exceptions=True)
        if outcome is AttemptOutcome.ANSWERED:
            self.tell("talking")
            self._line = self.meet(answer.result())
            self._line.join_operator(operator)
        else:
            operator.hang_up()
        return outcome

    @staticmethod
    async def _wait(operator: Leg, answer: asyncio.Task[Leg]) -> AttemptOutcome:
        playing, waited = operator.play(ringback()), 0.0
        event = asyncio.create_task(operator.next_event())
        try:
            while waited < _CITIZEN_SECONDS:
                await asyncio.wait({answer, event}, return_when=asyncio.FIRST_COMPLETED)
                if answer.done():
                    return _said_by(answer)
                happened = event.result()
                event = asyncio.create_task(operator.next_event())
                waited += FRAME_SECONDS * isinstance(happened, Frame)
                if isinstance(happened, HungUp):
                    return AttemptOutcome.ABANDONED
                if happened == PlaybackEnded(playing):
                    playing = operator.play(ringback())
            return AttemptOutcome.NO_ANSWER
        finally:
            event.cancel()

    async def play(self, *prompts: Prompt, until_key: bool = False) -> None:
        """Speak to the citizen."""
        if self._line:
            await self._line.play(*prompts, until_key=until_key)

    def record(self) -> None:
        """From here on both are recorded."""
        if self._line:
            self._line.record()

    async def talk(self) -> Sequence[Reply]:
        """Until one of them hangs up."""
        return await self._line.talk() if self._line else ()

    async def end(self) -> None:
        """Nobody is left on the line; the recording is closed."""
        if self._operator:
            self._operator.hang_up()
        if self._line:
            self._line.leg.hang_up()
            await self._line.recording.close()


def _said_by(answer: asyncio.Task[Leg]) -> AttemptOutcome:
    fault = answer.exception()
    if fault is None:
        return AttemptOutcome.ANSWERED
    if isinstance(fault, NotReached):
        return outcome_of(fault.code)
    log.warning("the citizen could not be called", extra={"action": "call_out_failed", "why": type(fault).__name__})
    return AttemptOutcome.ABANDONED if isinstance(fault, LineError) else AttemptOutcome.UNAVAILABLE


@dataclass(slots=True)
class CallOut:
    """Makes attempts on the line.

    Attributes:
        trunk: host and port that citizens are called through, "" when nobody can be called from here.
    """

    desk: CallbackDesk
    dialler: Dialler
    trunk: str
    say: Prompts
    recognizer: Recognizer
    recordings: Recordings
    announce: Announce

    async def call(self, callback: str, who: Person, telephone: str) -> tuple[AttemptOutcome, Case]:
        """Ring the operator's telephone, then the citizen; the attempt is written whatever happens.

        Raises:
            RuleBroken: not taken, no number, a number that may not be dialled, dialled already, or before its window.
        """
        number = (await self.desk.case(callback)).callback.number
        if not self.trunk:
            raise RuleBroken("13", "no line for outgoing calls is set up", "no_trunk")
        if not may_be_dialled(number):
            raise RuleBroken("13", "this number may not be dialled: only Russian city and mobile ones", "not_in_plan")
        if not telephone:
            raise RuleBroken("13", "no telephone of this operator is known", "no_phone")
        attempt = await self.desk.dial(callback, who)
        line = TwoLegs(
            self.dialler, telephone, f"sip:{number}@{self.trunk}", lambda leg: self._meet(leg, attempt.id, callback),
            lambda step: self.announce("call_out", {"callback": callback, "step": step}),
        )  # fmt: skip
        outcome = AttemptOutcome.ABANDONED
        try:
            outcome = await call_back(line, self.say)
        except CallerHungUp:
            outcome = AttemptOutcome.ANSWERED  # he lifted the handset and left during the notice
        finally:
            await line.end()
            case = await self.desk.hang_up(attempt, outcome)
            self.announce("call_out", {"callback": callback, "step": "over", "outcome": outcome.value})
        return outcome, case

    async def try_line(self, address: str) -> AttemptOutcome:
        """Ring an address, speak the line's last phrase to whoever answers, and hang up: a trial of the line."""
        try:
            async with asyncio.timeout(_OPERATOR_SECONDS):
                leg = await self.dialler.call(address)
        except NotReached as fault:
            return outcome_of(fault.code)
        except TimeoutError:
            return AttemptOutcome.NO_ANSWER
        except LineError:
            return AttemptOutcome.UNAVAILABLE
        playing = leg.play(self.say.goodbye.pcm)
        event: LegEvent | None = None
        while event != PlaybackEnded(playing) and not isinstance(event, HungUp):
            event = await leg.next_event()
        leg.hang_up()
        return AttemptOutcome.ANSWERED

    def _meet(self, leg: Leg, name: str, callback: str) -> FrontDeskLine:
        def tell(action: str, facts: Mapping[str, object]) -> None:
            self.announce(action, {"callback": callback, **facts})

        return FrontDeskLine(leg, self.recognizer, StereoRecording(self.recordings.create(name, 2)), tell)
