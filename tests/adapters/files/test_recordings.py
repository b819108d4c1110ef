"""The archive on a disk that is full, killed under our hands, or damaged."""

from __future__ import annotations

import io
import os
import random
import signal
import stat
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.adapters.files import wav
from ivr.adapters.files.recordings import WavRecordings
from ivr.errors import SettingsError

NAME = "0123456789abcdef"
FRAME = b"\x12\x34" * 800


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[WavRecordings]:
    made = WavRecordings(tmp_path / "voices")
    yield made
    made.close()


def _playable_seconds(path: Path) -> float:
    """As a stranger's player sees it: the header is believed."""
    with wave.open(io.BytesIO(path.read_bytes())) as file:
        return len(file.readframes(file.getnframes())) / 16000


async def test_only_the_owner_may_read_the_archive(archive: WavRecordings, tmp_path: Path) -> None:
    recording = archive.create(NAME)
    recording.append(FRAME)
    assert stat.S_IMODE((tmp_path / "voices").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "voices" / f"{NAME}.wav").stat().st_mode) == 0o600
    await recording.close()


WRITER = """
import sys, time, asyncio
from pathlib import Path
from ivr.adapters.files.recordings import WavRecordings
recording = WavRecordings(Path(sys.argv[1])).create(sys.argv[2])
frames = 0
while True:
    recording.append(bytes([frames % 250 + 1]) * 1600)
    frames += 1
    print(frames, flush=True)
    time.sleep(0.001)
"""


@pytest.mark.parametrize("_round", range(20))
def test_a_killed_recording_is_playable_to_its_last_tenth_of_a_second(_round: int, tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), NAME], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    writer.stdout.readline()
    time.sleep(random.uniform(0, 0.2))
    os.kill(writer.pid, signal.SIGKILL)
    told = [1, *(int(line) for line in writer.stdout.read().decode().split())]
    writer.wait()
    writer.stdout.close()
    path = tmp_path / f"{NAME}.wav"
    assert _playable_seconds(path) >= (max(told) - 1) / 10, "playable as it is, before any repair"
    archive = WavRecordings(tmp_path)
    archive.repair()
    assert _playable_seconds(path) >= max(told) / 10
    assert archive.read(NAME)[:1600] == b"\x01" * 1600
    assert archive.quarantined == ()


def test_lengths_left_at_nothing_are_mended(archive: WavRecordings, tmp_path: Path) -> None:
    path = tmp_path / "voices" / f"{NAME}.wav"
    path.write_bytes(wav.header(0) + FRAME * 5 + b"\x01")
    assert archive.repair() == {NAME: pytest.approx(0.5)}
    assert _playable_seconds(path) == pytest.approx(0.5)
    assert archive.repair() == {}


def test_a_stereo_recording_cut_short_is_mended_as_stereo(archive: WavRecordings, tmp_path: Path) -> None:
    path = tmp_path / "voices" / f"{NAME}.wav"
    path.write_bytes(wav.header(0, channels=2) + FRAME * 6 + b"\x01\x02\x03")
    assert archive.repair() == {NAME: pytest.approx(0.3)}
    assert wav.parse(path.read_bytes()).channels == 2
    assert len(archive.read(NAME, 1)) == 3 * 1600


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(cut=st.integers(0, 60), junk=st.binary(max_size=60))
def test_a_file_cut_or_spoiled_anywhere_never_breaks_the_repair(
    archive: WavRecordings, tmp_path: Path, cut: int, junk: bytes
) -> None:
    voices = tmp_path / "voices"
    (voices / "aaaaaaaa.wav").write_bytes(wav.write(FRAME)[:cut])
    (voices / "bbbbbbbb.wav").write_bytes(junk)
    archive.repair()
    for path in voices.glob("*.wav"):
        _playable_seconds(path)
    assert (voices / "aaaaaaaa.wav").exists(), "a recording of ours is mended, however short"


