"""The gate before the library: a request outside a dialog is judged before it costs a leg.

pjsua2 itself answers everybody, gives a leg to a stranger before it asks us, and refuses a call over capacity without
Retry-After. This PJSIP module (priority between the dialogs and the application) refuses statelessly instead.
"""

from __future__ import annotations

import ctypes
import logging
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address

from ivr.adapters.sip import native

log = logging.getLogger(__name__)

_PRIORITY = 32  # PJSIP_MOD_PRIORITY_DIALOG_USAGE: dialogs and transactions have had their turn
_LOOK_BYTES = 4600  # a received message: its buffer of 4,000 bytes, then where it came from, then what was parsed
_NOT_OURS, _DONE = 0, 1

_OnRequest = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a request is refused; `retry_after` in seconds, 0 without."""

    status: int
    retry_after: int = 0


Judge = Callable[[str, IPv4Address | None], Refusal | None]
"""Method and source (None while it cannot be told) of a request: None lets it pass."""


class _Module(ctypes.Structure):
    """`pjsip_module`, as PJSIP's public header has it."""

    _fields_ = (
        ("prev", ctypes.c_void_p),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("name_size", ctypes.c_ssize_t),
        ("id", ctypes.c_int),
        ("priority", ctypes.c_int),
        ("load_start_stop_unload", ctypes.c_void_p * 4),
        ("on_rx_request", _OnRequest),
        ("response_and_sending", ctypes.c_void_p * 4),
    )


class _Headers(ctypes.Structure):
    """Head of a list of headers; a header begins with the same two fields."""

    _fields_ = (("prev", ctypes.c_void_p), ("next", ctypes.c_void_p), ("rest", ctypes.c_void_p * 8))


class Gate:
    """Stands in the library from `open` until the library is destroyed; all on the engine's thread.

    Args:
        judge: who is refused, and how.
        tell: told of each INVITE that was refused, with its text.
    """

    def __init__(self, judge: Judge, tell: Callable[[Refusal, str], None] = lambda _refusal, _text: None) -> None:
        self._judge = judge
        self._tell = tell
        self._library = native.library()
        self._source_offset: int | None = None
        self._probe: bytes | None = None
        name = b"mod-ivr-gate"
        self._callback = _OnRequest(self._on_request)
        self._module = _Module(name=name, name_size=len(name), id=-1, priority=_PRIORITY, on_rx_request=self._callback)
        self._headers: dict[int, _Headers] = {}

    def open(self) -> None:
        """Put the gate into the library, which must be initialised."""
        native.endpoint_call("pjsip_endpt_register_module", ctypes.byref(self._module))

    def find_source(self, own_address: tuple[str, int], turn: Callable[[], None]) -> bool:
        """Learn where the library keeps a request's source, by an OPTIONS to ourselves.

        Args:
            turn: lets the library handle what has come; called for at most a second or so.
        """
        host, port = own_address
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((host, 0))
                own = probe.getsockname()[1]
                self._probe = struct.pack("<H", socket.AF_INET) + struct.pack(">H", own) + socket.inet_aton(host)
                text = (
                    f"OPTIONS sip:{host}:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {host}:{own};rport;branch=z9hG4bKself\r\n"
                    f"From: <sip:self@{host}>;tag=self\r\nTo: <sip:self@{host}>\r\nCall-ID: self-{own}\r\n"
                    "CSeq: 1 OPTIONS\r\nMax-Forwards: 1\r\nContent-Length: 0\r\n\r\n"
                )
                probe.sendto(text.encode(), (host, port))
            except OSError:
                return False
            for _ in range(100):
                turn()
                if self._source_offset is not None:
                    return True
        return False

    def _on_request(self, rdata: int) -> int:
        try:
            return self._decide(rdata)
        except Exception:  # a SIP callback guard
            log.exception("gate failed", extra={"action": "sip_callback_failed"})
            return _NOT_OURS

    def _decide(self, rdata: int) -> int:
        if self._probe and self._source_offset is None:
            place = ctypes.string_at(rdata, _LOOK_BYTES).find(self._probe)
            self._source_offset = None if place < 0 else place
        method = native.request_method(rdata)
        refusal = self._judge(method, self._source(rdata))
        if refusal is None:
            return _NOT_OURS
        if method == "INVITE":
            self._tell(refusal, self._text(rdata))
        if method != "ACK":
            headers = self._retry_after(refusal.retry_after) if refusal.retry_after else None
            native.endpoint_call(
                "pjsip_endpt_respond_stateless", ctypes.c_void_p(rdata), refusal.status, None,
                ctypes.byref(headers) if headers else None, None,
            )  # fmt: skip
        return _DONE

    @staticmethod
    def _text(rdata: int) -> str:
        """The message as it came."""
        packet = ctypes.string_at(rdata, _LOOK_BYTES)
        return packet[max(packet.find(b"INVITE "), 0) :].split(b"\0", 1)[0].decode("utf-8", "replace")

    def _source(self, rdata: int) -> IPv4Address | None:
        if self._source_offset is None:
            return None
        return IPv4Address(ctypes.string_at(rdata + self._source_offset + 4, 4))

    def _retry_after(self, seconds: int) -> _Headers:
        """A list of one header, made once and copied by the library into each response."""
        if seconds not in self._headers:
            header = _Headers.from_address(native.retry_after_header(seconds))
            head = _Headers()
            head.prev = head.next = ctypes.addressof(header)
            header.prev = header.next = ctypes.addressof(head)
            self._headers[seconds] = head
        return self._headers[seconds]
