"""The telephone line: what a leg brings, and what a conversation may ask of it.

Sound is always PCM, 16-bit little-endian, mono, 8,000 Hz; a frame is 100 ms = 1,600 bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ivr.domain.call import Invite
from ivr.domain.turn import Reply
from ivr.domain.vocabulary import AttemptOutcome

RATE_HZ = 8000


FRAME_BYTES = 1600


FRAME_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Frame:
    """100 ms of the caller's sound."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class Key:
    """The caller pressed a key (RFC 4733 or SIP INFO): one of 0-9 * # A-D."""

    digit: str


@dataclass(frozen=True, slots=True)
class PlaybackEnded:
    """The sound started with this number has been played to its end or was stopped."""

    number: int


@dataclass(frozen=True, slots=True)
class HungUp:
    """The leg is over.

    Attributes:
        by_caller: the other side ended it (BYE, CANCEL); otherwise a timer or a fault of the line.
        no_media: no RTP came for the no-RTP time.
        code: last SIP status code, 200 for an ordinary BYE.
    """

    by_caller: bool
    no_media: bool = False
    code: int = 200


@dataclass(frozen=True, slots=True)
class Transfer:
    """The telephone asks that its place be taken by another (REFER, RFC 3515). Told when it begins and when it ends.

    Attributes:
        to: the address that is rung.
        leg: who is to take the place.
        answered: he has taken it.
        code: why he has not, a SIP status; 0 while he is rung.
    """

    to: str
    leg: Leg
    answered: bool = False
    code: int = 0


LegEvent = Frame | Key | PlaybackEnded | HungUp | Transfer


class Leg(Protocol):
    """One caller's media, as a telephone or a microphone gives it. All calls return at once."""

    @property
    def invite(self) -> Invite:
        """The facts of the call."""

    async def answer(self) -> None:
        """Answer (200 OK) and return when media is ready.

        Raises:
            CallerHungUp: the caller left first.
            MediaError: no media could be agreed on.
        """

    async def next_event(self) -> LegEvent:
        """The next thing that happens on the leg, in order. After `HungUp` it returns `HungUp` for ever."""

    def play(self, pcm: bytes) -> int:
        """Start playing sound to the caller, after whatever is playing; its number comes back in `PlaybackEnded`."""

    def stop_playing(self) -> None:
        """Stop what is playing; its `PlaybackEnded` still comes."""

    def hang_up(self) -> None:
        """End the leg (BYE); harmless when it is over."""

    def reject(self, status: int, retry_after: int = 0) -> None:
        """Refuse the call before it is answered; Retry-After in seconds where given."""

    def join(self, other: Leg) -> None:
        """Let this leg and another of the same engine hear each other, until one of them is over; the other's telephone
        may have its place taken by a third (`Transfer`)."""


def silently() -> None:
    """Nobody wants to know."""


class Dialler(Protocol):
    """Calls that the product itself places."""

    @property
    def free(self) -> int:
        """How many legs are free now."""

    async def call(self, address: str, caller: str = "", rings: Callable[[], None] = silently) -> Leg:
        """Ring an address until it answers; given up when the waiting task is cancelled.

        Args:
            caller: shown as the display name.
            rings: told when the telephone rings (180, 183).

        Raises:
            NotReached: refused, busy, or not there.
            LineError: no leg is free, or the address cannot be called.
        """


class Line(Protocol):
    """What a script asks of the line.

    Hang-up rule: during `listen` it is not an error (the reply so far returns with `EndedBy.HANGUP`);
    the next `play` or `listen` raises `CallerHungUp`.
    """

    async def play(self, *prompts: Prompt, until_key: bool = False) -> None:
        """Speak prompts one after another, to the end, or until the caller presses a key."""

    def record(self) -> None:
        """From here on the caller's sound is kept (clause 7: after the notice)."""

    async def listen(
        self,
        *,
        max_seconds: float,
        silence_seconds: float,
        patience_seconds: float,
        phrases: Sequence[str] = (),
        keys: int = 0,
    ) -> Reply:
        """Hear the caller out.

        Args:
            max_seconds: listen no longer than this.
            silence_seconds: this much silence after speech ends the turn.
            patience_seconds: wait this long for speech to begin.
            phrases: what is likely to be said (a yes or no), to hear it better.
            keys: this many keys, or "#", end the turn; 0: only "#" ends it.
        """


class DeskLine(Line, Protocol):
    """What the front desk asks besides."""

    @property
    def wants_callback(self) -> bool:
        """He has pressed 0: he does not wait, he wants to be called back."""

    async def ring(self, *, max_seconds: float) -> bool:
        """Ring the operators while the caller hears ringback; False when nobody answers in time or he presses 0.

        Raises:
            CallerHungUp: the caller did not wait.
        """

    async def talk(self) -> Sequence[Reply]:
        """Let caller and operator talk until one of them hangs up; what the caller said."""

    @property
    def lost_operator(self) -> bool:
        """The operator's telephone has fallen silent, and the caller is still there."""


class CallBackLine(Protocol):
    """What calling back asks of the line: the operator's telephone and the citizen's."""

    async def ring_operator(self) -> bool:
        """Ring the operator's telephone; False when he does not lift the handset."""

    async def ring_citizen(self) -> AttemptOutcome:
        """Ring the citizen while the operator hears ringback; how it ended, by SIP's own facts."""

    async def play(self, *prompts: Prompt, until_key: bool = False) -> None:
        """Speak to the citizen."""

    def record(self) -> None:
        """From here on both are recorded."""

    async def talk(self) -> Sequence[Reply]:
        """Let the two talk until one of them hangs up."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A recorded phrase: its name (file of the same name), its text for people to read, its sound."""

    name: str
    text: str
    pcm: bytes

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.pcm) / 2 / RATE_HZ

    @property
    def edition(self) -> str:
        """Which recording of the phrase this is: the beginning of the SHA-256 of its sound, hexadecimal."""
        return hashlib.sha256(self.pcm).hexdigest()[:16]
