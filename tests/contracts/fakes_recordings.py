"""An archive of recordings in memory."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.errors import JournalError
from ivr.ports import RATE_HZ


class MemoryRecording:
    """The port `Recording`."""

    def __init__(self, archive: MemoryRecordings, name: str) -> None:
        self._archive, self._name = archive, name
        self._usable = bool(name) and set(name) <= set("0123456789abcdef") and name not in archive.sounds
        self._pcm = bytearray()
        self._written = 0
        self._closed = False
        if self._usable:
            archive.sounds[name] = b""

    @property
    def name(self) -> str:
        """Opaque file name."""
        return self._name

    @property
    def seconds(self) -> float:
        """Length so far."""
        return len(self._pcm) / (2 * RATE_HZ)

    @property
    def healthy(self) -> bool:
        """All that was appended is kept."""
        return self._usable and self._written == len(self._pcm)

    def append(self, pcm: bytes) -> None:
        """Add sound, unless the archive plays a full disk."""
        if self._closed:
            return
        self._pcm += pcm
        if self._usable and not self._archive.full:
            self._archive.sounds[self._name] = bytes(self._pcm)
            self._written = len(self._pcm)

    async def close(self) -> None:
        """Finish."""
        self._closed = True


class MemoryRecordings:
    """The port `Recordings`. Set `full` for a full disk."""

    def __init__(self) -> None:
        self.sounds: dict[str, bytes] = {}
        self.full = False

    def create(self, name: str) -> MemoryRecording:
        """Begin a recording."""
        return MemoryRecording(self, name)

    def read(self, name: str) -> bytes:
        """Sound of a recording."""
        if name not in self.sounds:
            raise JournalError("there is no such recording")
        return self.sounds[name]

    def repair(self) -> Mapping[str, float]:
        """Memory needs no mending."""
        return {}
