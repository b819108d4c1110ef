"""A PBX of the tests' own: citizens call out of it, operators and citizens are rung in it. One for all tests, because
the SIP library starts only once in a process.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
import pytest_asyncio

from ivr.adapters.files import wav
from ivr.adapters.sip.engine import Engine
from ivr.adapters.sip.leg import SipLeg
from ivr.adapters.sip.settings import SipSettings
from ivr.ports import FRAME_SECONDS, Frame, HungUp
from tests.interop.service import Service, eventually, make_home, tone


def free_port() -> int:
    """A UDP port nobody listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


EXCHANGE_PORT = free_port()
NOTICE_SECONDS, NOTICE_HZ = 0.6, 700.0
OPERATORS = tuple(f"sip:{number}@127.0.0.1:{EXCHANGE_PORT}" for number in (101, 102))


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The product with two operators and its trunk behind the exchange; operators are rung for 4 s."""
    home = make_home(tmp_path_factory.mktemp("desk"), ring_seconds=4.0)
    notice = home / "audio" / "prompts" / "recording_notice.wav"
    notice.write_bytes(wav.write(tone(NOTICE_SECONDS, NOTICE_HZ)))
    phone = f'no_media_seconds = 2.0\nrtp_port = 23000\ntrunk = "127.0.0.1:{EXCHANGE_PORT}"'
    tables = f'[desk]\noperators = {list(OPERATORS)}\n[desk.phones]\n"Петрова" = "{OPERATORS[0]}"'
    with Service(home, phone=phone, mode="front_desk", tables=tables, command="serve") as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def exchange() -> AsyncIterator[Engine]:
    """The PBX."""
    engine = Engine(SipSettings(port=EXCHANGE_PORT, tcp=False, rtp_port=24_000))
    await engine.start()
    yield engine
    await engine.stop()


@dataclass
class Ear:
    """One side of a conversation, listening all the time."""

    leg: SipLeg
    heard: list[bytes] = field(default_factory=list)
    over: HungUp | None = None

    def __post_init__(self) -> None:
        self._task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while self.over is None:
            event = await self.leg.next_event()
            if isinstance(event, Frame):
                self.heard.append(event.pcm)
            elif isinstance(event, HungUp):
                self.over = event

    async def ended(self) -> HungUp:
        """How the leg ended."""
        await asyncio.wait_for(asyncio.shield(self._task), 15)
        assert self.over
        return self.over

    def pitch(self, seconds: float = 1.0) -> float:
        """What tone was heard last, Hz."""
        return pitch(b"".join(self.heard[-round(seconds / FRAME_SECONDS) :]))


def pitch(pcm: bytes) -> float:
    """The strongest tone of a sound, Hz; 0 when it is silent."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    if np.abs(samples).max(initial=0) < 300:
        return 0.0
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.fft.rfftfreq(len(samples), 1 / 8000)[spectrum.argmax()])


async def call_in(exchange: Engine, desk: Service, number: str) -> Ear:
    """A citizen calls."""
    leg = await exchange.dial(f"sip:112@127.0.0.1:{desk.port}", from_uri=f"sip:{number}@127.0.0.1")
    return Ear(leg)


async def rung(exchange: Engine, count: int = 2) -> dict[str, SipLeg]:
    """Telephones that ring, by their number."""
    legs = [await asyncio.wait_for(exchange.next_leg(), 10) for _ in range(count)]
    return {leg.invite.dialled: leg for leg in legs}


def row(desk: Service, number: str) -> dict[str, object]:
    """The closed call of a number."""
    query = "SELECT * FROM call WHERE caller_number = ? AND ended_at IS NOT NULL"
    return eventually(lambda: next(iter(desk.rows(query, number)), None), 20)
