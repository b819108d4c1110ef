"""What every recogniser promises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ivr.adapters.files import wav
from ivr.adapters.speech.client import VoskRecognizer
from ivr.errors import SpeechError
from ivr.ports import FRAME_BYTES, Recognizer
from tests.contracts.fakes_speech import AWAY, FakeRecognizer
from tests.recogniser_process import RecogniserProcess

DATA = Path(__file__).parents[2] / "data"
SAID = "у меня нет горячей воды"
WATER = wav.parse((DATA / "said_water.wav").read_bytes()).pcm


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecogniserProcess]:
    started = RecogniserProcess(tmp_path_factory.mktemp("recogniser") / "speech.sock")
    yield started
    assert started.stop() == 0


@pytest.fixture(params=["fake", pytest.param("vosk", marks=pytest.mark.speech)])
async def recogniser(request: pytest.FixtureRequest) -> AsyncIterator[Recognizer]:
    if request.param == "fake":
        yield FakeRecognizer([SAID] * 10)
        return
    client = VoskRecognizer(str(request.getfixturevalue("process").socket))
    yield client
    await client.close()


@pytest.fixture(params=["fake", "nobody"])
def absent(request: pytest.FixtureRequest, tmp_path: Path) -> Recognizer:
    if request.param == "fake":
        return FakeRecognizer([AWAY] * 3)
    return VoskRecognizer(str(tmp_path / "nobody.sock"), finish_seconds=0.5)


async def hear(recogniser: Recognizer, pcm: bytes, phrases: tuple[str, ...] = ()) -> str:
    stream = recogniser.stream(phrases)
    for at in range(0, len(pcm), FRAME_BYTES):
        stream.feed(pcm[at : at + FRAME_BYTES])
        await asyncio.sleep(0)
    return (await stream.finish()).text


async def test_speech_becomes_text(recogniser: Recognizer) -> None:
    assert await hear(recogniser, WATER) == SAID


async def test_words_have_their_times_in_order_within_the_sound(recogniser: Recognizer) -> None:
    heard = await recogniser.transcribe(WATER)
    assert " ".join(word.text for word in heard.words) == heard.text
    times = [time for word in heard.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[-1] <= len(WATER) / 16000 + 0.2
    assert all(0 <= word.confidence <= 1 for word in heard.words)


async def test_text_grows_while_the_caller_speaks(recogniser: Recognizer) -> None:
    stream = recogniser.stream()
    seen = []
    for at in range(0, len(WATER), FRAME_BYTES):
        stream.feed(WATER[at : at + FRAME_BYTES])
        await asyncio.sleep(0.02)
        seen.append(stream.partial)
    whole = (await stream.finish()).text
    assert any(seen)
    assert whole.startswith(seen[-1].split(maxsplit=1)[0])


async def test_silence_is_no_text(recogniser: Recognizer) -> None:
    assert await hear(recogniser, bytes(FRAME_BYTES * 20)) == ""


async def test_no_sound_at_all_is_no_text(recogniser: Recognizer) -> None:
    assert (await recogniser.stream().finish()).text == ""


async def test_an_utterance_given_up_costs_nothing(recogniser: Recognizer) -> None:
    stream = recogniser.stream()
    stream.feed(WATER)
    stream.cancel()
    stream.cancel()
    assert await hear(recogniser, WATER) == SAID


async def test_two_callers_are_heard_at_once(recogniser: Recognizer) -> None:
    assert await asyncio.gather(hear(recogniser, WATER), hear(recogniser, WATER)) == [SAID, SAID]


async def test_while_the_recogniser_is_away_giving_sound_is_no_error_but_finishing_is(absent: Recognizer) -> None:
    stream = absent.stream()
    stream.feed(WATER)
    assert stream.partial == ""
    with pytest.raises(SpeechError):
        await stream.finish()


async def test_while_the_recogniser_is_away_a_recording_cannot_be_transcribed(absent: Recognizer) -> None:
    with pytest.raises(SpeechError):
        await absent.transcribe(WATER)
