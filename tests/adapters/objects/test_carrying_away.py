"""Recordings carried into the store: whatever is away, spoiled or killed, nothing is lost and nothing stays twice."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.adapters.files import wav
from ivr.adapters.files.recordings import WavRecordings
from ivr.adapters.objects.archive import Carried, StoredRecordings
from ivr.adapters.objects.store import ObjectStore, S3Settings
from ivr.errors import JournalError, SettingsError
from tests.s3 import BentWire, S3Server

NAMES = [f"{number:032x}" for number in range(1, 4)]
SOUND = bytes(range(256)) * 250  # 4 s


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[WavRecordings]:
    disk = WavRecordings(tmp_path / "recordings")
    yield disk
    disk.close()


@pytest.fixture
def bucket(s3_server: S3Server) -> S3Settings:
    return s3_server.fresh_bucket()


async def _record(disk: WavRecordings, name: str, sound: bytes = SOUND) -> None:
    recording = disk.create(name)
    recording.append(sound)
    await recording.close()


def _here(tmp_path: Path) -> list[str]:
    return sorted(path.stem for path in (tmp_path / "recordings").glob("*.wav"))


async def test_what_is_finished_goes_and_what_is_in_progress_stays(
    disk: WavRecordings, bucket: S3Settings, tmp_path: Path
) -> None:
    await _record(disk, NAMES[0])
    talking = disk.create(NAMES[1])
    talking.append(SOUND)
    archive = StoredRecordings(disk, ObjectStore(bucket), after_seconds=0)
    assert archive.carry_away() == Carried(away=1)
    assert _here(tmp_path) == [NAMES[1]]
    assert archive.read(NAMES[0]) == archive.read(NAMES[1]) == SOUND
    assert archive.piece(NAMES[0], 44, 8) == SOUND[:8]
    await talking.close()
    assert archive.carry_away() == Carried(away=1)
    assert _here(tmp_path) == []


async def test_a_fresh_recording_waits_its_minute(disk: WavRecordings, bucket: S3Settings, tmp_path: Path) -> None:
    await _record(disk, NAMES[0])
    assert StoredRecordings(disk, ObjectStore(bucket)).carry_away() == Carried()
    assert _here(tmp_path) == [NAMES[0]]


async def test_another_machine_reads_what_was_carried_away(
    disk: WavRecordings, bucket: S3Settings, tmp_path: Path
) -> None:
    await _record(disk, NAMES[0])
    StoredRecordings(disk, ObjectStore(bucket), after_seconds=0).carry_away()
    elsewhere = StoredRecordings(WavRecordings(tmp_path / "elsewhere"), ObjectStore(bucket))
    assert elsewhere.read(NAMES[0]) == SOUND
    assert elsewhere.size(NAMES[0]) == wav.HEADER_BYTES + len(SOUND)
    elsewhere.close()


async def test_a_store_that_is_away_loses_nothing_and_is_tried_again_later_and_later(
    disk: WavRecordings, bucket: S3Settings, s3_server: S3Server, tmp_path: Path
) -> None:
    for name in NAMES:
        await _record(disk, name)
    with BentWire(s3_server.port, refuses=True) as wire:
        archive = StoredRecordings(disk, s3_server.through(wire, bucket), after_seconds=0)
        away = archive.carry_away()
        assert (away.away, away.waiting, bool(away.fault)) == (0, 3, True)
        assert archive.carry_away() == Carried(waiting=3, fault="waits before it tries again")
        assert archive.read(NAMES[0]) == SOUND  # readers look here first
        with pytest.raises(JournalError):
            archive.read("feedfeed")
        assert _here(tmp_path) == NAMES
        wire.refuses = False
        assert archive.carry_away(now=True) == Carried(away=3)
    assert _here(tmp_path) == []
    assert ObjectStore(bucket).read(f"{NAMES[2]}.wav")[wav.HEADER_BYTES :] == SOUND


async def test_what_comes_back_spoiled_stays_here_until_it_is_right(
    disk: WavRecordings, bucket: S3Settings, s3_server: S3Server, tmp_path: Path
) -> None:
    await _record(disk, NAMES[0])
    with BentWire(s3_server.port, flips_at=20_000) as wire:
        archive = StoredRecordings(disk, s3_server.through(wire, bucket), after_seconds=0)
        spoiled = archive.carry_away()
        assert (spoiled.away, spoiled.waiting) == (0, 1)
        assert "other bytes" in spoiled.fault
        assert _here(tmp_path) == [NAMES[0]]
        assert archive.read(NAMES[0]) == SOUND
        assert archive.carry_away(now=True) == Carried(away=1)  # the byte was flipped once
    assert ObjectStore(bucket).read(f"{NAMES[0]}.wav")[wav.HEADER_BYTES :] == SOUND


_CARRIES = """
    import sys
    from pathlib import Path
    from ivr.adapters.files.recordings import WavRecordings
    from ivr.adapters.objects.archive import StoredRecordings
    from ivr.adapters.objects.store import ObjectStore, S3Settings

    where = S3Settings(sys.argv[1], sys.argv[2], "key", "secret", prefix="voices")
    StoredRecordings(WavRecordings(Path(sys.argv[3])), ObjectStore(where), after_seconds=0).carry_away()
