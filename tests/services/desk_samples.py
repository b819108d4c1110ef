"""A working day without telephones: callers and operators whose deeds are written down, on a clock that a test moves.

Sound lasts as long as it lasts: each 100 ms of the caller's leg move the clock. Prompts are over at once, so that what
was planned can be reckoned by hand; only what waiting callers hear goes on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from ivr.bootstrap.house import House
from ivr.dialogue.prompts import Prompts
from ivr.domain.call import Call, Invite, Mode
from ivr.domain.municipality import Municipalities, Municipality
from ivr.errors import CallerHungUp, NotReached
from ivr.ports import FRAME_BYTES, FRAME_SECONDS, Frame, HungUp, Journal, Key, Leg, LegEvent, PlaybackEnded
from ivr.services.admission import Admission
from ivr.services.callbacks import CallbackDesk
from ivr.services.cards import Cards
from ivr.services.closing import Closing
from ivr.services.presence import Shift
from ivr.services.reception import Reception
from ivr.services.ringing import Operators
from ivr.services.tones import ringback
from tests.contracts.fakes_recordings import MemoryRecordings
from tests.contracts.fakes_speech import FakeRecognizer
from tests.samples import SetClock

QUIET = Frame(bytes(FRAME_BYTES))
FRAME = timedelta(seconds=FRAME_SECONDS)
PHONES = ("sip:101@pbx", "sip:102@pbx")
NAMES = {"sip:101@pbx": "Петрова", "sip:102@pbx": "Орлова"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens in one call, in seconds since it came.

    Attributes:
        leaves: the caller hangs up then; None: he stays to the end.
        presses_0: then; None: never.
        cancels: he gives up before he is answered.
        operators: what each telephone does: so many seconds until it is lifted, a SIP status, or None: it rings on.
        talks: how long the conversation lasts, until the operator hangs up.
    """

    at: datetime
    number: str = ""
    leaves: float | None = None
    presses_0: float | None = None
    cancels: bool = False
    operators: tuple[float | int | None, ...] = (None, None)
    talks: float = 60.0


class CallerLeg:
    """The port `Leg`: moves the clock."""

    def __init__(self, plan: Plan, clock: SetClock) -> None:
        self.plan, self.clock = plan, clock
        self.invite = Invite(0, f"{plan.at.isoformat()}", "127.0.0.1:5060", plan.number, dialled="112")
        self.over: HungUp | None = None
        self.rejected = 0
        self.joined: list[Leg] = []
        self._number = 0
        self._events: deque[LegEvent] = deque()
        self._tone_ends: tuple[int, datetime] | None = None
        self._pressed = False

    async def answer(self) -> None:
        if self.plan.cancels:
            self.over = HungUp(by_caller=True, code=487)
            raise CallerHungUp("cancelled")

    async def next_event(self) -> LegEvent:
        await asyncio.sleep(0)
        if self._events:
            return self._events.popleft()
        if self.over:
            return self.over
        gone = self.clock.now() - self.plan.at
        if self.plan.leaves is not None and gone >= timedelta(seconds=self.plan.leaves):
            self.over = HungUp(by_caller=True)
            return self.over
        if self.plan.presses_0 is not None and not self._pressed and gone >= timedelta(seconds=self.plan.presses_0):
            self._pressed = True
            return Key("0")
        if self._tone_ends and self.clock.now() >= self._tone_ends[1]:
            number, self._tone_ends = self._tone_ends[0], None
            return PlaybackEnded(number)
        self.clock.moment += FRAME
        for _ in range(3):
            await asyncio.sleep(0)  # whoever waits for this moment has it now
        return QUIET

    def play(self, pcm: bytes) -> int:
        self._number += 1
        if pcm == ringback():
            self._tone_ends = (self._number, self.clock.now() + timedelta(seconds=len(pcm) / 16000))
        else:
            self._events.append(PlaybackEnded(self._number))
        return self._number

    def stop_playing(self) -> None:
        if self._tone_ends:
            self._events.append(PlaybackEnded(self._tone_ends[0]))
            self._tone_ends = None

    def hang_up(self) -> None:
        self.over = self.over or HungUp(by_caller=False)

    def reject(self, status: int, retry_after: int = 0) -> None:
        self.rejected, self.over = status, HungUp(by_caller=False, code=status)

    def join(self, other: Leg) -> None:
        self.joined.append(other)


