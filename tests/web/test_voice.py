"""The assistant's phrases in the console: heard, replaced by one's own voice, refused, undone (clauses 7, 12)."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest

from ivr.adapters.files import wav
from ivr.adapters.files.catalog import PromptCatalog
from ivr.adapters.files.settings import project_root
from ivr.bootstrap.files import catalog_of
from tests.console_house import House
from tests.web.conftest import Browser, SignIn


def a_tone(seconds: float = 1.0, rate_hz: int = 44100, loudness: float = 0.3) -> bytes:
    """A tone of 440 Hz as a WAV file."""
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    return wav.write(np.round(loudness * np.sin(2 * np.pi * 440 * time) * 32767).astype("<i2").tobytes(), rate_hz)


def _send(client: Browser, name: str, blob: bytes, **fields: str):  # type: ignore[no-untyped-def]
    files = {"file": ("own.wav", blob, "audio/wav")}
    return client.post(f"/settings/prompts/{name}", data={"csrf": client.csrf, **fields}, files=files)


def _catalog(house: House) -> PromptCatalog:
    return catalog_of(house.console.callbacks.settings)


def test_a_recording_of_any_rate_is_heard_from_the_next_call_on(house: House, enter: SignIn) -> None:
    chief = enter("chief")
    installed = (project_root() / "audio" / "prompts" / "goodbye.wav").read_bytes()
    assert _send(chief, "goodbye", a_tone()).headers["location"] == "/settings/prompts/goodbye?said=recorded"
    heard = chief.get("/settings/prompts/goodbye/sound").content
    sound = wav.parse(heard)
    assert (sound.rate_hz, sound.channels, sound.bits) == (8000, 1, 16)
    spectrum = np.abs(np.fft.rfft(np.frombuffer(sound.pcm, "<i2")))
    assert abs(np.argmax(spectrum) * 8000 / len(sound.pcm) * 2 - 440) < 3
    assert _catalog(house).load().goodbye.pcm == sound.pcm
    assert (project_root() / "audio" / "prompts" / "goodbye.wav").read_bytes() == installed
    page = chief.get("/settings/prompts/goodbye").text
    assert hashlib.sha256(heard).hexdigest() in page
    assert "Главный И. И." in page


def test_any_version_comes_back_and_the_installers_voice_too(house: House, enter: SignIn) -> None:
    chief = enter("chief")
    first = chief.get("/settings/prompts/thanks/sound").content
    _send(chief, "thanks", a_tone(0.6))
    second = chief.get("/settings/prompts/thanks/sound").content
    _send(chief, "thanks", a_tone(0.9), says="Спасибо вам.")
    assert _catalog(house).load().thanks.text == "Спасибо вам."
    assert chief.get("/settings/prompts/thanks/sound?number=1").content == second
    chief.post("/settings/prompts/thanks/restore/1", data={"csrf": chief.csrf})
    assert chief.get("/settings/prompts/thanks/sound").content == second
    assert _catalog(house).load().thanks.text == "Спасибо, сообщение записано."
    chief.post("/settings/prompts/thanks/restore/0", data={"csrf": chief.csrf})
    assert chief.get("/settings/prompts/thanks/sound").content == first
    assert chief.post("/settings/prompts/thanks/restore/9", data={"csrf": chief.csrf}).status_code == 404


def test_the_words_of_the_regulation_stay_as_they_are(house: House, enter: SignIn) -> None:
    chief = enter("chief")
    before = _catalog(house).texts["recording_notice"]
    answer = _send(chief, "recording_notice", a_tone(), says="Мы вас записываем.")
    assert (answer.status_code, "дал регламент" in answer.text) == (409, True)
    assert _send(chief, "recording_notice", a_tone()).status_code == 303
    assert _catalog(house).texts["recording_notice"] == before
    assert 'name="says"' not in chief.get("/settings/prompts/recording_notice").text


def a_file(code: int, channels: int, rate_hz: int, bits: int, body: bytes) -> bytes:
    """A WAV file of any kind."""
    size = channels * bits // 8
    form = struct.pack("<HHIIHH", code, channels, rate_hz, rate_hz * size, size, bits)
    head = b"RIFF" + struct.pack("<I", 36 + len(body)) + b"WAVEfmt " + struct.pack("<I", 16) + form
    return head + b"data" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    ("blob", "sentence"),
    [
        (b"", "Выберите файл"), (b"MP3 or something", "WAV без сжатия"),
        (a_file(3, 1, 8000, 32, b"\0" * 32000), "WAV без сжатия"),
        (a_tone(0.1), "0.1 с"), (a_tone(121, 8000), "121"), (a_tone(loudness=0.001), "Почти ничего не слышно"),
        (wav.write(np.where(np.arange(8000) % 20 < 10, 32767, -32768).astype("<i2").tobytes()), "слишком громкая"),
    ],
    ids=["nothing", "not_wav", "coded", "short", "long", "quiet", "clipped"],
)  # fmt: skip
def test_a_bad_recording_is_refused_in_words(house: House, enter: SignIn, blob: bytes, sentence: str) -> None:
    answer = _send(enter("chief"), "goodbye", blob, says="До встречи.")
    assert (answer.status_code, sentence in answer.text) == (409, True)
    assert "До встречи." in answer.text
    assert not (house.folder / "prompts").exists()


@pytest.mark.parametrize(("bits", "channels"), [(8, 1), (16, 2), (24, 1), (24, 2), (32, 1)])
def test_every_usual_kind_of_wav_is_understood(enter: SignIn, bits: int, channels: int) -> None:
    time = np.arange(16000) / 16000
    voice = 0.3 * np.sin(2 * np.pi * 300 * time)
    if bits == 8:
        pcm = np.round(voice * 127 + 128).astype(np.uint8).repeat(channels).tobytes()
    else:
        whole = np.round(voice * (2 ** (bits - 1) - 1)).astype("<i4").repeat(channels)
        pcm = whole.view(np.uint8).reshape(-1, 4)[:, : bits // 8].tobytes()
    blob = a_file(1, channels, 16000, bits, pcm)
    chief = enter("chief")
    assert _send(chief, "goodbye", blob).status_code == 303
    sound = wav.parse(chief.get("/settings/prompts/goodbye/sound").content)
    spectrum = np.abs(np.fft.rfft(np.frombuffer(sound.pcm, "<i2")))
    assert abs(np.argmax(spectrum) * 8000 / len(sound.pcm) * 2 - 300) < 3


def test_the_curator_listens_but_records_nothing(enter: SignIn) -> None:
    curator = enter("vlasova")
    assert curator.get("/settings/prompts/goodbye/sound").headers["content-type"] == "audio/wav"
    assert _send(curator, "goodbye", a_tone()).status_code == 403
    assert enter("petrova").get("/settings/prompts").status_code == 403


def test_a_file_that_is_too_large_is_not_taken_and_other_pages_take_no_files(enter: SignIn) -> None:
    chief = enter("chief")
    assert _send(chief, "goodbye", b"\0" * (16 * 1024 * 1024 + 1)).status_code == 413
    big = {"file": ("x", b"\0" * 300_000)}
    assert chief.post("/settings/form/keeping", data={"csrf": chief.csrf}, files=big).status_code == 413


def test_no_path_leads_out_of_the_folder(house: House, enter: SignIn, tmp_path: Path) -> None:
    chief = enter("chief")
    for name in ("..%2f..%2fconsole", "../../console.toml", "nothing", "%2e%2e"):
        assert chief.get(f"/settings/prompts/{name}/sound").status_code in (404, 307)
        assert _send(chief, name, a_tone()).status_code in (404, 405, 413)
