"""The recogniser: sound in, words out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ivr.domain.turn import HeardWord


@dataclass(frozen=True, slots=True)
class Heard:
    """A finished piece of recognised speech, times in seconds from the beginning of the stream.

    Attributes:
        alternatives: other readings of the whole of it, where the recogniser gives them.
    """

    text: str
    words: tuple[HeardWord, ...] = ()
    alternatives: tuple[str, ...] = ()


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