class OperatorLeg:
    """The port `Leg` of an operator who has lifted the handset; lives by the same clock.

    Attributes:
        ends_at: when he hangs up. silent: his telephone is dead instead.
        queued: events that come before all others.
    """

    def __init__(self, clock: SetClock, ends_at: datetime, *, silent: bool = False) -> None:
        self.invite = Invite(-1, "", "")
        self.clock, self.ends_at, self.silent = clock, ends_at, silent
        self.over: HungUp | None = None
        self.queued: deque[LegEvent] = deque()
        self._seen = clock.now()

    async def answer(self) -> None:
        """He has."""

    async def next_event(self) -> LegEvent:
        while True:
            await asyncio.sleep(0)
            if self.over:
                return self.over
            if self.queued:
                return self.queued.popleft()
            if self.clock.now() >= self.ends_at:
                self.over = HungUp(by_caller=not self.silent, no_media=self.silent)
                return self.over
            if self.clock.now() > self._seen:
                self._seen += FRAME
                return QUIET

    def play(self, pcm: bytes) -> int:
        return 0

    def stop_playing(self) -> None:
        """Nothing plays."""

    def hang_up(self) -> None:
        self.over = self.over or HungUp(by_caller=False)

    def reject(self, status: int, retry_after: int = 0) -> None:
        self.hang_up()

    def join(self, other: Leg) -> None:
        """The caller's leg does that."""


@dataclass
class Exchange:
    """The port `Dialler`: the operators' telephones, by the plan of the call in progress."""

    clock: SetClock
    plan: Plan | None = None
    legs: list[OperatorLeg] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    async def call(self, address: str, caller: str = "", rings: Callable[[], None] = lambda: None) -> Leg:
        assert self.plan
        self.shown.append(caller)
        deed = self.plan.operators[PHONES.index(address)]
        begun = self.clock.now()
        if isinstance(deed, int):
            raise NotReached(deed)
        rings()
        while deed is None or (self.clock.now() - begun).total_seconds() < deed:  # noqa: ASYNC110 (others move the clock)
            await asyncio.sleep(0)
        leg = OperatorLeg(self.clock, self.clock.now() + timedelta(seconds=self.plan.talks))
        self.legs.append(leg)
        return leg


@cache
def _prompts(number: int) -> list[Prompts]:
    return []


def spoken(house: House) -> Prompts:
    """The phrases of a house, read once."""
    known = _prompts(id(house))
    if not known:
        known.append(house.catalog.load())
    return known[0]


@dataclass
class Town:
    """A front desk with everything around it.

    Attributes:
        news: what was announced.
    """

    house: House
    journal: Journal
    clock: SetClock
    shift: Shift | None = None
    desk: CallbackDesk | None = None
    texts: tuple[str, ...] = ()
    news: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    recordings: MemoryRecordings = field(default_factory=MemoryRecordings)

    def __post_init__(self) -> None:
        self.exchange = Exchange(self.clock)
        rules = self.house.rules
        town = Municipality("demo", "Demo", self.house.calendar, operators=PHONES)
        served = Municipalities((town,))
        self.reception = Reception(
            admission=Admission(served), say=spoken(self.house), understand=self.house.understand, rules=rules,
            journal=self.journal, recordings=self.recordings, recognizer=FakeRecognizer(self.texts),
            clock=self.clock, announce=self._tell,
            closing=Closing(self.journal, served, rules, self.house.understand, self.clock, self._tell),
            cards=Cards(self.journal, rules, self.clock, desk=self.desk, shift=self.shift),
            dialler=self.exchange, operators=Operators(names=NAMES), shift=self.shift,
        )  # fmt: skip

    def _tell(self, action: str, facts: Mapping[str, object]) -> None:
        self.news.append((action, facts))

    async def take(self, plan: Plan) -> Call | None:
        """One call from beginning to end."""
        self.clock.moment, self.exchange.plan = plan.at, plan
        call = await self.reception.answer(CallerLeg(plan, self.clock))
        await self.reception.settle()
        return call


def mode_of(call: Call | None) -> Mode | None:
    """Which voice met him in the end."""
    return call.mode if call else None
