"""An archive of recordings in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ivr.adapters.files import wav
from ivr.errors import JournalError
from ivr.ports import RATE_HZ


class MemoryRecording:
    """The port `Recording`."""

    def __init__(self, archive: MemoryRecordings, name: str, channels: int) -> None:
        self._archive, self._name, self._channels = archive, name, channels
        self._usable = bool(name) and set(name) <= set("0123456789abcdef") and name not in archive.sounds
        self._pcm = bytearray()
        self._written = 0
        self._closed = False
        if self._usable:
            archive.sounds[name] = b""
            archive.channels[name] = channels

    @property
    def name(self) -> str:
        """Opaque file name."""
        return self._name

    @property
    def seconds(self) -> float:
        """Length so far."""
        return len(self._pcm) / (2 * RATE_HZ * self._channels)

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
        self.channels: dict[str, int] = {}
        self.full = False

    def create(self, name: str, channels: int = 1) -> MemoryRecording:
        """Begin a recording."""
        return MemoryRecording(self, name, channels)

    def read(self, name: str, channel: int = 0) -> bytes:
        """One channel's sound of a recording."""
        if name not in self.sounds:
            raise JournalError("there is no such recording")
        sound = self.sounds[name]
        if self.channels.get(name, 1) == 1:
            return sound if channel == 0 else b""
        return b"".join(sound[at : at + 2] for at in range(2 * channel, len(sound), 4))

    def size(self, name: str) -> int:
        """Bytes as a WAV file."""
        return len(self._file(name))

    def piece(self, name: str, start: int, length: int) -> bytes:
        """Some of them."""
        return self._file(name)[start : start + length]

    def _file(self, name: str) -> bytes:
        if name not in self.sounds:
            raise JournalError("there is no such recording")
        return wav.header(len(self.sounds[name]), channels=self.channels[name]) + self.sounds[name]

    def remove(self, name: str) -> bool:
        """Forget it."""
        self.channels.pop(name, None)
        return self.sounds.pop(name, None) is not None

    def older(self, _before: datetime) -> Sequence[str]:
        """Memory knows no age: all of them."""
        return sorted(self.sounds)

    def repair(self) -> Mapping[str, float]:
        """Memory needs no mending."""
        return {}
