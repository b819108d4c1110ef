"""`ivr model adapt`: a word that the model could not write is heard afterwards, and nothing else is forgotten."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.adapters.files.settings import Settings, project_root
from ivr.adapters.files.word_list import read_word_list
from ivr.adapters.sound.tts import to_telephone
from ivr.adapters.speech.adapt import adapt, letters_of
from ivr.adapters.speech.client import VoskRecognizer
from ivr.adapters.speech.model import check_model
from ivr.errors import SettingsError
from ivr.language.local_words import WordKind
from tests.recogniser_process import RecogniserProcess

needs_openfst = pytest.mark.skipif(
    shutil.which("fstcompile") is None, reason="the OpenFst tools are not installed: apt-get install libfst-tools"
)
needs_espeak = pytest.mark.skipif(
    shutil.which("espeak-ng") is None, reason="espeak-ng is not installed: apt-get install espeak-ng"
)
BUNDLED = Settings().model
LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
HEADINGS = {"surnames": "фамилии", "streets": "улицы", "places": "места", "words": "слова"}


def vocabulary(model: Path) -> set[str]:
    lines = (model / "graph/words.txt").read_text("utf-8").splitlines()
    return {line.split()[0] for line in lines}


@needs_openfst
def test_words_are_added_once_and_the_rest_of_the_model_stays(tmp_path: Path) -> None:
    words = {"щеголихина": "surname_f", "подлужкино": "place", "квадрокоптер": "", "иванова": "surname_f"}
    done = adapt(BUNDLED, words, tmp_path / "local")
    assert done.added == ("квадрокоптер", "подлужкино", "щеголихина")
    assert done.known == ("иванова",)
    assert vocabulary(tmp_path / "local") == vocabulary(BUNDLED) | set(done.added)
    assert (tmp_path / "local/am/final.mdl").read_bytes() == (BUNDLED / "am/final.mdl").read_bytes()
    assert check_model(tmp_path / "local").takes_phrases
    again = adapt(tmp_path / "local", {"каучуков": "surname_m"}, tmp_path / "local")
    assert again.added == ("каучуков",)
    assert {"каучуков", "щеголихина"} <= vocabulary(tmp_path / "local")
    assert [path.name for path in tmp_path.iterdir()] == ["local"]


@needs_openfst
@needs_espeak
@pytest.mark.speech
async def test_a_new_word_is_heard_and_the_old_ones_still_are(tmp_path: Path) -> None:
    said = "я живу в селе краснобулкино на улице советской"
    sound = _spoken(said)
    adapt(BUNDLED, {"краснобулкино": "place", "краснобулкине": "place_in"}, tmp_path / "local")
    before, after = [await _heard(model, sound, tmp_path) for model in (BUNDLED, tmp_path / "local")]
    assert "краснобулкин" not in before
    assert after.replace("краснобулкине", "краснобулкино") == said


async def _heard(model: Path, sound: bytes, folder: Path) -> str:
    process = RecogniserProcess(folder / "speech.sock", model)
    client = VoskRecognizer(str(process.socket), finish_seconds=10)
    try:
        return (await client.transcribe(sound)).text
    finally:
        await client.close()
        process.stop()


def _spoken(text: str) -> bytes:
    command = ["espeak-ng", "-v", "ru", "-s", "130", "--stdout", text]
    return to_telephone(subprocess.run(command, check=True, capture_output=True).stdout)


def test_a_letter_that_the_network_does_not_know_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        adapt(BUNDLED, {"іванова": "surname_f", "дом2": "", "вода": ""}, tmp_path / "local")
    assert len(caught.value.mistakes) == 2
    assert "іванова" in caught.value.mistakes[0]
    assert not (tmp_path / "local").exists()


@pytest.mark.parametrize("missing", ["graph/letters.txt", "graph/classes.txt", "graph/Gr.fst"])
def test_a_model_that_cannot_take_words_is_told_by_the_file_it_lacks(tmp_path: Path, missing: str) -> None:
    shutil.copytree(BUNDLED, tmp_path / "model")
    (tmp_path / "model" / missing).unlink()
    with pytest.raises(SettingsError, match=missing):
        letters_of(tmp_path / "model")


def test_a_list_tells_what_its_words_name(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    text = "Квадрокоптер\n[Фамилии]\nЩеголихин # глава\n\n[улицы]\nНово-Садовая, Малая Речная\n[places]\nМалиновка\n"
    path.write_text(text, "utf-8-sig")
    assert read_word_list(path, LETTERS, HEADINGS) == [
        ("квадрокоптер", WordKind.OTHER),
        ("щеголихин", WordKind.SURNAME),
        ("ново", WordKind.STREET),
        ("садовая", WordKind.STREET),
        ("малая", WordKind.STREET),
        ("речная", WordKind.STREET),
        ("малиновка", WordKind.PLACE),
    ]


def test_every_line_of_a_list_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("вода\nStreet\n[реки]\nдом5\n", "utf-8")
    with pytest.raises(SettingsError) as caught:
        read_word_list(path, LETTERS, HEADINGS)
    told = caught.value.mistakes
    assert [line.split(":")[1] for line in told] == ["2", "3", "4"]
    assert "street" in told[0]
    assert told[2].endswith("has no 5")


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"\xff\xfe\x00", None])
def test_a_list_without_words_or_that_is_no_text_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "words.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"words\.txt"):
        read_word_list(path, LETTERS, HEADINGS)


@needs_openfst
def test_the_command_says_what_was_added_and_how_to_use_it(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("[места]\nКраснобулкино\n", "utf-8")
    command = [sys.executable, "-m", "ivr.cli.main", "model", "adapt", str(path), "--to", str(tmp_path / "local")]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, cwd=project_root(), env={**os.environ}
    )
    assert done.returncode == 0, done.stderr
    assert "краснобулкино" in done.stdout
    assert "models/local" in done.stdout
    assert "краснобулкино" in vocabulary(tmp_path / "local")
