"""Both sides of a conversation in one recording: the citizen left, the operator right."""

from __future__ import annotations

from ivr.ports import FRAME_BYTES, RATE_HZ, Recording

_MOST_WAITING = 5 * FRAME_BYTES  # the sides drift apart by less; what is older is dropped


class StereoRecording:
    """Fulfils `ports.Recording` over one with two channels. The citizen's side sets the pace.

    Args:
        both: a recording of two channels.
    """

    def __init__(self, both: Recording) -> None:
        self._both = both
        self._right = bytearray()
        self._bytes = 0

    @property
    def name(self) -> str:
        """Opaque file name."""
        return self._both.name

    @property
    def seconds(self) -> float:
        """Length so far."""
        return self._bytes / 2 / RATE_HZ

    @property
    def healthy(self) -> bool:
        """All that was appended is written."""
        return self._both.healthy

    def append(self, pcm: bytes) -> None:
        """The citizen's sound; beside it what the operator said meanwhile, or silence."""
        right = bytes(self._right[: len(pcm)]).ljust(len(pcm), b"\0")
        del self._right[: len(pcm)]
        both = bytearray(2 * len(pcm))
        both[0::4], both[1::4] = pcm[0::2], pcm[1::2]
        both[2::4], both[3::4] = right[0::2], right[1::2]
        self._both.append(bytes(both))
        self._bytes += len(pcm)

    def append_right(self, pcm: bytes) -> None:
        """The operator's sound; it waits for the citizen's of the same time."""
        self._right += pcm
        del self._right[: max(len(self._right) - _MOST_WAITING, 0)]

    async def close(self) -> None:
        """Finish the file."""
        await self._both.close()
