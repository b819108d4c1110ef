"""The gate before the library: what would abort it never comes in, a request outside a dialog is judged before it
costs a leg.

The library aborts the process over a request whose two lines name different methods, and over an ACK that belongs to
nothing: a first PJSIP module, before its transactions, drops them. pjsua2 itself answers everybody, gives a leg to a
stranger before it asks us, and refuses a call over capacity without Retry-After: a second module, between its dialogs
and its application, refuses statelessly instead.
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
from ivr.adapters.sip.received import Received

log = logging.getLogger(__name__)

_BEFORE_TRANSACTIONS = 4  # PJSIP_MOD_PRIORITY_TSX_LAYER is 8
_BEFORE_APPLICATION = 32  # PJSIP_MOD_PRIORITY_DIALOG_USAGE: dialogs and transactions have had their turn
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
        self._received = Received()
        self._probe: tuple[bytes, bytes] | None = None
        self._callbacks = [_OnRequest(self._guarded(work)) for work in (self._sift, self._decide)]
        names = (b"mod-ivr-sieve", b"mod-ivr-gate")
        self._modules = [
            _Module(name=name, name_size=len(name), id=-1, priority=priority, on_rx_request=callback)
            for name, priority, callback in zip(
                names, (_BEFORE_TRANSACTIONS, _BEFORE_APPLICATION), self._callbacks, strict=True
            )
        ]  # fmt: skip
        self._headers: dict[int, _Headers] = {}

    def open(self) -> None:
        """Put the gate into the library, which must be initialised."""
        for module in self._modules:
            native.endpoint_call("pjsip_endpt_register_module", ctypes.byref(module))

    def learn(self, own_address: tuple[str, int], turn: Callable[[], None]) -> bool:
        """Learn where the library keeps what of a request, by an OPTIONS to ourselves; whether it is known.

        Args:
            turn: lets the library handle what has come; called for at most a second or so.
        """
        host, port = own_address
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((host, 0))
                own = probe.getsockname()[1]
                text = (
                    f"OPTIONS sip:{host}:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {host}:{own};rport;branch=z9hG4bKself\r\n"
                    f"From: <sip:self@{host}>;tag=self\r\nTo: <sip:self@{host}>\r\nCall-ID: self-{own}\r\n"
                    "CSeq: 1 OPTIONS\r\nMax-Forwards: 1\r\nContent-Length: 0\r\n\r\n"
                )
                address = struct.pack("<H", socket.AF_INET) + struct.pack(">H", own) + socket.inet_aton(host)
                self._probe = (text.encode(), address)
                probe.sendto(text.encode(), (host, port))
            except OSError:
                return False
            for _ in range(100):
                turn()
                if self._received.is_learnt:
                    return True
        return False

    @staticmethod
    def _guarded(work: Callable[[int], int]) -> Callable[[int], int]:
        def on_request(rdata: int) -> int:
            try:
                return work(rdata)
            except Exception:  # a SIP callback guard
                log.exception("gate failed", extra={"action": "sip_callback_failed"})
                return _NOT_OURS

        return on_request

    def _sift(self, rdata: int) -> int:
        """Drop what contradicts itself."""
        if not self._received.is_learnt:
            if self._probe:
                self._received.learn(rdata, *self._probe)
            return _NOT_OURS
        of_line, of_cseq = self._received.methods(rdata)
        return _NOT_OURS if of_line == of_cseq else _DONE

    def _decide(self, rdata: int) -> int:
        """Refuse what is not for us, or not now."""
        method = native.request_method(rdata)
        if method.upper() == "ACK":
            return _DONE
        refusal = self._judge(method, self._received.source(rdata))
        if refusal is None:
            return _NOT_OURS
        if method == "INVITE":
            self._tell(refusal, self._received.text(rdata, method))
        headers = self._retry_after(refusal.retry_after) if refusal.retry_after else None
        native.endpoint_call(
            "pjsip_endpt_respond_stateless", ctypes.c_void_p(rdata), refusal.status, None,
            ctypes.byref(headers) if headers else None, None,
        )  # fmt: skip
        return _DONE

    def _retry_after(self, seconds: int) -> _Headers:
        """A list of one header, made once and copied by the library into each response."""
        if seconds not in self._headers:
            header = _Headers.from_address(native.retry_after_header(seconds))
            head = _Headers()
            head.prev = head.next = ctypes.addressof(header)
            header.prev = header.next = ctypes.addressof(head)
            self._headers[seconds] = head
        return self._headers[seconds]
