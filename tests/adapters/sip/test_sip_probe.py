"""Is a telephone there? (clause 9, by the state of the telephone)"""

from __future__ import annotations

import asyncio

import pytest

from ivr.adapters.sip.probe import is_reachable


class Peer(asyncio.DatagramProtocol):
    """A telephone that answers OPTIONS with these statuses, one after another; 0: not at all."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.asked: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        text = data.decode()
        self.asked.append(text)
        status = self.statuses.pop(0) if self.statuses else 0
        same = "\r\n".join(line for line in text.split("\r\n") if line.split(":")[0] in ("Via", "Call-ID", "CSeq"))
        if status:
            self.transport.sendto(f"SIP/2.0 {status} X\r\n{same}\r\n\r\n".encode(), addr)  # type: ignore[attr-defined]


async def answer(*statuses: int) -> tuple[bool, Peer]:
    """What is found out of such a telephone."""
    transport, peer = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Peer(*statuses), local_addr=("127.0.0.1", 0)
    )
    port = transport.get_extra_info("sockname")[1]
    found = await is_reachable(f"sip:101@127.0.0.1:{port}", seconds=0.6)
    transport.close()
    return found, peer


@pytest.mark.parametrize(
    ("statuses", "there"),
    [((200,), True), ((486,), True), ((405,), True), ((404,), False), ((480,), False), ((100, 200), True), ((), False)],
)
async def test_a_telephone_is_there_when_it_answers_save_that_it_is_gone(
    statuses: tuple[int, ...], there: bool
) -> None:
    found, peer = await answer(*statuses)
    assert found is there
    assert peer.asked[0].startswith("OPTIONS sip:101@127.0.0.1:")


async def test_a_lost_question_is_asked_again() -> None:
    found, peer = await answer(0, 200)
    assert found
    assert len(peer.asked) == 2


async def test_nobody_listens_there() -> None:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Peer, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    transport.close()
    await asyncio.sleep(0)
    assert not await is_reachable(f"sip:101@127.0.0.1:{port}", seconds=0.3)
    assert not await is_reachable("no address", seconds=0.3)
