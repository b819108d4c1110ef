"""A caller whose side of the conversation is written down beforehand."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from ivr.domain.call import Invite
from ivr.errors import CallerHungUp, MediaError
from ivr.ports import FRAME_BYTES, Frame, HungUp, Key, Leg, LegEvent, PlaybackEnded

QUIET = Frame(bytes(FRAME_BYTES))
LOUD = Frame(b"\x00\x20\x00\xe0" * (FRAME_BYTES // 4))


@dataclass(frozen=True, slots=True)
class Speaks:
    """So many seconds of voice."""

    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Presses:
    """Keys."""

    digits: str


@dataclass(frozen=True, slots=True)
class Leaves:
    """The end of the call."""

    no_media: bool = False


Deed = Speaks | Presses | Leaves


class FakeLeg:
    """The port `Leg`. Each deed begins with the silence after a prompt; sound runs as fast as it is asked for.

    Args:
        deeds: what the caller does, one deed a turn.
        refuses: the error of `answer`.
    """

    def __init__(self, deeds: Sequence[Deed] = (), caller: str = "", refuses: Exception | None = None) -> None:
        self.invite = Invite(leg=0, sip_call_id="fake@127.0.0.1", source="127.0.0.1:5060", caller_number=caller)
        self.played: list[bytes] = []
        self.ended = False
        self.rejected = 0
        self.joined: Leg | None = None
        self._refuses = refuses
        self._deeds = deque(deeds)
        self._events: deque[LegEvent] = deque()
        self._asked = False

    async def answer(self) -> None:
        """Begin, or fail as told."""
        if self._refuses:
            self.ended = isinstance(self._refuses, CallerHungUp | MediaError)
            raise self._refuses

    async def next_event(self) -> LegEvent:
        """What comes next; silence when the caller has nothing to do."""
        await asyncio.sleep(0)
        if self.ended:
            return HungUp(by_caller=True)
        if self._events:
            return self._events.popleft()
        if self._asked and self._deeds:
            self._asked = False
            return self._do(self._deeds.popleft())
        return QUIET

    def _do(self, deed: Deed) -> LegEvent:
        if isinstance(deed, Leaves):
            self.ended = True
            return HungUp(by_caller=not deed.no_media, no_media=deed.no_media)
        if isinstance(deed, Presses):
            self._events.extend(Key(digit) for digit in deed.digits[1:])
            return Key(deed.digits[0])
        self._events.extend([LOUD] * (round(deed.seconds * 10) - 1))
        return LOUD

    def play(self, pcm: bytes) -> int:
        """It is heard at once."""
        self.played.append(pcm)
        self._asked = True
        self._events.append(PlaybackEnded(len(self.played)))
        return len(self.played)

    def stop_playing(self) -> None:
        """Nothing lasts here."""

    def join(self, other: Leg) -> None:
        """Remember whom."""
        self.joined = other

    def reject(self, status: int, retry_after: int = 0) -> None:
        """Refused before it was answered."""
        self.rejected, self.ended = status, True

    def hang_up(self) -> None:
        """The end."""
        self.ended = True
