"""The archive of voices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol


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
    """The archive of the callers' voices. Where it is a store in the network, reading may raise `RecordingsAway`."""

    def create(self, name: str, channels: int = 1) -> Recording:
        """Begin a recording, mode 0600; two channels come interleaved (the citizen left, the operator right).

        Never raises: on a full disk the result is not `healthy`.
        """

    def read(self, name: str, channel: int = 0) -> bytes:
        """One channel's sound of a finished recording.

        Raises:
            JournalError: there is no such recording.
        """

    def size(self, name: str) -> int:
        """Bytes of the recording as a WAV file.

        Raises:
            JournalError: there is no such recording.
        """

    def piece(self, name: str, start: int, length: int) -> bytes:
        """Some bytes of that file, fewer where it ends; a long recording is never read as a whole.

        Raises:
            JournalError: there is no such recording.
        """

    def remove(self, name: str) -> bool:
        """Destroy a recording, also a damaged one; False when there is none.

        Raises:
            JournalError: it is there and does not go.
        """

    def older(self, before: datetime) -> Sequence[str]:
        """Names of the recordings, damaged ones too, that nothing was written to since."""

    def repair(self) -> Mapping[str, float]:
        """Mend the headers of recordings cut short by a kill or a power cut; seconds by name. Done at start."""
