"""Two telephones and what the line tells of them: the operator's, the citizen's, then both joined (clause 13)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ivr.dialogue.prompts import RECORDING_NOTICE, notice_heard
from ivr.domain.attempt import Attempt, Failing, Ring
from ivr.domain.consent import text_digest
from ivr.domain.turn import Reply
from ivr.domain.vocabulary import AttemptOutcome
from ivr.errors import LineError, NotReached
from ivr.ports import FRAME_SECONDS, Dialler, Frame, HungUp, Leg, PlaybackEnded, Prompt
from ivr.services.desk import FrontDeskLine
from ivr.services.tones import ringback

log = logging.getLogger(__name__)

OPERATOR_SECONDS = 30.0
_CITIZEN_SECONDS = 60.0
_RUNG_LONG_ENOUGH = 20.0  # who gives up after so many seconds of ringing has waited for an answer
_BUSY, _ABSENT, _LATER = (486, 600), (404, 410, 484, 604), (408, 480, 487, 603)
_NEXT_NUMBER = (AttemptOutcome.NOT_FOUND, AttemptOutcome.UNAVAILABLE)


def outcome_of(status: int, *, rang: bool = True) -> AttemptOutcome:
    """What a final SIP status says of the citizen (RFC 3261 §21, RFC 3398 §8.2.6.1).

    Args:
        rang: his telephone was heard to ring: then 408 and 480 mean that nobody answered, else that he is not there.
    """
    if status in _BUSY:
        return AttemptOutcome.BUSY
    if status in _ABSENT:
        return AttemptOutcome.NOT_FOUND
    return AttemptOutcome.NO_ANSWER if status in _LATER and rang else AttemptOutcome.UNAVAILABLE


def failing_of(status: int) -> Failing:
    """What a final SIP status says of the operator's telephone."""
    if status in (*_BUSY, 603):
        return Failing.OPERATOR_BUSY
    return Failing.OPERATOR_SILENT if status in (408, 487) else Failing.OPERATOR_ABSENT


