"""Who may knock at the listeners, proven on real sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

import pytest

from ivr.adapters.sip.door import Door
from ivr.adapters.sip.settings import SipSettings

pytestmark = pytest.mark.sip


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening


def can_connect(listener: socket.socket, source: str) -> bool:
    """Whether somebody at this address gets in."""
    with socket.socket() as guest:
        guest.bind((source, 0))
        guest.settimeout(0.3)
        try:
            guest.connect(listener.getsockname())
        except TimeoutError:
            return False
        return True


def test_only_trusted_networks_get_in(listener: socket.socket) -> None:
    door = Door([IPv4Network("127.0.0.1/32"), IPv4Network("127.5.0.0/16")])
    door.guard(listener.getsockname()[1])
    assert [can_connect(listener, source) for source in ("127.0.0.1", "127.5.9.9", "127.6.0.1", "127.0.0.2")] == [
        True, True, False, False,
    ]  # fmt: skip
    door.close()


def test_nobody_gets_in_while_there_is_no_room(listener: socket.socket) -> None:
    door = Door([IPv4Network("127.0.0.0/8")])
    door.guard(listener.getsockname()[1])
    for _ in range(24):
        door.entered()
    door.turn(now=0.0)
    assert not can_connect(listener, "127.0.0.1")
    door.left(now=10.0)
    door.turn(now=10.1)
    assert not door.is_open, "the library still keeps the place of a connection that has just ended"
    door.turn(now=11.0)
    assert can_connect(listener, "127.0.0.1")
    door.close()


def test_the_allow_list_holds_addresses_and_networks() -> None:
    settings = SipSettings(trusted=("192.0.2.1", "198.51.100.0/24"))
    trusted = [settings.trusts(IPv4Address(each)) for each in ("192.0.2.1", "198.51.100.77", "192.0.2.2", "127.0.0.1")]
    assert trusted == [True, True, False, False]
