"""Microphone and loudspeaker of this computer, through sounddevice."""

from __future__ import annotations

import asyncio
import collections
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from ivr.domain.call import Invite
from ivr.errors import MediaError
from ivr.ports import FRAME_BYTES, RATE_HZ, Frame, HungUp, Key, Leg, LegEvent, PlaybackEnded

_BLOCK_FRAMES = FRAME_BYTES // 2


def record(until: Callable[[], object]) -> bytes:
    """Sound of the microphone until the given call returns (a key, a time).

    Raises:
        MediaError: there is no microphone, or it does not work.
    """
    device = _sounddevice()
    pieces: list[bytes] = []
    try:
        with device.RawInputStream(
            samplerate=RATE_HZ, channels=1, dtype="int16", callback=lambda data, *_: pieces.append(bytes(data))
        ):
            until()
    except device.PortAudioError as fault:
        raise MediaError(f"the microphone does not work: {fault}") from fault
    return b"".join(pieces)


def play(pcm: bytes) -> None:
    """Play a sound to its end.

    Raises:
        MediaError: there is no loudspeaker, or it does not work.
    """
    device = _sounddevice()
    try:
        with device.RawOutputStream(samplerate=RATE_HZ, channels=1, dtype="int16") as loudspeaker:
            loudspeaker.write(pcm)
    except device.PortAudioError as fault:
        raise MediaError(f"the loudspeaker does not work: {fault}") from fault


class MicrophoneLeg:
    """A call without a telephone: fulfils `ports.Leg` with the sound devices of this computer.

    Raises:
        MediaError: from `answer`, when a device is missing.
    """

    def __init__(self) -> None:
        self.invite = Invite(leg=0, sip_call_id=f"microphone-{uuid4().hex}", source="microphone")
        self._events: asyncio.Queue[LegEvent] = asyncio.Queue()
        self._waiting: collections.deque[tuple[int, bytes]] = collections.deque()
        self._playing = b""
        self._number = 0
        self._last = 0
        self._stream: Any = None

    async def answer(self) -> None:
        """Open microphone and loudspeaker."""
        loop = asyncio.get_running_loop()
        device = _sounddevice()

        def block(heard: Any, spoken: Any, *_: object) -> None:
            """On the device's own thread, ten times a second."""
            spoken[:], ended = self._next_block(len(spoken))
            loop.call_soon_threadsafe(self._tell, Frame(bytes(heard)))
            for number in ended:
                loop.call_soon_threadsafe(self._tell, PlaybackEnded(number))

        try:
            self._stream = device.RawStream(
                samplerate=RATE_HZ, blocksize=_BLOCK_FRAMES, channels=1, dtype="int16", callback=block
            )
            self._stream.start()
        except device.PortAudioError as fault:
            raise MediaError(f"the sound devices do not work: {fault}") from fault

    async def next_event(self) -> LegEvent:
        """The next thing that happens."""
        return await self._events.get()

    def play(self, pcm: bytes) -> int:
        """Put a sound behind whatever is playing."""
        self._last += 1
        self._waiting.append((self._last, pcm))
        return self._last

    def stop_playing(self) -> None:
        """Stop the sound that is playing, and those behind it."""
        stopped = [self._number, *(number for number, _ in self._waiting)] if self._playing or self._waiting else []
        self._waiting.clear()
        self._playing = b""
        for number in stopped:
            self._tell(PlaybackEnded(number))

    def press(self, digit: str) -> None:
        """A key of the keyboard stands for a key of the telephone."""
        self._tell(Key(digit))

    def hang_up(self) -> None:
        """Close the devices."""
        if self._stream:
            self._stream.close()
            self._stream = None
        self._tell(HungUp(by_caller=False))

    def reject(self, status: int, retry_after: int = 0) -> None:
        """Nobody is refused at this desk."""
        self.hang_up()

    def join(self, other: Leg) -> None:
        """There is nobody else at this desk."""

    def _tell(self, event: LegEvent) -> None:
        self._events.put_nowait(event)

    def _next_block(self, size: int) -> tuple[bytes, list[int]]:
        ended: list[int] = []
        while not self._playing and self._waiting:
            self._number, self._playing = self._waiting.popleft()
        block, self._playing = self._playing[:size], self._playing[size:]
        if block and not self._playing:
            ended.append(self._number)
        return block.ljust(size, b"\0"), ended


def _sounddevice() -> Any:
    try:
        import sounddevice
    except OSError as fault:
        raise MediaError(f"sound needs the system package libportaudio2: {fault}") from fault
    return sounddevice
