"""F23: SIP and SDP spoilt in every way; the engine lives, answers after each batch, and does not grow."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.figures import Figures
from tests.interop.conftest import service
from tests.interop.phone import PCMA, Phone
from tests.interop.service import Service

__all__ = ["service"]

pytestmark = pytest.mark.sip

BATCH = 500
GROWTH = 1.05
TORTURE = Path(__file__).resolve().parents[3] / "shared" / "torture"
WORDS = (
    b"sip:", b";tag=", b"Content-Length: ", b"\r\n", b"\r\n\r\n", b";branch=z9hG4bK", b"<", b">", b'"', b"%00", b"%",
    b"\x00", b"\xff\xfe", b"4294967296", b"-1", b"99999999999999999999", b"m=audio", b"c=IN IP4 ", b"a=rtpmap:",
    b"INVITE ", b"BYE ", b"CANCEL ", b"SIP/2.0", b"Via: ", b"Route: <sip:a;lr>", b"\t", b"[::1]", b"=",
)  # fmt: skip


def ordinary() -> list[bytes]:
    """Messages to be spoilt: a call's and its neighbours'."""
    offer = PCMA.format(host="127.0.0.1", rtp=40_000)
    head = (
        "{method} sip:112@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK{method}\r\n"
        "From: <sip:+79000000023@127.0.0.1>;tag=a\r\nTo: <sip:112@127.0.0.1>\r\nCall-ID: spoilt-{method}\r\n"
        "CSeq: 1 {method}\r\nContact: <sip:a@127.0.0.1:9>\r\nMax-Forwards: 70\r\n"
    )
    whole = []
    for method in ("INVITE", "OPTIONS", "BYE", "CANCEL", "ACK", "REGISTER", "SUBSCRIBE", "MESSAGE", "INFO", "UPDATE"):
        body = offer if method in ("INVITE", "UPDATE") else ""
        kind = "Content-Type: application/sdp\r\n" if body else ""
        text = f"{head.format(method=method)}{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        whole.append(text.encode())
    return whole


def seeds() -> list[bytes]:
    """Ordinary messages, and those of RFC 4475 where they are at hand."""
    return ordinary() + [path.read_bytes() for path in sorted(TORTURE.glob("*.dat"))]


def spoilt(chance: random.Random, messages: list[bytes]) -> Iterator[bytes]:
    """Messages with bytes changed, cut out, doubled, swapped with another message's, or words of SIP put in."""
    while True:
        text = bytearray(chance.choice(messages))
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(text) + 1)
            length = chance.choice((1, 1, 2, 8, 40))
            kind = chance.randrange(6)
            if kind == 0:
                text[at : at + 1] = chance.randbytes(1)
            elif kind == 1:
                del text[at : at + length]
            elif kind == 2:
                text[at:at] = text[at : at + length] * chance.choice((1, 2, 50))
            elif kind == 3:
                text[at:at] = chance.choice(WORDS)
            elif kind == 4:
                text[at : at + 4] = b""
                text[at:at] = chance.choice(WORDS) * chance.choice((1, 3))
            else:
                other = chance.choice(messages)
                text[at:] = other[min(at, len(other)) :]
            text = text or bytearray(b"\r\n")
        yield bytes(text[:60_000])


def memory(pid: int) -> int:
    """What a process holds, kB."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.split("VmRSS:")[1].split()[0])


def storm(service: Service, messages: int, seed: int, of: list[bytes]) -> tuple[int, int]:
    """Send so many spoilt messages; what the engine held a tenth of the way, and at the end, kB."""
    chance = random.Random(seed)
    stream = spoilt(chance, of)
    engine = service.pid("engine-1")
    early = 0
    for batch in range(messages // BATCH):
        with Phone(service.port) as phone:
            for _ in range(BATCH):
                phone.send(next(stream))
        with Phone(service.port) as phone:
            assert phone.alive(), f"no answer after batch {batch}"
        if batch == messages // BATCH // 10:
            early = memory(engine)
    assert service.pid("engine-1") == engine, "the engine was started anew"
    return early, memory(engine)


def takes_calls(service: Service, seconds: float = 40.0) -> bool:
    """A call is answered, once the legs that spoilt INVITEs have taken are free again."""
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        name = f"after-{time.monotonic_ns()}"
        with Phone(service.port) as phone:
            answer = phone.call(name)
            if answer.status == 200:
                phone.hang_up(name, answer)
                return True
        time.sleep(1)
    return False


@pytest.mark.parametrize("of", [ordinary, seeds])
def test_5000_spoilt_messages_leave_the_engine_alive(service: Service, of: Callable[[], list[bytes]]) -> None:
    storm(service, 2_500, 23, of())
    assert takes_calls(service)


@pytest.mark.slow
def test_a_million_spoilt_messages_leave_the_engine_alive_and_no_larger(service: Service, figures: Figures) -> None:
    early, late = storm(service, 1_000_000, 4475, seeds())
    figures("F23", f"10^6 spoilt messages: OPTIONS answered after each 500; {early} kB early, {late} kB late")
    assert takes_calls(service)
    assert late <= early * GROWTH
