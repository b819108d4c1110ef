"""`ivr evaluate --audio`: good recordings give figures, bad ones a clear line each, and nothing ends the command."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import wave
from collections.abc import Sequence
from pathlib import Path

import pytest

from ivr.adapters.files import wav
from ivr.adapters.files.settings import Settings, project_root

pytestmark = pytest.mark.speech
DATA = Path(__file__).parents[1] / "data"
SAID = {"said_yes.wav": "да", "said_water.wav": "у меня нет горячей воды"}


def evaluate(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ivr.cli.main", "evaluate", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=project_root())


def listed(directory: Path, rows: dict[str, str]) -> Path:
    lines = (json.dumps({"file": name, "text": text}, ensure_ascii=False) for name, text in rows.items())
    (directory / "transcripts.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return directory


def write(path: Path, samples: bytes, *, rate: int = 8000, channels: int = 1) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(samples)


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    for name in SAID:
        shutil.copy(DATA / name, tmp_path)
    return listed(tmp_path, SAID)


def test_figures_of_a_model_on_recordings_are_given_as_json(recordings: Path) -> None:
    done = evaluate("--audio", recordings, "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert (figures["samples"], figures["words"]) == (2, 6)
    assert figures["word_error_rate"] == 0
    assert 0 < figures["real_time_factor"] < 1
    assert figures["load_seconds"] > 0
    assert figures["recogniser_megabytes"] > 10
    assert figures["slots"]["topic"]["right"] == 100.0
    assert sum(one["words"] for one in figures["confidence"]) == 6


def test_the_same_is_told_in_words_with_what_was_heard_wrong(recordings: Path) -> None:
    listed(recordings, {**SAID, "said_yes.wav": "нет"})
    done = evaluate("--audio", recordings, "--errors")
    assert done.returncode == 0, done.stderr
    assert "сказано: нет" in done.stdout
    assert "услышано: да" in done.stdout


def test_either_phrases_or_recordings_are_measured(recordings: Path) -> None:
    for arguments in ([], [DATA, "--audio", recordings]):
        done = evaluate(*arguments)
        assert done.returncode == 2
        assert "--audio" in done.stderr


def _bad_recordings(directory: Path) -> Sequence[tuple[str, str]]:
    second = bytes(16000)
    write(directory / "rate.wav", second * 2, rate=16000)
    write(directory / "stereo.wav", second * 2, channels=2)
    write(directory / "empty.wav", b"")
    (directory / "no.wav").write_bytes(b"")
    (directory / "text.wav").write_text("not sound")
    write(directory / "hour.wav", second * 3600)
    return (
        ("rate.wav", "16000 Hz"),
        ("stereo.wav", "2 channel"),
        ("empty.wav", "no sound"),
        ("no.wav", ""),
        ("text.wav", ""),
        ("hour.wav", "3600 s long"),
        ("absent.wav", "No such file"),
    )


def test_every_recording_that_cannot_be_used_is_named_with_the_reason_at_once(recordings: Path) -> None:
    bad = _bad_recordings(recordings)
    listed(recordings, SAID | {name: "" for name, _ in bad})
    done = evaluate("--audio", recordings)
    assert done.returncode == 2
    for name, reason in bad:
        (line,) = [line for line in done.stderr.splitlines() if name in line]
        assert reason in line
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == len(bad)


def test_a_clipped_recording_is_measured_and_told_of(recordings: Path) -> None:
    pcm = memoryview(wav.parse((DATA / "said_water.wav").read_bytes()).pcm).cast("h")
    loud = b"".join(max(-32768, min(32767, sample * 40)).to_bytes(2, "little", signed=True) for sample in pcm)
    write(recordings / "loud.wav", loud)
    listed(recordings, {"loud.wav": SAID["said_water.wav"]})
    done = evaluate("--audio", recordings, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["clipped"] == ["loud.wav"]


@pytest.mark.parametrize("text", ["", "{}\n", "nonsense\n", '{"file": "said_yes.wav"}\n'])
def test_a_listing_that_cannot_be_read_is_named_with_its_line(recordings: Path, text: str) -> None:
    (recordings / "transcripts.jsonl").write_text(text, "utf-8")
    done = evaluate("--audio", recordings)
    assert done.returncode == 2
    assert "transcripts.jsonl" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_directory_without_a_listing_is_named(tmp_path: Path) -> None:
    done = evaluate("--audio", tmp_path)
    assert done.returncode == 2
    assert "transcripts.jsonl" in done.stderr


@pytest.mark.parametrize(
    "missing",
    ["am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/HCLr.fst", "graph/Gr.fst", "graph/disambig_tid.int"],
)
def test_a_model_that_lacks_a_file_is_refused_by_the_files_name(recordings: Path, tmp_path: Path, missing: str) -> None:
    model = tmp_path / "model"
    shutil.copytree(Settings().model, model)
    (model / missing).unlink()
    done = evaluate("--audio", recordings, "--model", model)
    assert done.returncode == 2
    assert missing in done.stderr
    assert "Traceback" not in done.stderr


def test_a_network_cut_off_in_the_middle_ends_the_recogniser_and_not_the_command(
    recordings: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    shutil.copytree(Settings().model, model)
    whole = (model / "am/final.mdl").read_bytes()
    (model / "am/final.mdl").write_bytes(whole[: len(whole) // 2])
    done = evaluate("--audio", recordings, "--model", model)
    assert done.returncode == 2
    assert "did not start" in done.stderr
    assert "Traceback" not in done.stderr
