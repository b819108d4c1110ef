"""The line of a caller at the front desk: operators are rung, the first who answers talks with him."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ivr.domain.attempt import Side
from ivr.domain.turn import Reply, Speaker, Turn
from ivr.errors import CallerHungUp, LineError
from ivr.hearing.endpointer import Endpointer
from ivr.ports import FRAME_SECONDS, Dialler, Frame, HungUp, Key, Leg, LegEvent, PlaybackEnded
from ivr.services.line import Ear, TalkingLine
from ivr.services.stereo import StereoRecording
from ivr.services.tones import ringback

CALL_ME_BACK = "0"
_PAUSE_SECONDS = 0.9  # silence that ends one sentence of a talk
_SENTENCE_SECONDS = 60.0
_NOTHING_SAID_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Operators:
    """Who is rung.

    Attributes:
        addresses: SIP addresses: one of a ring group at the PBX, or of each operator.
        in_turn_seconds: ring one after another, each so long; None: all at once.
    """

    addresses: Sequence[str] = ()
    in_turn_seconds: float | None = None


@dataclass(slots=True)
class FrontDeskLine(TalkingLine):
    """Fulfils `ports.DeskLine`.

    Attributes:
        answered_by, answered_at: the address of the operator who answered, and when; "" and None while nobody has.
        ended_by: who ended the talk, "" while it lasts.
    """

    dialler: Dialler | None = None
    operators: Operators = field(default_factory=Operators)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    answered_by: str = ""
    answered_at: datetime | None = None
    ended_by: Side | str = ""
    _operator: Leg | None = None
    _finishing: list[asyncio.Task[Reply | None]] = field(default_factory=list)

    async def ring(self, *, max_seconds: float) -> bool:
        """Ring the operators; the caller hears ringback meanwhile."""
        self._require_caller()
        if self.dialler is None or not self.operators.addresses or CALL_ME_BACK in self._take_early_keys():
            return False
        self.announce("operators_rung", {"operators": len(self.operators.addresses)})
        answer = asyncio.create_task(self._first_answer(self.dialler))
        try:
            await self._hear_ringback(answer, max_seconds)
        finally:
            self.leg.stop_playing()
            if not answer.done():
                answer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                self._operator, self.answered_by = await answer or (None, "")
        if self._operator is None:
            return False
        self.answered_at = self.now()
        self.announce("operator_answered", {"operator": self.answered_by})
        return True

    async def _hear_ringback(self, answer: asyncio.Task[tuple[Leg, str] | None], max_seconds: float) -> None:
        """Until somebody answers, nobody will, time is over, or the caller asks to be called back."""
        tone = ringback()
        playing, waited = self.leg.play(tone), 0.0
        event: asyncio.Task[LegEvent] = asyncio.create_task(self._event())
        try:
            while waited < max_seconds:
                await asyncio.wait({answer, event}, return_when=asyncio.FIRST_COMPLETED)
                if answer.done():
                    return
                happened = event.result()
                event = asyncio.create_task(self._event())
                waited += FRAME_SECONDS * isinstance(happened, Frame)
                if isinstance(happened, HungUp):
                    raise CallerHungUp("the caller did not wait for an operator")
                if isinstance(happened, Key) and happened.digit == CALL_ME_BACK:
                    return
                if happened == PlaybackEnded(playing):
                    playing = self.leg.play(tone)
        finally:
            event.cancel()

    async def _first_answer(self, dialler: Dialler) -> tuple[Leg, str] | None:
        """The leg and the address of the first operator who lifts the handset; the others stop ringing."""
        seconds = self.operators.in_turn_seconds
        if seconds is not None:
            for address in self.operators.addresses:
                with contextlib.suppress(LineError, TimeoutError):
                    return await asyncio.wait_for(
                        dialler.call(address, self.leg.invite.caller_number), seconds
                    ), address
            return None
        ringing = {
            asyncio.create_task(dialler.call(address, self.leg.invite.caller_number)): address
            for address in self.operators.addresses
        }
        try:
            for done in asyncio.as_completed(list(ringing)):
                with contextlib.suppress(LineError):
                    leg = await done
                    address = next(ringing[task] for task in ringing if _leg_of(task) is leg)
                    return leg, address
            return None
        finally:
            await _end_losers(ringing, keep=next((task for task in ringing if _leg_of(task)), None))

    def join_operator(self, operator: Leg) -> None:
        """The operator is on the line already (he has called)."""
        self._operator = operator

    async def talk(self) -> Sequence[Reply]:
        """Let the two hear each other until one of them hangs up; what the caller said, sentence by sentence."""
        operator = self._operator
        if operator is None:
            return ()
        self.leg.join(operator)
        sides = [
            asyncio.create_task(self._follow(self._event, Speaker.CALLER)),
            asyncio.create_task(self._follow(operator.next_event, Speaker.OPERATOR)),
        ]
        await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
        first, side = (sides[0], Side.CITIZEN) if sides[0].done() else (sides[1], Side.OPERATOR)
        self.ended_by = side if first.result().by_caller else Side.LINE
        operator.hang_up()
        self.leg.hang_up()
        await asyncio.gather(*sides)
        replies = await asyncio.gather(*self._finishing)
        self.turns.sort(key=lambda turn: turn.offset)
        return [reply for reply in replies if reply]

    async def _follow(self, next_event: Callable[[], Awaitable[LegEvent]], speaker: Speaker) -> HungUp:
        """Write down one side of the talk, until it hangs up."""
        ear, offset = self._new_ear(), self.recording.seconds
        while True:
            event = await next_event()
            if isinstance(event, Frame):
                if speaker is Speaker.OPERATOR and isinstance(self.recording, StereoRecording):
                    self.recording.append_right(event.pcm)
                if ear.hear(event.pcm):
                    self._finish_sentence(ear, offset, speaker)
                    ear, offset = self._new_ear(), self.recording.seconds
            elif isinstance(event, HungUp):
                self._finish_sentence(ear, offset, speaker)
                return event

    def _new_ear(self) -> Ear:
        ends = Endpointer(
            max_seconds=_SENTENCE_SECONDS, silence_seconds=_PAUSE_SECONDS, patience_seconds=_NOTHING_SAID_SECONDS
        )
        return Ear(self.recognizer.stream(), None, ends, 0)

    def _finish_sentence(self, ear: Ear, offset: float, speaker: Speaker) -> None:
        """Its text comes a moment later; the talk goes on."""
        if not ear.endpointer.spoke:
            ear.cancel()
            return
        self._finishing.append(asyncio.create_task(self._write_down(ear, offset, speaker)))

    async def _write_down(self, ear: Ear, offset: float, speaker: Speaker) -> Reply | None:
        heard, _, recognised = await ear.finish()
        seconds = ear.endpointer.seconds
        number = len(self.turns) + 1
        self._keep(Turn(number, speaker, offset, seconds, heard.text, words=heard.words, recognised=recognised))
        self.announce("said", {"speaker": str(speaker), "text": heard.text})
        if speaker is not Speaker.CALLER:
            return None
        return Reply(heard.text, heard.words, offset=offset, seconds=seconds, spoke=True, recognised=recognised)


def _leg_of(task: asyncio.Task[Leg]) -> Leg | None:
    """The leg of a finished call that was answered."""
    if not task.done() or task.cancelled() or task.exception():
        return None
    return task.result()


async def _end_losers(ringing: dict[asyncio.Task[Leg], str], keep: asyncio.Task[Leg] | None) -> None:
    """Who still rings is no longer rung; who answered a moment too late is let go."""
    for task in ringing:
        if task is keep:
            continue
        if leg := _leg_of(task):
            leg.hang_up()
        task.cancel()
    await asyncio.gather(*(task for task in ringing if task is not keep), return_exceptions=True)
