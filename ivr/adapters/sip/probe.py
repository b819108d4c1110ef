"""Is a PBX there? Asked by OPTIONS over UDP, without the SIP library (RFC 3261 §11)."""

from __future__ import annotations

import asyncio
import contextlib
import secrets

_TRIES, _WAIT_SECONDS = 3, 2.0
_SIP_PORT = 5060


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


class _Asking(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answered = asyncio.Event()

    def datagram_received(self, data: bytes, _source: object) -> None:
        if data.startswith(b"SIP/2.0 "):
            self.answered.set()


async def answers(host: str, port: int, wait_seconds: float = _WAIT_SECONDS) -> bool:
    """Any answer counts, a refusal too: somebody is there. Asked three times."""
    try:
        transport, asking = await asyncio.get_running_loop().create_datagram_endpoint(_Asking, remote_addr=(host, port))
    except OSError:
        return False
    own_host, own_port = transport.get_extra_info("sockname")[:2]
    try:
        for number in range(1, _TRIES + 1):
            transport.sendto(_options(host, port, str(own_host), int(own_port), number))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asking.answered.wait(), wait_seconds)
                return True
    finally:
        transport.close()
    return False


def _options(host: str, port: int, own_host: str, own_port: int, number: int) -> bytes:
    token = secrets.token_hex(8)
    return (
        f"OPTIONS sip:{host}:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {own_host}:{own_port};rport;branch=z9hG4bK{token}\r\n"
        f"From: <sip:ivr@{own_host}>;tag={token}\r\nTo: <sip:{host}:{port}>\r\nCall-ID: {token}\r\n"
        f"CSeq: {number} OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    ).encode()
