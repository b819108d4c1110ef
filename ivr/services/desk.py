"""The line of a caller at the front desk: operators are rung, the first who answers talks with him."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ivr.domain.attempt import Side
from ivr.domain.call import Mode
from ivr.domain.turn import Reply
from ivr.errors import CallerHungUp
from ivr.ports import FRAME_SECONDS, Dialler, Frame, HungUp, Key, Leg, LegEvent, PlaybackEnded
from ivr.services.legs import LegBook, OpenLeg
from ivr.services.line import TalkingLine
from ivr.services.ringing import Lifted, Operators, first_answer, let_go
from ivr.services.talk import Talk

CALL_ME_BACK = "0"


@dataclass(slots=True)
class FrontDeskLine(TalkingLine):
    """Fulfils `ports.DeskLine`.

    Attributes:
        legs: where the operators' legs are written down.
        met: told of an operator who answers, by name; parted: of one who has hung up.
        answered_by, answered_at: the operator who answered first, and when; "" and None while nobody has.
        ended_by: who ended the talk, "" while it lasts.
        wants_callback: the caller has pressed 0.
        lost_operator: the operator's telephone fell silent, and the caller is still there.
    """

    dialler: Dialler | None = None
    operators: Operators = field(default_factory=Operators)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    legs: LegBook | None = None
    met: Callable[[str], None] = lambda _who: None
    parted: Callable[[str], None] = lambda _who: None
    answered_by: str = ""
    answered_at: datetime | None = None
    ended_by: Side | str = ""
    wants_callback: bool = False
    lost_operator: bool = False
    _operator: Leg | None = None
    _open: OpenLeg | None = None

    async def ring(self, *, max_seconds: float) -> bool:
        """Ring the operators; the caller hears ringback or music meanwhile."""
        self._require_caller()
        self.wants_callback = self.wants_callback or CALL_ME_BACK in self._take_early_keys()
        if self.dialler is None or not self.operators.addresses or self.wants_callback:
            return False
        names = [self.operators.named(address) for address in self.operators.addresses]
        self.announce("operators_rung", {"operators": len(names), "names": names, "caller": self._caller})
        book = self.legs or LegBook("", "", "", self.now, Mode.FRONT_DESK)
        answer = asyncio.create_task(first_answer(self.dialler, self.operators, self._caller, book))
        waiting = False
        try:
            waiting = await self._wait(answer, max_seconds)
        finally:
            self.leg.stop_playing()
            lifted = await self._settled(answer)
            if lifted and not waiting:
                let_go(lifted)
        if lifted is None or not waiting:
            return False
        self._meet(lifted)
        return True

    @property
    def _caller(self) -> str:
        return self.leg.invite.caller_number

    @staticmethod
    async def _settled(answer: asyncio.Task[Lifted | None]) -> Lifted | None:
        """Nobody is rung any longer; who has answered meanwhile."""
        if not answer.done():
            answer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            return await answer
        return None

    def _meet(self, lifted: Lifted) -> None:
        self._operator, self._open = lifted.leg, lifted.open
        if not self.answered_by:
            self.answered_by, self.answered_at = lifted.who, self.now()
        self.lost_operator = False
        self.announce("operator_answered", {"operator": lifted.who, "caller": self._caller})
        self.met(lifted.who)

    async def _wait(self, answer: asyncio.Task[Lifted | None], max_seconds: float) -> bool:
        """Until somebody answers (True), nobody will, time is over, or the caller asks to be called back."""
        playing, waited = self.leg.play(self.operators.waiting), 0.0
        event: asyncio.Task[LegEvent] = asyncio.create_task(self.event())
        try:
            while waited < max_seconds:
                await asyncio.wait({answer, event}, return_when=asyncio.FIRST_COMPLETED)
                if answer.done():
                    return True
                happened = event.result()
                event = asyncio.create_task(self.event())
                waited += FRAME_SECONDS * isinstance(happened, Frame)
                if isinstance(happened, HungUp):
                    raise CallerHungUp("the caller did not wait for an operator")
                if isinstance(happened, Key) and happened.digit == CALL_ME_BACK:
                    self.wants_callback = True
                    return False
                if happened == PlaybackEnded(playing):
                    playing = self.leg.play(self.operators.waiting)
            return False
        finally:
            event.cancel()

    def join_operator(self, operator: Leg, open_leg: OpenLeg | None = None) -> None:
        """The operator is on the line already (he has called)."""
        self._operator, self._open = operator, open_leg

    async def talk(self) -> Sequence[Reply]:
        """Let the two hear each other until one of them hangs up; what the caller said, sentence by sentence."""
        operator = self._operator
        if operator is None:
            return ()
        talk = Talk(self, operator, self._open, self.operators.named, self._taken_over)
        self.lost_operator = await talk.held()
        self.ended_by = talk.ended_by
        self._operator = self._open = None
        for who in talk.operators:
            self.parted(who)
        if not self.lost_operator:
            self.leg.hang_up()
            await self._until_over()
        return await talk.replies()

    def _taken_over(self, who: str) -> None:
        self.announce("operator_answered", {"operator": who, "caller": self._caller})
        self.met(who)

    async def _until_over(self) -> None:
        while not isinstance(await self.event(), HungUp):
            pass
