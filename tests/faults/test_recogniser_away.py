"""F12: the recogniser dies, hangs or runs out of memory in the middle of a sentence; the citizen's words are kept."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from ivr.adapters.speech.client import VoskRecognizer
from tests.figures import Figures
from tests.interop.caller import Caller
from tests.interop.conftest import service
from tests.interop.service import REPOSITORY, Service
from tests.interop.sound import read_wav

__all__ = ["service"]

pytestmark = pytest.mark.sip

BACK_SECONDS = 3.0
SLACK = 2  # a machine that runs the tests may be busy with others; the figure is told


def killed(pid: int) -> None:
    """As an assertion of the library would."""
    os.kill(pid, signal.SIGKILL)


def stopped(pid: int) -> None:
    """As an endless loop would."""
    os.kill(pid, signal.SIGSTOP)


def starved(pid: int) -> None:
    """No more memory from now on."""
    subprocess.run(["prlimit", "--pid", str(pid), "--as=1000000"], check=True, timeout=10)


@pytest.mark.parametrize("harm", [killed, stopped, starved])
async def test_a_sentence_survives_its_recogniser(
    service: Service, harm: Callable[[int], None], figures: Figures
) -> None:
    name, said = f"deaf-{harm.__name__}", read_wav(REPOSITORY / "tests" / "data" / "said_water.wav")
    middle = len(said) // 4 * 2
    recognizer = VoskRecognizer(str(service.data / "speech.sock"))
    assert await recognizer.healthy()
    with Caller(service.port) as caller:
        answer = caller.begin(f"{name}-1", "+79000000013")
        await asyncio.to_thread(caller.say, said[:middle])
        harmed_at = time.monotonic()
        harm(service.child("recogniser"))
        rest = asyncio.create_task(asyncio.to_thread(caller.say, said[middle:]))
        while not await recognizer.healthy(0.5):
            assert time.monotonic() - harmed_at < 10, "the recogniser does not come back"
            await asyncio.sleep(0.02)
        back = time.monotonic() - harmed_at
        await rest
        caller.end(f"{name}-1", answer)
    await recognizer.close()
    call = service.closed_call(name)
    assert call["callback_id"]
    assert "вод" in service.text(str(call["id"]))
    figures("F12", f"recogniser {harm.__name__} in mid-sentence: at work after {back:.1f} s; text and callback there")
    assert back <= BACK_SECONDS * SLACK
