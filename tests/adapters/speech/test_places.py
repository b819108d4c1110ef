"""Many recognisers behind one client: the least busy first, the dead and the full passed over, nobody waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ivr.adapters.files import wav
from ivr.adapters.speech.client import VoskRecognizer
from ivr.errors import SpeechError
from tests.recogniser_process import RecogniserProcess

pytestmark = pytest.mark.speech

DATA = Path(__file__).parents[2] / "data"
WATER = wav.parse((DATA / "said_water.wav").read_bytes()).pcm
SAID = "у меня нет горячей воды"


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[RecogniserProcess]]:
    """Three recognisers; each hears two utterances at once."""
    folder = tmp_path_factory.mktemp("farm")
    processes = [RecogniserProcess(folder / f"speech-{number}.sock", options=("--most", "2")) for number in range(3)]
    yield processes
    for process in processes:
        process.stop()


@pytest.fixture
async def client(farm: list[RecogniserProcess]) -> AsyncIterator[VoskRecognizer]:
    made = VoskRecognizer([str(process.socket) for process in farm], finish_seconds=10)
    yield made
    await made.close()


async def test_callers_spread_evenly(client: VoskRecognizer) -> None:
    streams = [client.stream() for _ in range(6)]
    for stream in streams:
        stream.feed(WATER[: len(WATER) // 2])
        await asyncio.sleep(0.05)
    assert list(client.places.burdens) == [2, 2, 2]
    for stream in streams:
        stream.feed(WATER[len(WATER) // 2 :])
    assert [(await stream.finish()).text for stream in streams] == [SAID] * 6


async def test_a_full_recogniser_sends_callers_to_another(farm: list[RecogniserProcess]) -> None:
    """Two clients who know nothing of each other: the server itself says that it is full."""
    first, second = (VoskRecognizer([str(farm[0].socket), str(farm[1].socket)], finish_seconds=10) for _ in range(2))
    streams = [client.stream() for client in (first, second) for _ in range(2)]
    for stream in streams:
        stream.feed(WATER)
    assert [(await stream.finish()).text for stream in streams] == [SAID] * 4
    await first.close()
    await second.close()


async def test_when_one_dies_its_callers_are_heard_by_the_others(
    farm: list[RecogniserProcess], client: VoskRecognizer
) -> None:
    streams = [client.stream() for _ in range(3)]
    for stream in streams:
        stream.feed(WATER[: len(WATER) // 2])
        await asyncio.sleep(0.05)
    farm[0].kill()
    for stream in streams:
        stream.feed(WATER[len(WATER) // 2 :])
    assert [(await stream.finish()).text for stream in streams] == [SAID] * 3
    farm[0].start()


async def test_nobody_waits_when_all_are_away(tmp_path: Path) -> None:
    client = VoskRecognizer([str(tmp_path / f"{number}.sock") for number in range(3)])
    stream = client.stream()
    stream.feed(WATER)
    began = asyncio.get_running_loop().time()
    with pytest.raises(SpeechError):
        await stream.finish()
    assert asyncio.get_running_loop().time() - began < 1.0
