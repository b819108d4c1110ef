"""A caller with a mouth and an ear: real RTP both ways, every moment of sound noted by the clock of this process."""

from __future__ import annotations

import re
import socket
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
    """Calls, speaks, listens.

    Attributes:
        mouth: what is left to be said, A-law.
        sounds: moments at which packets with sound came.
        there_rtp: where the other side takes RTP.

    Args:
        mouth_of_its_own: RTP is sent from another port than the description names.
    """

    def __init__(
        self, port: int, *, mouth_of_its_own: bool = False, host: str = "127.0.0.1", there: str = "127.0.0.1"
    ) -> None:
        super().__init__(port, host=host, there=there)
        self.mouth = b""
        self._lips = socket.socket(socket.AF_INET, socket.SOCK_DGRAM) if mouth_of_its_own else self._rtp
        self.sounds: list[float] = []
        self._sequence = 0
        self.there_rtp = (there, 0)
        self._talking = True
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._speak, self._hear)]

    def begin(self, name: str, number: str, display: str = "") -> Response:
        """Call; sound goes both ways when it returns."""
        self._sender = f'"{display}" <sip:{number}@{self.host}>'.encode()
        answer = self.call(name, sender=self._sender)
        port = re.search(r"m=audio (\d+)", answer.text)
        assert port, answer.text
        self.there_rtp = (self.there_rtp[0], int(port[1]))
        for thread in self._threads:
            thread.start()
        return answer

    def end(self, name: str, answer: Response) -> float:
        """Hang up; the moment of it."""
        moment = time.monotonic()
        self.hang_up(name, answer, sender=self._sender)
        self.fall_silent()
        return moment

    def await_hang_up(self, seconds: float) -> float:
        """Until the other side hangs up, which is answered; the moment of it."""
        last = time.monotonic() + seconds
        while (left := last - time.monotonic()) > 0:
            message = self.receive(left)
            if message and message.text.startswith("BYE "):
                moment = time.monotonic()
                kept = ("Via", "From", "To", "Call-ID", "CSeq")
                head = "".join(f"{name}: {message.header(name)}\r\n" for name in kept)
                self.send(f"SIP/2.0 200 OK\r\n{head}Content-Length: 0\r\n\r\n".encode())
                self.fall_silent()
                return moment
        raise AssertionError(f"not hung up within {seconds} s")

    def fall_silent(self) -> None:
        """Put the handset down without a word to anybody."""
        self._talking = False
        for thread in self._threads:
            thread.join()
        if self._lips is not self._rtp:
            self._lips.close()

    def press(self, name: str, answer: Response, keys: str) -> None:
        """Press keys, by SIP INFO."""
        for cseq, key in enumerate(keys, start=2):
            body, tag = f"Signal={key}\r\nDuration=160\r\n", self.tag(answer)
            self.request(
                "INFO", name, cseq=cseq, to_tag=tag, sender=self._sender, body=body, kind="application/dtmf-relay"
            )
            assert self.response(name, "INFO").status == 200

    def say(self, pcm: bytes) -> float:
        """Say it up to its last loud sample; the moment that went out."""
        levels = np.abs(np.frombuffer(pcm, "<i2").astype(int))
        last_loud = int(np.flatnonzero(levels > 600)[-1])
        began = time.monotonic()
        self.mouth = alaw(pcm[: 2 * last_loud])
        while self.mouth:
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
            packet, self.mouth = self.mouth[:160].ljust(160, b"\xd5"), self.mouth[160:]
            head = bytes((0x80, 8)) + self._sequence.to_bytes(2, "big") + (self._sequence * 160).to_bytes(4, "big")
            self._lips.sendto(head + b"call" + packet, self.there_rtp)
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
