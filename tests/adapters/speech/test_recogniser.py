"""The recogniser process and its client: real Vosk, real sockets, real kills (faults on the recogniser)."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from websockets.asyncio.client import unix_connect

from ivr.adapters.files import wav
from ivr.adapters.files.settings import Settings
from ivr.adapters.speech.client import VoskRecognizer
from ivr.adapters.speech.protocol import EOF, ProtocolError, read_answer, read_request
from ivr.ports import FRAME_BYTES
from tests.recogniser_process import RecogniserProcess

pytestmark = pytest.mark.speech
DATA = Path(__file__).parents[2] / "data"
YES_NO = ("да", "нет", "верно", "неверно")


def said(name: str) -> bytes:
    return wav.parse((DATA / f"said_{name}.wav").read_bytes()).pcm


@pytest.fixture
def process(tmp_path: Path) -> Iterator[RecogniserProcess]:
    started = RecogniserProcess(tmp_path / "speech.sock")
    yield started
    started.stop()


@pytest.fixture
async def client(process: RecogniserProcess) -> AsyncIterator[VoskRecognizer]:
    made = VoskRecognizer(str(process.socket), finish_seconds=10)
    yield made
    await made.close()


@pytest.mark.parametrize(("name", "word"), [("yes", "да"), ("no", "нет")])
async def test_offered_phrases_are_heard(client: VoskRecognizer, name: str, word: str) -> None:
    stream = client.stream(YES_NO)
    stream.feed(said(name))
    assert word in (await stream.finish()).text.split()


async def test_other_speech_is_not_forced_onto_the_offered_phrases(client: VoskRecognizer) -> None:
    stream = client.stream(YES_NO)
    stream.feed(said("other"))
    assert (await stream.finish()).text not in YES_NO


async def test_a_recogniser_killed_in_mid_utterance_and_started_anew_loses_no_word(
    process: RecogniserProcess, client: VoskRecognizer
) -> None:
    whole = (await client.transcribe(said("number"))).text
    stream, sound = client.stream(), said("number")
    stream.feed(sound[: len(sound) // 2])
    await asyncio.sleep(0.3)
    process.kill()
    stream.feed(sound[len(sound) // 2 :])
    process.start()
    assert (await stream.finish()).text == whole
    assert len(whole.split()) > 5


async def test_a_recogniser_that_hangs_is_told_apart_from_one_that_works(
    process: RecogniserProcess, client: VoskRecognizer
) -> None:
    assert await client.healthy()
    process.process.send_signal(19)  # SIGSTOP
    assert not await client.healthy(0.5)
    process.process.send_signal(18)


async def test_a_client_of_the_stock_server_is_served_as_it_expects(process: RecogniserProcess) -> None:
    """As the examples of vosk-server do: config without our own options, an answer to every message."""
    sound = said("water")
    async with unix_connect(str(process.socket), "ws://recogniser/", compression=None) as connection:
        await connection.send(json.dumps({"config": {"sample_rate": 8000}}))
        answers = []
        for at in range(0, len(sound), FRAME_BYTES):
            await connection.send(sound[at : at + FRAME_BYTES])
            answers.append(json.loads(await connection.recv()))
        await connection.send(EOF)
        last = json.loads(await connection.recv())
    assert all("partial" in answer or "text" in answer for answer in answers)
    assert last["text"] == "у меня нет горячей воды"


@pytest.mark.parametrize("message", ["", "{", "[]", '"x"', '{"config": 1}', '{"config": {"sample_rate": "fast"}}'])
async def test_a_message_that_is_none_ends_that_connection_only(
    process: RecogniserProcess, client: VoskRecognizer, message: str
) -> None:
    async with unix_connect(str(process.socket), "ws://recogniser/") as connection:
        await connection.send(message)
        await asyncio.wait_for(connection.wait_closed(), 5)
    assert await client.healthy()


@pytest.mark.parametrize(
    "config",
    [
        {"sample_rate": 1},
        {"sample_rate": 1e9},
        {"max_alternatives": 99},
        {"phrase_list": "text"},
        {"phrase_list": [1]},
        {"phrase_list": ["a"] * 3000},
    ],
)
def test_values_that_would_break_the_recogniser_are_refused(config: dict[str, object]) -> None:
    with pytest.raises(ProtocolError):
        read_request(json.dumps({"config": config}))


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", '{"text": "a", "result": [{}]}'])
def test_an_answer_that_cannot_be_read_is_an_error(answer: str) -> None:
    with pytest.raises(ProtocolError):
        read_answer(answer)


@pytest.mark.parametrize("missing", ["am/final.mdl", "graph/Gr.fst", "conf/mfcc.conf"])
def test_a_model_that_lacks_a_file_is_refused_by_name(tmp_path: Path, missing: str) -> None:
    model = tmp_path / "model"
    shutil.copytree(Settings().model, model)
    (model / missing).unlink()
    done = _check(model)
    assert done.returncode == 2
    assert missing in done.stderr


def test_a_model_of_rubbish_is_refused(tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(Settings().model, model)
    (model / "am/final.mdl").write_bytes(b"rubbish")
    assert _check(model).returncode == 2


def _check(model: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ivr.adapters.speech.server", "--model", str(model), "--check"]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
