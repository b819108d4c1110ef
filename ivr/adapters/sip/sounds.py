"""Sounds as files, for the library's player reads nothing else; in memory, for they may be a citizen's number."""

from __future__ import annotations

import hashlib
import tempfile
import wave
from collections import OrderedDict
from pathlib import Path

from ivr.ports import RATE_HZ

_MEMORY = "/dev/shm"  # a folder of a random name is made in it, for its owner only  # nosec B108
_KEPT = 256


class Sounds:
    """The latest ones: a number read back is a sound that nobody needs again. A player has its file open."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="ivr-", dir=_MEMORY if Path(_MEMORY).is_dir() else None)
        self._files: OrderedDict[Path, None] = OrderedDict()

    def file(self, pcm: bytes) -> Path:
        """The sound as a WAV file; the same sound is written once."""
        path = Path(self._folder.name, f"{hashlib.sha256(pcm).hexdigest()[:32]}.wav")
        if path not in self._files:
            with wave.open(str(path), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(RATE_HZ)
                file.writeframes(pcm)
        self._files[path] = None
        self._files.move_to_end(path)
        if len(self._files) > _KEPT:
            self._files.popitem(last=False)[0].unlink()
        return path

    def close(self) -> None:
        """Remove them."""
        self._folder.cleanup()