"""


@pytest.mark.parametrize("sound", [SOUND, bytes(200) + SOUND * 100], ids=["whole", "in parts"])
async def test_whoever_is_killed_in_mid_upload_carries_it_away_after_the_next_start(
    disk: WavRecordings, bucket: S3Settings, s3_server: S3Server, tmp_path: Path, sound: bytes
) -> None:
    await _record(disk, NAMES[0], sound)
    with BentWire(s3_server.port, stalls_after=len(sound) // 2) as wire:
        command = [sys.executable, "-c", textwrap.dedent(_CARRIES), f"http://127.0.0.1:{wire.port}", bucket.bucket]
        process = subprocess.Popen([*command, str(tmp_path / "recordings")])
        for _ in range(1200):
            if wire.passed == len(sound) // 2:
                break
            await asyncio.sleep(0.05)
        assert wire.passed == len(sound) // 2
        process.kill()
        process.wait()
    store = ObjectStore(bucket)
    assert store.digest(f"{NAMES[0]}.wav") is None
    assert _here(tmp_path) == [NAMES[0]]
    assert StoredRecordings(disk, store, after_seconds=0).carry_away() == Carried(away=1)
    assert store.read(f"{NAMES[0]}.wav")[wav.HEADER_BYTES :] == sound


async def test_whoever_is_killed_between_put_and_letting_go_puts_nothing_twice(
    disk: WavRecordings, bucket: S3Settings, s3_server: S3Server, tmp_path: Path
) -> None:
    await _record(disk, NAMES[0])
    archive = StoredRecordings(disk, ObjectStore(bucket), after_seconds=0)
    whole = (tmp_path / "recordings" / f"{NAMES[0]}.wav").read_bytes()
    archive.carry_away()
    (tmp_path / "recordings" / f"{NAMES[0]}.wav").write_bytes(whole)  # as it is when the end came before
    with BentWire(s3_server.port) as wire:
        again = StoredRecordings(disk, s3_server.through(wire, bucket), after_seconds=0)
        assert again.carry_away() == Carried(away=1)
        assert wire.passed < 10_000  # only questions
    assert _here(tmp_path) == []


async def test_a_recording_cut_short_by_a_kill_is_mended_before_it_goes(
    disk: WavRecordings, bucket: S3Settings, tmp_path: Path
) -> None:
    (tmp_path / "recordings" / f"{NAMES[0]}.wav").write_bytes(wav.header(0) + SOUND)
    archive = StoredRecordings(disk, ObjectStore(bucket), after_seconds=0)
    assert archive.carry_away() == Carried(away=1)
    assert archive.read(NAMES[0]) == SOUND
    assert archive.piece(NAMES[0], 0, 44) == wav.header(len(SOUND))


async def test_what_is_no_recording_is_left_alone(disk: WavRecordings, bucket: S3Settings, tmp_path: Path) -> None:
    (tmp_path / "recordings" / f"{NAMES[0]}.wav").write_bytes(b"no sound at all, but long enough to be looked at here")
    assert StoredRecordings(disk, ObjectStore(bucket), after_seconds=0).carry_away() == Carried()
    assert _here(tmp_path) == [NAMES[0]]


def test_the_rights_are_proven_and_their_lack_is_told(bucket: S3Settings, s3_server: S3Server) -> None:
    archive = ObjectStore(bucket)
    archive.prove("probe")
    assert archive.digest("probe") is None
    with pytest.raises(JournalError):
        ObjectStore(S3Settings(bucket.endpoint, "no-such-bucket", "key", "secret")).prove("probe")
    assert "secret" not in repr(S3Settings("http://x", "b", "k", "secret"))


def test_an_address_that_is_none_is_the_installers_to_mend() -> None:
    with pytest.raises((SettingsError, JournalError)):
        ObjectStore(S3Settings("https://", "", "key", "secret")).prove("probe")
