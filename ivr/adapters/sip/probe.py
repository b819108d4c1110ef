"""Is a PBX, or a telephone, there? Asked by OPTIONS over UDP, which rings nobody (RFC 3261 §11). Needs no engine."""

from __future__ import annotations

import asyncio
import re
import secrets

_ADDRESS = re.compile(r"sips?:([^@;>?\s]+)@([A-Za-z0-9.-]+)(?::(\d+))?", re.ASCII)
_SIP_PORT = 5060
_TRIES, _WAIT_SECONDS = 3, 2.0
_GONE = (404, 408, 410, 480, 503, 604)
_REFUSED = 503  # nobody listens there (ICMP)


def host_and_port(address: str) -> tuple[str, int] | None:
    """Where a trunk ("pbx:5080") or a registrar ("sip:pbx") listens over UDP; None: it speaks another transport.

    >>> host_and_port("sip:pbx.local"), host_and_port("10.0.0.2:5080"), host_and_port("sips:pbx.local")
    (('pbx.local', 5060), ('10.0.0.2', 5080), None)
    """
    if address.startswith("sips:") or "transport=" in address:
        return None
    bare = address.removeprefix("sip:").partition(";")[0].rpartition("@")[2]
    host, _, port = bare.partition(":")
    return (host, int(port) if port.isdigit() else _SIP_PORT) if host else None


async def answers(host: str, port: int, wait_seconds: float = _WAIT_SECONDS) -> bool:
    """Any answer counts, a refusal too: somebody is there. Asked three times, so many seconds each."""
    asked = await _ask(f"sip:{host}:{port}", host, port, wait_seconds)
    return asked is not None and not asked.nobody


async def is_reachable(address: str, seconds: float = _WAIT_SECONDS) -> bool:
    """The telephone at this SIP address answers, whatever it says, save that it is gone."""
    found = _ADDRESS.match(address)
    if found is None:
        return False
    asked = await _ask(address, found[2], int(found[3] or _SIP_PORT), seconds / _TRIES)
    return asked is not None and asked.status not in _GONE


class _Asking(asyncio.DatagramProtocol):
    """The first final response to our request."""

    def __init__(self, call_id: str) -> None:
        self._call_id = call_id
        self.status: int = 0
        self.nobody = False
        self.done = asyncio.Event()

    def datagram_received(self, data: bytes, _source: object) -> None:
        text = data.decode("utf-8", "replace")
        found = re.match(r"SIP/2\.0 ([2-6]\d\d) ", text)
        if found and self._call_id in text and not self.done.is_set():
            self.status = int(found[1])
            self.done.set()

    def error_received(self, _fault: Exception) -> None:
        if not self.done.is_set():
            self.status, self.nobody = _REFUSED, True
            self.done.set()


async def _ask(uri: str, host: str, port: int, wait_seconds: float) -> _Asking | None:
    call_id = secrets.token_hex(16)
    try:
        transport, asking = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Asking(call_id), remote_addr=(host, port)
        )
    except OSError:
        return None
    own = "{}:{}".format(*transport.get_extra_info("sockname")[:2])
    try:
        for number in range(1, _TRIES + 1):
            transport.sendto(_options(uri, own, call_id, number))
            try:
                await asyncio.wait_for(asking.done.wait(), wait_seconds)
            except TimeoutError:
                continue
            return asking
    finally:
        transport.close()
    return None


def _options(uri: str, own: str, call_id: str, number: int) -> bytes:
    return (
        f"OPTIONS {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {own};rport;branch=z9hG4bK{call_id}{number}\r\nMax-Forwards: 70\r\n"
        f"From: <sip:ivr@{own}>;tag={call_id[:8]}\r\nTo: <{uri}>\r\nCall-ID: {call_id}\r\nCSeq: {number} OPTIONS\r\n"
        f"Contact: <sip:ivr@{own}>\r\nContent-Length: 0\r\n\r\n"
    ).encode()
