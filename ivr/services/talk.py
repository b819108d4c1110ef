"""A conversation of a caller with an operator, or with several one after another; what each says is written down."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from ivr.domain import attempt
from ivr.domain.counting import TRANSFER
from ivr.domain.leg import CANCELLED, Side
from ivr.domain.turn import Reply, Speaker, Turn
from ivr.hearing.endpointer import Endpointer
from ivr.ports import Frame, HungUp, Leg, LegEvent, Transfer
from ivr.services.legs import LegBook, OpenLeg
from ivr.services.line import Ear, TalkingLine
from ivr.services.ringing import extension
from ivr.services.stereo import StereoRecording
from ivr.services.tones import ringback

_PAUSE_SECONDS = 0.9  # silence that ends one sentence of a talk
_SENTENCE_SECONDS = 60.0
_NOTHING_SAID_SECONDS = 20.0
_PARTING_SECONDS = 5.0
_RINGBACKS = 8  # as long as a transfer may ring

NextEvent = Callable[[], Awaitable[LegEvent]]


@dataclass(slots=True)
class Talk:
    """The caller's line and the operator who is on it.

    Attributes:
        operator, open: who talks with the caller now.
        took_over: told of an operator to whom the caller was handed, by name.
        operators: names of those who took part.
        ended_by: who ended it, "" while it lasts.
    """

    line: TalkingLine
    operator: Leg
    open: OpenLeg | None
    named: Callable[[str], str] = extension
    took_over: Callable[[str], None] = lambda _who: None
    operators: list[str] = field(default_factory=list)
    ended_by: attempt.Side | str = ""
    _successor: tuple[Leg, OpenLeg | None] | None = None
    _parting: list[asyncio.Task[None]] = field(default_factory=list)
    _finishing: list[asyncio.Task[Reply | None]] = field(default_factory=list)

    async def held(self) -> bool:
        """Until one of the two hangs up; True when the operator's telephone fell silent before the caller's."""
        self._greet()
        caller = asyncio.create_task(self._follow(self.line.event, Speaker.CALLER))
        silent = False
        try:
            while True:
                operator = asyncio.create_task(self._follow(self.operator.next_event, Speaker.OPERATOR))
                await asyncio.wait({caller, operator}, return_when=asyncio.FIRST_COMPLETED)
                side = attempt.Side.OPERATOR if operator.done() else attempt.Side.CITIZEN
                if not operator.done():
                    self.operator.hang_up()
                ended = await operator
                if isinstance(ended, HungUp):
                    first = ended if side is attempt.Side.OPERATOR else caller.result()
                    self.ended_by = side if isinstance(first, HungUp) and first.by_caller else attempt.Side.LINE
                    self._over(self.open, ended)
                    silent = ended.no_media and not caller.done()
                    break
                self._hand_over()
        finally:
            await self._stop(caller)
        return silent

    def _greet(self) -> None:
        if self.open:
            self.operators.append(self.open.who)
        self.line.leg.join(self.operator)

    async def _stop(self, caller: asyncio.Task[LegEvent]) -> None:
        """Nobody is rung any more, nobody is left on the line unheard."""
        if self._successor:
            leg, opened = self._successor
            leg.hang_up()
            if opened:
                opened.over(cause=CANCELLED)
        if not caller.done():
            caller.cancel()
        await asyncio.gather(caller, *self._parting, return_exceptions=True)

    async def replies(self) -> Sequence[Reply]:
        """What the caller said; every sentence has its text and its number by now."""
        replies = await asyncio.gather(*self._finishing)
        turns = sorted(self.line.turns, key=lambda turn: turn.offset)
        self.line.turns[:] = [replace(turn, number=number) for number, turn in enumerate(turns, 1)]
        return [reply for reply in replies if reply]

    # ------------------------------------------------------------ transfer

    def _hear_of(self, transfer: Transfer) -> bool:
        """The operator's telephone hands the caller to another; True when he has him."""
        to = self.named(transfer.to)
        if transfer.answered:
            return True
        if transfer.code:
            self.line.leg.stop_playing()
            self.line.announce("transfer_failed", {"operator": to, "code": transfer.code})
            if self._successor and self._successor[1]:
                self._successor[1].over(cause=transfer.code, by="far")
            self._successor = None
            return False
        self.line.announce("transferring", {"operator": to})
        book = self._book
        opened = book.begin(Side.OPERATOR, to, extension(transfer.to), why=TRANSFER) if book else None
        self._successor = (transfer.leg, opened)
        self.line.leg.play(ringback() * _RINGBACKS)
        return False

    @property
    def _book(self) -> LegBook | None:
        return self.open.book if self.open else None

    def _hand_over(self) -> None:
        """The successor talks with the caller from now on; the telephone that asked for it hangs up by itself."""
        if self._successor is None:
            return
        self._parting.append(asyncio.create_task(self._let_go(self.operator, self.open)))
        (self.operator, self.open), self._successor = self._successor, None
        self.line.leg.stop_playing()
        if self.open:
            self.open.answered()
            self.line.announce("transferred", {"operator": self.open.who})
            self.took_over(self.open.who)
        self._greet()

    async def _let_go(self, leg: Leg, opened: OpenLeg | None) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PARTING_SECONDS):
                self._over(opened, await _end_of(leg))
                return
        leg.hang_up()
        self._over(opened, await _end_of(leg))

    @staticmethod
    def _over(opened: OpenLeg | None, how: HungUp) -> None:
        if opened:
            opened.over(how)

    # ------------------------------------------------------------ what is said

    async def _follow(self, next_event: NextEvent, speaker: Speaker) -> LegEvent:
        """Write down one side until it ends, or until its place is taken; how."""
        ear, offset = self._new_ear(), self.line.recording.seconds
        try:
            while True:
                event = await next_event()
                if isinstance(event, Frame):
                    if speaker is Speaker.OPERATOR and isinstance(self.line.recording, StereoRecording):
                        self.line.recording.append_right(event.pcm)
                    if self._hear(ear, event, speaker):
                        self._finish_sentence(ear, offset, speaker)
                        ear, offset = self._new_ear(), self.line.recording.seconds
                elif isinstance(event, HungUp) or (isinstance(event, Transfer) and self._hear_of(event)):
                    return event
        finally:
            self._finish_sentence(ear, offset, speaker)

    def _hear(self, ear: Ear, frame: Frame, speaker: Speaker) -> bool:
        shown = ear.text
        ended = ear.hear(frame.pcm)
        if ear.text != shown:
            self.line.announce("partial", {"speaker": speaker.value, "text": ear.text})
        return ended is not None

    def _new_ear(self) -> Ear:
        ends = Endpointer(
            max_seconds=_SENTENCE_SECONDS, silence_seconds=_PAUSE_SECONDS, patience_seconds=_NOTHING_SAID_SECONDS
        )
        return Ear(self.line.recognizer.stream(), None, ends, 0)

    def _finish_sentence(self, ear: Ear, offset: float, speaker: Speaker) -> None:
        """Its text comes a moment later; the talk goes on."""
        if not ear.endpointer.spoke:
            ear.cancel()
            return
        self._finishing.append(asyncio.create_task(self._write_down(ear, offset, speaker)))

    async def _write_down(self, ear: Ear, offset: float, speaker: Speaker) -> Reply | None:
        heard, _, recognised = await ear.finish()
        seconds = ear.endpointer.seconds
        number = len(self.line.turns) + 1
        self.line.keep(Turn(number, speaker, offset, seconds, heard.text, words=heard.words, recognised=recognised))
        self.line.announce("said", {"speaker": speaker.value, "text": heard.text, "offset": round(offset, 1)})
        if speaker is not Speaker.CALLER:
            return None
        return Reply(heard.text, heard.words, offset=offset, seconds=seconds, spoke=True, recognised=recognised)


async def _end_of(leg: Leg) -> HungUp:
    while not isinstance(event := await leg.next_event(), HungUp):
        pass
    return event
