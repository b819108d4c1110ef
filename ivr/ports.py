"""All that the application asks of the world, on one page.

Sound is always PCM, 16-bit little-endian, mono, 8,000 Hz; a frame is 100 ms = 1,600 bytes.
Each port has its real fulfilment in `ivr.adapters` and a fake beside its contract tests in `tests/contracts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.domain.attempt import Attempt
from ivr.domain.call import Call, Invite
from ivr.domain.callback import Callback
from ivr.domain.case import Case
from ivr.domain.message import Message
from ivr.domain.report import LoadDay, Period, Promise
from ivr.domain.turn import HeardWord, Reply, Turn

RATE_HZ = 8000
FRAME_BYTES = 1600
FRAME_SECONDS = 0.1


# ---------------------------------------------------------------- time


class Clock(Protocol):
    """What time it is; only entry points ask."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""


# ---------------------------------------------------------------- the telephone


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


LegEvent = Frame | Key | PlaybackEnded | HungUp


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


# ---------------------------------------------------------------- speech


@dataclass(frozen=True, slots=True)
class Heard:
    """A finished piece of recognised speech, times in seconds from the beginning of the stream."""

    text: str
    words: tuple[HeardWord, ...] = ()


class SpeechStream(Protocol):
    """One utterance being recognised as it comes in."""

    def feed(self, pcm: bytes) -> None:
        """Give sound; never waits. Sound given while the recogniser is away is dropped (the recording has it)."""

    @property
    def partial(self) -> str:
        """All that is understood so far, unfinished words included."""

    async def finish(self) -> Heard:
        """The whole text.

        Raises:
            SpeechError: the recogniser was away or broke during the utterance.
        """

    def cancel(self) -> None:
        """Give the stream up; harmless after `finish`."""


class Recognizer(Protocol):
    """Speech to text, offline."""

    def stream(self, phrases: Sequence[str] = ()) -> SpeechStream:
        """Begin an utterance; returns at once. Phrases narrow the vocabulary ("[unk]" is added for other speech)."""

    async def transcribe(self, pcm: bytes) -> Heard:
        """Text of a finished recording (for the sweep).

        Raises:
            SpeechError: the recogniser is away.
        """


# ---------------------------------------------------------------- keeping


class Recording(Protocol):
    """A recording being written; whatever is appended is playable though the process be killed."""

    @property
    def name(self) -> str:
        """Opaque file name."""

    @property
    def seconds(self) -> float:
        """Length so far."""

    def append(self, pcm: bytes) -> None:
        """Add sound; never waits for the disk. A full disk is told by `healthy`, never by an exception."""

    @property
    def healthy(self) -> bool:
        """All that was appended is written."""

    async def close(self) -> None:
        """Finish the file; harmless twice."""


class Recordings(Protocol):
    """The archive of the callers' voices."""

    def create(self, name: str) -> Recording:
        """Begin a recording, mode 0600. Never raises: on a full disk the result is not `healthy`."""

    def read(self, name: str) -> bytes:
        """Sound of a finished recording.

        Raises:
            JournalError: there is no such recording.
        """

    def repair(self) -> Mapping[str, float]:
        """Mend the headers of recordings cut short by a kill or a power cut; seconds by name. Done at start."""


class Journal(Protocol):
    """The journal of calls, messages and callbacks. Each method is one transaction, and may be repeated safely."""

    async def open(self, call: Call) -> None:
        """The row exists before a word is said; its callback is promised when the caller's number is known."""

    async def progress(self, call: Call, turns: Sequence[Turn]) -> None:
        """Keep what is known so far, so that a killed engine loses no fact."""

    async def close(
        self, call: Call, turns: Sequence[Turn], message: Message | None, callback: Callback | None
    ) -> None:
        """End the call: one transaction for the call, its turns, its message and its callback.

        A callback for a number that already has an open one at this municipality is merged into it
        (interpretation 5): one callback with a counter, the earliest deadline, all recordings.
        """

    async def unfinished(self, engine: str) -> Sequence[tuple[Call, Sequence[Turn]]]:
        """Calls of an engine that were opened but never closed (the engine died)."""

    async def callbacks(
        self, municipality: str | None = None, *, open_only: bool = True
    ) -> Sequence[tuple[Callback, Message]]:
        """The operators' list, by legal deadline, then arrival."""

    async def untranscribed(self, limit: int = 20) -> Sequence[tuple[Call, Sequence[Turn], Message]]:
        """Messages with turns that the recogniser never saw, oldest first."""

    async def transcribed(self, call: Call, turns: Sequence[Turn], message: Message, callback: Callback | None) -> None:
        """Keep the text made later. Fields a person has corrected stay as they are."""


# ---------------------------------------------------------------- reports


class ReportSource(Protocol):
    """What the reports are made of. Reading may take seconds: never on the loop's thread."""

    def count(self, municipality: str, period: Period) -> int:
        """How many messages a period has."""

    def messages(self, municipality: str, period: Period) -> Iterator[Message]:
        """Messages by start of call, a few at a time, so that a year needs no more memory than a day."""

    def load(self, municipality: str, period: Period) -> Sequence[LoadDay]:
        """The load of each day that had any."""

    def promises(self, municipality: str, period: Period) -> Sequence[Promise]:
        """The callbacks that fell due in a period."""


class CallbackBook(Protocol):
    """The operators' side of the journal: promises and what becomes of them."""

    async def find(self, callback: str) -> Case | None:
        """All that is known of one promise."""

    async def keep(
        self, seen: int, callback: Callback, attempt: Attempt | None = None, messages: Sequence[Message] = ()
    ) -> bool:
        """Keep a step in one transaction: the promise, its attempt, the operators' columns of its rows.

        Args:
            seen: the version the step was decided upon.

        Returns:
            False, and nothing is kept, when somebody else made a step since: of several, one wins.
        """

    async def owed(self, municipality: str, number: str) -> Sequence[Callback]:
        """Open promises to one number."""

    async def held(self) -> Sequence[Callback]:
        """Promises that somebody has taken, or that are being dialled."""

    async def kin(self, message: Message, since: datetime) -> Sequence[Message]:
        """Earlier rows of the same phone or the same name: those since a moment, and the open ones."""


# ---------------------------------------------------------------- watching

Announce = Callable[[str, Mapping[str, object]], None]
"""Tells the live board (or the demo) what happens: an action's name and its facts. Never written to a log."""
