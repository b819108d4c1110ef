"""A caller with a mouth and an ear: real RTP both ways, every moment of sound noted by the clock of this process."""

from __future__ import annotations

import re
import threading
import time

import numpy as np

from ivr.adapters.files import wav
from tests.interop.phone import Phone, Response
from tests.interop.sound import alaw

_PACKET_SECONDS = 0.02
_SILENCE = b"\xd5" * 160
_QUIET_CODES = np.frombuffer(b"\xd5\x55\xd4\x54\xd7\x57", np.uint8)
_LOUD_SAMPLES = 40
_QUIET_SECONDS = 0.45


class Caller(Phone):
    """Calls, speaks, listens."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self._mouth = b""
        self.sounds: list[float] = []  # moments at which packets with sound came
        self._sequence = 0
        self._there_rtp = ("127.0.0.1", 0)
        self._talking = True
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._speak, self._hear)]

    def begin(self, name: str, number: str) -> Response:
        """Call; sound goes both ways when it returns."""
        self._sender = f"<sip:{number}@127.0.0.1>".encode()
        answer = self.call(name, sender=self._sender)
        port = re.search(r"m=audio (\d+)", answer.text)
        assert port, answer.text
        self._there_rtp = ("127.0.0.1", int(port[1]))
        for thread in self._threads:
            thread.start()
        return answer

    def end(self, name: str, answer: Response) -> float:
        """Hang up; the moment of it."""
        moment = time.monotonic()
        self.hang_up(name, answer, sender=self._sender)
        self._talking = False
        for thread in self._threads:
            thread.join()
        return moment

    def say(self, pcm: bytes) -> float:
        """Say it up to its last loud sample; the moment that went out."""
        levels = np.abs(np.frombuffer(pcm, "<i2").astype(int))
        last_loud = int(np.flatnonzero(levels > 600)[-1])
        began = time.monotonic()
        self._mouth = alaw(pcm[: 2 * last_loud])
        while self._mouth:
            time.sleep(_PACKET_SECONDS / 4)
        return max(began + last_loud / wav.RATE_HZ, time.monotonic() - _PACKET_SECONDS)

    def hears_after(self, moment: float, seconds: float = 10.0) -> float | None:
        """The moment of the first sound after this one."""
        last = time.monotonic() + seconds
        while time.monotonic() < last:
            if self.sounds and self.sounds[-1] > moment:
                return next(at for at in self.sounds if at > moment)
            time.sleep(0.005)
        return None

    def await_quiet(self) -> None:
        """Until the other side has finished speaking."""
        began = time.monotonic()
        while time.monotonic() - (self.sounds[-1] if self.sounds else began) < _QUIET_SECONDS:
            time.sleep(0.01)

    def _speak(self) -> None:
        due = time.monotonic()
        while self._talking:
            packet, self._mouth = self._mouth[:160].ljust(160, b"\xd5"), self._mouth[160:]
            head = bytes((0x80, 8)) + self._sequence.to_bytes(2, "big") + (self._sequence * 160).to_bytes(4, "big")
            self._rtp.sendto(head + b"call" + packet, self._there_rtp)
            self._sequence = (self._sequence + 1) % 65536
            due += _PACKET_SECONDS
            time.sleep(max(due - time.monotonic(), 0))

    def _hear(self) -> None:
        self._rtp.settimeout(0.1)
        while self._talking:
            try:
                packet = self._rtp.recv(2048)
            except TimeoutError:
                continue
            codes = np.frombuffer(packet[12:], np.uint8)
            if np.count_nonzero(~np.isin(codes, _QUIET_CODES)) > _LOUD_SAMPLES:
                self.sounds.append(time.monotonic())
