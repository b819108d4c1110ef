"""Telephones whose behaviour is written down beforehand, and a dialler that rings them."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from ivr.domain.call import Invite
from ivr.errors import LineError, NotReached
from ivr.ports import FRAME_BYTES, Frame, HungUp, Leg, LegEvent, PlaybackEnded
from ivr.ports.telephone import silently
from tests.samples import SetClock

QUIET = Frame(bytes(FRAME_BYTES))
LOUD = Frame(b"\x00\x20\x00\xe0" * (FRAME_BYTES // 4))


class FakePhone:
    """The port `Leg`, for somebody who was called: first these events, then silence until the leg is over.

    Args:
        until_joined: events come only when the two sides hear each other.
    """

    def __init__(self, *events: LegEvent, until_joined: bool = False) -> None:
        self.invite = Invite(leg=-1, sip_call_id="", source="")
        self.played: list[bytes] = []
        self.over: HungUp | None = None
        self.joined: Leg | None = None
        self._events, self._waits = deque(events), until_joined
        self._ended_sounds: deque[LegEvent] = deque()

    async def answer(self) -> None:
        """It was answered already."""

    async def next_event(self) -> LegEvent:
        """What comes next."""
        await asyncio.sleep(0)
        if self.over:
            return self.over
        if self._ended_sounds:
            return self._ended_sounds.popleft()
        if self._events and not (self._waits and self.joined is None):
            event = self._events.popleft()
            self.over = event if isinstance(event, HungUp) else None
            return event
        return QUIET

    def play(self, pcm: bytes) -> int:
        """It is heard at once, a quiet frame for each 100 ms before its end."""
        self.played.append(pcm)
        self._ended_sounds.extend([QUIET] * (len(pcm) // FRAME_BYTES))
        self._ended_sounds.append(PlaybackEnded(len(self.played)))
        return len(self.played)

    def stop_playing(self) -> None:
        """Whatever was left of a sound is not heard."""
        self._ended_sounds.clear()

    def join(self, other: Leg) -> None:
        """Each hears the other."""
        self.joined = other
        if isinstance(other, FakePhone):
            other.joined = self

    def hang_up(self) -> None:
        """The end."""
        self.over = self.over or HungUp(by_caller=False)


@dataclass(frozen=True, slots=True)
class Lifts:
    """Somebody answers after so many seconds of ringing."""

    phone: FakePhone
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Refuses:
    """A final status, after ringing so long (None: it never rang)."""

    status: int
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Rings:
    """Nobody answers, for ever."""


@dataclass(frozen=True, slots=True)
class NoLine:
    """The call cannot even be placed."""


Deed = Lifts | Refuses | Rings | NoLine


@dataclass
class FakeDialler:
    """The port `Dialler`: each address does its next deed; without one it does not exist (404). Every call is counted.

    Attributes:
        rung: how often each address was rung. given_up: addresses whose ringing was cancelled.
    """

    clock: SetClock
    deeds: dict[str, list[Deed]] = field(default_factory=dict)
    free: int = 4
    rung: Counter[str] = field(default_factory=Counter)
    given_up: list[str] = field(default_factory=list)

    def will(self, address: str, *deeds: Deed) -> None:
        """What an address does when it is rung."""
        self.deeds[address] = list(deeds)

    async def call(self, address: str, caller: str = "", rings: Callable[[], None] = silently) -> Leg:
        """Ring it."""
        self.rung[address] += 1
        planned: Sequence[Deed] = self.deeds.get(address, [])
        deed = planned[0] if planned else Refuses(404)
        if len(planned) > 1:
            self.deeds[address].pop(0)
        await asyncio.sleep(0)
        if isinstance(deed, NoLine):
            raise LineError("cannot call: no free leg")
        if isinstance(deed, Rings):
            rings()
            await self._ring_for_ever(address)
        if isinstance(deed, Refuses):
            if deed.seconds is not None:
                self._ring(rings, deed.seconds)
            raise NotReached(deed.status)
        assert isinstance(deed, Lifts)
        self._ring(rings, deed.seconds)
        return deed.phone

    def _ring(self, rings: Callable[[], None], seconds: float) -> None:
        rings()
        self.clock.moment += timedelta(seconds=seconds)

    async def _ring_for_ever(self, address: str) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.given_up.append(address)
            raise