def test_damaged_files_are_set_aside_and_named(archive: WavRecordings, tmp_path: Path) -> None:
    voices = tmp_path / "voices"
    (voices / "aaaaaaaa.wav").write_bytes(b"\xff" * 500)
    (voices / "bbbbbbbb.wav").symlink_to("/etc/hostname")
    (voices / "cccccccc.wav").mkdir()
    (voices / "dddddddd.wav").write_bytes(wav.write(FRAME))
    assert archive.repair() == {}
    assert archive.quarantined == ("aaaaaaaa.wav", "bbbbbbbb.wav", "cccccccc.wav")
    assert sorted(path.name for path in voices.glob("*.wav")) == ["dddddddd.wav"]
    assert len(list((voices / "damaged").iterdir())) == 3


async def test_repair_leaves_a_recording_in_progress_alone(archive: WavRecordings, tmp_path: Path) -> None:
    recording = archive.create(NAME)
    recording.append(FRAME)
    path = tmp_path / "voices" / f"{NAME}.wav"
    with path.open("r+b") as file:
        file.write(wav.header(0))
    assert WavRecordings(tmp_path / "voices").repair() == {}
    recording.append(FRAME)
    assert _playable_seconds(path) == pytest.approx(0.2)
    await recording.close()


async def test_sound_is_synced_within_half_a_second(archive: WavRecordings, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = threading.Event()
    monkeypatch.setattr(os, "fdatasync", lambda _fd: synced.set())
    recording = archive.create(NAME)
    recording.append(FRAME)
    assert synced.wait(0.6)
    synced.clear()
    recording.append(FRAME)
    assert synced.wait(0.6)
    await recording.close()


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_a_closed_recording_is_synced_and_its_file_closed(archive: WavRecordings, tmp_path: Path) -> None:
    before = _open_files()
    recordings = [archive.create(f"{number:08x}") for number in range(20)]
    for recording in recordings:
        recording.append(FRAME)
        await recording.close()
    assert _open_files() == before


async def test_closing_after_the_archive_is_closed_still_ends(tmp_path: Path) -> None:
    archive = WavRecordings(tmp_path)
    recording = archive.create(NAME)
    recording.append(FRAME)
    archive.close()
    await recording.close()
    assert archive.read(NAME) == FRAME


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "tiny"
    place.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(place)], check=False, capture_output=True
    )
    if mount.returncode:
        pytest.skip("a small disk needs the right to mount one")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def _enlarge(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=1m", str(disk)], check=True)


async def test_a_full_disk_is_told_and_what_it_did_not_take_is_written_later(tiny_disk: Path) -> None:
    archive = WavRecordings(tiny_disk / "voices")
    (tiny_disk / "ballast").write_bytes(bytes(30_000))
    recording = archive.create(NAME)
    for _ in range(40):
        recording.append(FRAME)
    assert not recording.healthy
    assert recording.seconds == pytest.approx(4)
    assert archive.free_share() == 0
    assert 0 < _playable_seconds(tiny_disk / "voices" / f"{NAME}.wav") < 4
    _enlarge(tiny_disk)
    recording.append(FRAME)
    assert recording.healthy
    await recording.close()
    assert archive.read(NAME) == FRAME * 41
    assert 0.5 < archive.free_share() < 1
    archive.close()


async def test_a_disk_full_from_the_beginning_breaks_nothing(tiny_disk: Path) -> None:
    archive = WavRecordings(tiny_disk)
    (tiny_disk / "ballast").write_bytes(bytes(65536))
    recording = archive.create(NAME)
    recording.append(FRAME)
    assert not recording.healthy
    await recording.close()
    assert archive.repair() is not None
    archive.close()


async def test_a_directory_that_vanishes_breaks_nothing(archive: WavRecordings, tmp_path: Path) -> None:
    (tmp_path / "voices").rmdir()
    recording = archive.create(NAME)
    recording.append(FRAME)
    assert not recording.healthy
    assert archive.free_share() == 0
    assert archive.repair() == {}
    await recording.close()


def test_a_place_that_cannot_be_used_is_a_matter_of_settings(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="file"):
        WavRecordings(tmp_path / "file" / "voices")
