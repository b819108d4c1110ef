"""kill -9 of an engine in the middle of its calls: nothing that was said or promised is lost (fault F1)."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ivr.adapters.files import wav
from tests.interop import sipp
from tests.interop.service import Service, eventually, make_home

pytestmark = pytest.mark.sip

LEGS = 4
LOST_SECONDS = 0.1  # what may be lost: the frame in hand
UNSEEN_SECONDS = 0.1  # between the beginning of the recording and the first frame of the tap


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Three engines under supervision; calls of up to half a minute."""
    home = make_home(tmp_path_factory.mktemp("kills"), message_seconds=60.0)
    with Service(home, phone="engines = 3\nno_media_seconds = 2.0", command="serve") as running:
        running.await_engine()
        running.await_engine()
        yield running


def kill(service: Service, engine: str, after_seconds: float) -> tuple[float, list[dict[str, Any]]]:
    """When it was killed, and all that was told until then."""
    time.sleep(after_seconds)
    os.kill(service.pid(engine), signal.SIGKILL)
    killed_at = time.monotonic()
    time.sleep(0.05)
    return killed_at, service.news_so_far()


def check_recording(sound: wav.Sound, expected_seconds: float) -> None:
    """It lasts to the end, and the caller's voice can be heard at the end."""
    assert sound.seconds >= expected_seconds - LOST_SECONDS - UNSEEN_SECONDS
    if sound.seconds > 0.5:
        tail = np.frombuffer(sound.pcm[-wav.BYTES_PER_SECOND // 10 :], "<i2").astype(float)
        assert np.sqrt((tail**2).mean()) > 100


def kill_rounds(service: Service, chatter_file: Path, rounds: int, label: str) -> int:
    """Rounds of four calls on an engine that is killed at a random moment; how many recordings were compared."""
    chance = random.Random(label)
    recordings = 0
    for number in range(rounds):
        engine = f"engine-{1 + number % 2}"
        name = f"{label}{number}"
        steps = sipp.answered(sender=f"<sip:+7900{number:05d}[call_number]@[local_ip]>") + sipp.speak(chatter_file)
        service.news_so_far()
        callers = sipp.start(service.ports[engine], name, steps, sipp.pause(60), calls=LEGS, per_second=2)
        killed_at, news = kill(service, engine, chance.uniform(2.2, 4.0))
        callers.kill()
        service.await_engine()
        calls = eventually(lambda name=name: closed(service, name))  # type: ignore[misc]
        beeps = {item["call"]: item["at"] for item in news if item.get("name") == "beep" and item["action"] == "prompt"}
        assert len({call["callback_id"] for call in calls}) == LEGS
        for call in calls:
            assert call["end"] == "interrupted"
            assert call["state"] == "promised"
            if call["id"] in beeps and killed_at - beeps[call["id"]] > LOST_SECONDS + UNSEEN_SECONDS:
                check_recording(service.sound(call["id"]), killed_at - beeps[call["id"]])
                recordings += 1
    return recordings


def closed(service: Service, name: str) -> list[dict[str, Any]] | None:
    """The calls of a round, once all are closed."""
    calls = service.calls(name)
    return calls if len(calls) == LEGS and all(call["ended_at"] for call in calls) else None


def test_24_killed_calls_keep_their_recording_row_and_callback(service: Service, chatter_file: Path) -> None:
    undisturbed = sipp.start(
        service.ports["engine-3"], "undisturbed", sipp.answered() + sipp.speak(chatter_file), sipp.pause(25), sipp.bye()
    )
    assert kill_rounds(service, chatter_file, 6, "killed") >= 20
    undisturbed.finish()
    assert service.closed_call("undisturbed")["end"] == "caller_hung_up"


@pytest.mark.slow
def test_100_killed_calls_keep_their_recording_row_and_callback(service: Service, chatter_file: Path) -> None:
    assert kill_rounds(service, chatter_file, 26, "soaked") >= 100
