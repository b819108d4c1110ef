"""Is a telephone there? Asked by OPTIONS (RFC 3261 §11), which rings nobody. Needs no engine."""

from __future__ import annotations

import asyncio
import re
import uuid

_ADDRESS = re.compile(r"sips?:([^@;>?\s]+)@([A-Za-z0-9.-]+)(?::(\d+))?", re.ASCII)
_PORT = 5060
_GONE = (404, 408, 410, 480, 503, 604)
_TRIES = 3


class _Answers(asyncio.DatagramProtocol):
    """The first final response to our request."""

    def __init__(self, call_id: str) -> None:
        self._call_id = call_id
        self.status: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: object) -> None:
        """A response, perhaps."""
        text = data.decode("utf-8", "replace")
        found = re.match(r"SIP/2\.0 (\d{3}) ", text)
        if found and int(found[1]) >= 200 and self._call_id in text and not self.status.done():
            self.status.set_result(int(found[1]))

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there."""
        if not self.status.done():
            self.status.set_result(_GONE[0])


async def is_reachable(address: str, seconds: float = 2.0) -> bool:
    """The telephone at this SIP address answers, whatever it says, save that it is gone; over UDP only."""
    found = _ADDRESS.match(address)
    if found is None:
        return False
    host, port = found[2], int(found[3] or _PORT)
    call_id = uuid.uuid4().hex
    try:
        transport, answers = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Answers(call_id), remote_addr=(host, port)
        )
    except OSError:
        return False
    try:
        own = "{}:{}".format(*transport.get_extra_info("sockname")[:2])
        for _ in range(_TRIES):
            transport.sendto(_options(address, own, call_id))
            done, _ = await asyncio.wait({answers.status}, timeout=seconds / _TRIES)
            if done:
                return answers.status.result() not in _GONE
    finally:
        transport.close()
    return False


def _options(address: str, own: str, call_id: str) -> bytes:
    return (
        f"OPTIONS {address} SIP/2.0\r\nVia: SIP/2.0/UDP {own};rport;branch=z9hG4bK{call_id}\r\nMax-Forwards: 70\r\n"
        f"From: <sip:ivr@{own}>;tag={call_id[:8]}\r\nTo: <{address}>\r\nCall-ID: {call_id}\r\nCSeq: 1 OPTIONS\r\n"
        f"Contact: <sip:ivr@{own}>\r\nContent-Length: 0\r\n\r\n"
    ).encode()
