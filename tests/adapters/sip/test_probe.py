"""Is the PBX there? Asked over real UDP."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ivr.adapters.sip.probe import answers

REFUSED = b"SIP/2.0 403 Forbidden\r\n"


class _Pbx(asyncio.DatagramProtocol):
    """Answers after so many requests, with these words."""

    def __init__(self, words: bytes, after: int) -> None:
        self.words, self.after, self.asked = words, after, []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, source: object) -> None:
        self.asked.append(data)
        if len(self.asked) > self.after:
            (call,) = re.findall(rb"Call-ID: [^\r]+\r\n", data)
            self.transport.sendto(self.words + call + b"Content-Length: 0\r\n\r\n", source)  # type: ignore[attr-defined]


@contextmanager
def _silent_port() -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as port:
        port.bind(("127.0.0.1", 0))
        yield port.getsockname()[1]


@pytest.mark.parametrize(
    ("words", "after", "there"),
    [(REFUSED, 0, True), (REFUSED, 2, True), (REFUSED, 3, False), (b"hello", 0, False)],
)
async def test_any_sip_answer_counts_and_a_lost_one_is_asked_for_again(words: bytes, after: int, there: bool) -> None:
    loop = asyncio.get_running_loop()
    transport, pbx = await loop.create_datagram_endpoint(lambda: _Pbx(words, after), local_addr=("127.0.0.1", 0))
    try:
        assert await answers("127.0.0.1", transport.get_extra_info("sockname")[1], wait_seconds=0.1) is there
    finally:
        transport.close()
    assert all(request.startswith(b"OPTIONS sip:127.0.0.1") for request in pbx.asked)


async def test_silence_a_closed_port_and_a_name_that_is_none_mean_that_nobody_is_there() -> None:
    with _silent_port() as port:
        assert not await answers("127.0.0.1", port, wait_seconds=0.05)
    assert not await answers("127.0.0.1", port, wait_seconds=0.05)
    assert not await answers("no.such.name.invalid", 5060, wait_seconds=0.05)
