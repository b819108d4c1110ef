"""Whose sound is taken: only the negotiated peer's (fault F11); and a peer that sends from elsewhere is not lost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from ivr.adapters.files import wav
from tests.interop.caller import Caller
from tests.interop.service import Service, tone

pytestmark = pytest.mark.sip

FRAME = 160
HERTZ = 440.0


def clean_share(pcm: bytes) -> float:
    """Share of the 20 ms frames that hold the tone and next to nothing else."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    moments = np.arange(FRAME) / wav.RATE_HZ
    axes = np.stack([np.sin(2 * np.pi * HERTZ * moments), np.cos(2 * np.pi * HERTZ * moments)])
    fitted = frames @ np.linalg.pinv(axes) @ axes
    rest = ((frames - fitted) ** 2).sum(1)
    return float(np.mean(rest < 0.05 * (frames**2).sum(1) + 1))


FLOOD = """
import random, socket, sys, time
host, port = sys.argv[1], int(sys.argv[2])
chance, number = random.Random(11), 3000
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
    mouth.bind((host, 0))
    while True:
        for _ in range(25):
            head = bytes((0x80, 8)) + (number % 65536).to_bytes(2, "big") + (number * 160).to_bytes(4, "big")
            mouth.sendto(head + b"evil" + chance.randbytes(160), ("127.0.0.1", port))
            number += 1
        time.sleep(0.02)
"""


@contextmanager
def injector(host: str, port: int) -> Iterator[None]:
    """Somebody in a process of his own who floods a leg with noise, 25 packets between two of the caller's.

    Without the lock the library takes him for the caller, and nothing of the caller is heard any more.
    """
    with subprocess.Popen([sys.executable, "-c", FLOOD, host, str(port)]) as flood:
        try:
            yield
        finally:
            flood.kill()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9"], ids=["another port", "another address"])
def test_a_flood_of_strange_sound_is_not_heard(service: Service, host: str) -> None:
    name = f"flooded-{host[-1]}"
    with Caller(service.port) as caller:
        answer = caller.begin(f"{name}-1", "+79000000011")
        with injector(host, caller.there_rtp[1]):
            caller.say(tone(5.0, HERTZ))
        caller.end(f"{name}-1", answer)
    call = service.closed_call(name)
    said = service.sound(str(call["id"])).pcm
    assert len(said) / wav.BYTES_PER_SECOND > 3
    assert clean_share(said) >= 0.98


def test_a_peer_that_sends_from_another_port_than_it_names_is_heard(service: Service) -> None:
    with Caller(service.port, mouth_of_its_own=True) as caller:
        answer = caller.begin("sideways-1", "+79000000012")
        caller.say(tone(6.0, HERTZ))
        caller.end("sideways-1", answer)
    call = service.closed_call("sideways")
    said = np.frombuffer(service.sound(str(call["id"])).pcm, "<i2")
    assert np.count_nonzero(np.abs(said) > 1000) / wav.RATE_HZ > 1
