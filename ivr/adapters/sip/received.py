"""What the library keeps of a received request: its source, its text, the method as its two lines name it.

The places are those of PJSIP's public headers (`pjsip_rx_data`, `pjsip_msg`, `pjsip_cseq_hdr`); where the build at hand
has them is learnt from a request to ourselves, and proven by what stands there.
"""

from __future__ import annotations

import ctypes
import struct
from ipaddress import IPv4Address

_LOOK_BYTES = 4600  # a received message: its buffer of 4,000 bytes, then where it came from, then what was parsed
_WORD = 8
_MESSAGE, _CSEQ = 2 * _WORD, 8 * _WORD  # pointers in msg_info, counted from msg_buf
_METHOD_OF_LINE, _METHOD_OF_CSEQ = 8, 72  # a method: a number, then its name as pointer and length


class Received:
    """Where things are; nothing is known before `learn`."""

    def __init__(self) -> None:
        self._source = self._parsed = -1

    @property
    def is_learnt(self) -> bool:
        """The places are known and proven."""
        return self._parsed >= 0

    def learn(self, rdata: int, text: bytes, address: bytes) -> bool:
        """Find the places in a request whose text and source address (`sockaddr_in`) are known; False: it is another
        request, or the build is another."""
        memory = ctypes.string_at(rdata, _LOOK_BYTES)
        packet, source = memory.find(text), memory.find(address)
        if packet < 0 or source < 0:
            return False
        pointer = struct.pack("<Q", rdata + packet)
        words = range(source // _WORD * _WORD, _LOOK_BYTES - _WORD, _WORD)
        parsed = next((at for at in words if memory[at : at + _WORD] == pointer), -1)
        if parsed < 0:
            return False
        self._source, self._parsed = source, parsed
        if self.methods(rdata) == (text.split(b" ", 1)[0],) * 2:
            return True
        self._source = self._parsed = -1
        return False

    def source(self, rdata: int) -> IPv4Address | None:
        """Where it came from; None while that cannot be told."""
        return IPv4Address(ctypes.string_at(rdata + self._source + 4, 4)) if self.is_learnt else None

    def methods(self, rdata: int) -> tuple[bytes, bytes]:
        """The method of the request line and that of CSeq, which must be the same (RFC 3261 §8.1.1.5)."""
        at = rdata + self._parsed
        return _method(_pointer(at + _MESSAGE) + _METHOD_OF_LINE), _method(_pointer(at + _CSEQ) + _METHOD_OF_CSEQ)

    @staticmethod
    def text(rdata: int, method: str) -> str:
        """The message as it came."""
        packet = ctypes.string_at(rdata, _LOOK_BYTES)
        return packet[max(packet.find(f"{method} ".encode()), 0) :].split(b"\0", 1)[0].decode("utf-8", "replace")


def _pointer(place: int) -> int:
    return ctypes.c_uint64.from_address(place).value


def _method(place: int) -> bytes:
    name, length = _pointer(place + _WORD), ctypes.c_ssize_t.from_address(place + 2 * _WORD).value
    return ctypes.string_at(name, length) if name and 0 < length <= _LOOK_BYTES else b""