@dataclass(slots=True)
class TwoLegs:
    """Fulfils `ports.CallBackLine`.

    Attributes:
        attempt: what is known so far; nobody types any of it.
        numbers: of the citizen, in order: the next one is rung when one does not exist or cannot be had.
        trunk: host and port that citizens are called through.
        meet: makes the line of the citizen's leg.
        keep: keeps what is known, so that a killed engine loses no fact.
        tell: told of each step, for those who look on.
    """

    attempt: Attempt
    dialler: Dialler
    operator_address: str
    numbers: Sequence[str]
    trunk: str
    meet: Callable[[Leg], FrontDeskLine]
    now: Callable[[], datetime]
    keep: Callable[[Attempt], Awaitable[None]]
    tell: Callable[[str], None]
    line: FrontDeskLine | None = None
    _operator: Leg | None = None

    async def ring_operator(self) -> bool:
        """Ring the operator's telephone; False when he does not lift the handset."""
        self.tell("ringing_operator")
        try:
            async with asyncio.timeout(OPERATOR_SECONDS):
                self._operator = await self.dialler.call(self.operator_address)
        except TimeoutError:
            self._note(failing=Failing.OPERATOR_SILENT)
        except NotReached as fault:
            self._note(failing=failing_of(fault.code))
        except LineError:
            self._note(failing=Failing.NO_LINE)
        else:
            self._note(operator_at=self.now())
        return self._operator is not None

    async def ring_citizen(self) -> AttemptOutcome:
        """Ring the citizen while the operator hears ringback; how it ended."""
        operator, outcome = self._operator, AttemptOutcome.ABANDONED
        if operator is None:
            return outcome
        self.tell("ringing_citizen")
        for number in self.numbers:
            outcome = await self._ring(operator, number)
            if outcome not in _NEXT_NUMBER:
                break
        if outcome is not AttemptOutcome.ANSWERED:
            operator.hang_up()
        return outcome

    async def _ring(self, operator: Leg, number: str) -> AttemptOutcome:
        self._note(number=number, rings=(*self.attempt.rings, Ring(number, self.now())))
        await self.keep(self.attempt)
        address = f"sip:{number}@{self.trunk}"
        answer = asyncio.create_task(self.dialler.call(address, rings=lambda: self._ringing(rang_at=self.now())))
        try:
            outcome = await self._wait(operator, answer)
        finally:
            operator.stop_playing()
            if not answer.done():
                answer.cancel()
                await asyncio.gather(answer, return_exceptions=True)
        if outcome is not AttemptOutcome.ANSWERED:
            self._ringing(ended_at=self.now())
            return outcome
        self._ringing(answered_at=self.now(), status=200)
        await self.keep(self.attempt)
        self.tell("talking")
        self.line = self.meet(answer.result())
        self.line.join_operator(operator)
        return outcome

    async def _wait(self, operator: Leg, answer: asyncio.Task[Leg]) -> AttemptOutcome:
        playing, waited = operator.play(ringback()), 0.0
        event = asyncio.create_task(operator.next_event())
        try:
            while waited < _CITIZEN_SECONDS:
                await asyncio.wait({answer, event}, return_when=asyncio.FIRST_COMPLETED)
                if answer.done():
                    return self._said_by(answer)
                happened = event.result()
                event = asyncio.create_task(operator.next_event())
                waited += FRAME_SECONDS * isinstance(happened, Frame)
                if isinstance(happened, HungUp):
                    return self._given_up()
                if happened == PlaybackEnded(playing):
                    playing = operator.play(ringback())
            return AttemptOutcome.NO_ANSWER
        finally:
            event.cancel()

    def _said_by(self, answer: asyncio.Task[Leg]) -> AttemptOutcome:
        fault = answer.exception()
        if fault is None:
            return AttemptOutcome.ANSWERED
        if isinstance(fault, NotReached):
            self._ringing(status=fault.code)
            return outcome_of(fault.code, rang=self.attempt.rings[-1].rang_at is not None)
        log.warning("the citizen could not be called", extra={"action": "call_out_failed", "why": type(fault).__name__})
        self._note(failing=Failing.NO_LINE)
        return AttemptOutcome.ABANDONED

    def _given_up(self) -> AttemptOutcome:
        """The operator has hung up: after long ringing because nobody answered, else for a reason of his own."""
        rang_at = self.attempt.rings[-1].rang_at
        if rang_at and (self.now() - rang_at).total_seconds() >= _RUNG_LONG_ENOUGH:
            return AttemptOutcome.NO_ANSWER
        self._note(failing=Failing.OPERATOR_LEFT)
        return AttemptOutcome.ABANDONED

    async def play(self, *prompts: Prompt, until_key: bool = False) -> None:
        """Speak to the citizen; the notice of the recording is kept as soon as it is heard (clause 7)."""
        if not self.line:
            return
        notice = next((prompt for prompt in prompts if prompt.name == RECORDING_NOTICE), None)
        if notice:
            digest = text_digest(notice.text)
            self._note(notice_hash=digest, notice_edition=notice.edition, notice_whole=notice.seconds)
        await self.line.play(*prompts, until_key=until_key)
        if notice:
            self._note(notice_seconds=notice_heard(self.line.turns))
            await self.keep(self.attempt)

    def record(self) -> None:
        """From here on both are recorded."""
        if self.line:
            self.line.record()

    async def talk(self) -> Sequence[Reply]:
        """Until one of them hangs up."""
        return await self.line.talk() if self.line else ()

    async def end(self) -> Attempt:
        """Nobody is left on the line, the recording is closed; all that is known of the attempt."""
        if self._operator:
            self._operator.hang_up()
        if self.line:
            self.line.leg.hang_up()
            await self.line.recording.close()
            self._ringing(ended_at=self.now())
            self._note(
                ended_by=self.line.ended_by, recording_seconds=self.line.recording.seconds,
                notice_seconds=notice_heard(self.line.turns),
            )  # fmt: skip
        return self.attempt

    def _note(self, **facts: object) -> None:
        self.attempt = replace(self.attempt, **facts)  # type: ignore[arg-type]

    def _ringing(self, **facts: object) -> None:
        """A fact of the number that was rung last."""
        *before, last = self.attempt.rings
        self._note(rings=(*before, replace(last, **facts)))  # type: ignore[arg-type]
