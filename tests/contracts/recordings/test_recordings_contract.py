"""What every archive of recordings promises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.adapters.files.recordings import WavRecordings
from ivr.adapters.objects.archive import StoredRecordings
from ivr.adapters.objects.store import ObjectStore
from ivr.errors import JournalError
from ivr.ports import FRAME_BYTES, Recordings
from tests.contracts.fakes_recordings import MemoryRecordings

NAME = "0123456789abcdef0123456789abcdef"
FRAME = bytes(range(250)) * 6 + bytes(100)


class CarriedAtOnce(StoredRecordings):
    """Whoever reads finds what is finished in the store, and nothing of it here."""

    def read(self, name: str, channel: int = 0) -> bytes:
        """From the store."""
        self.carry_away(now=True)
        return super().read(name, channel)

    def size(self, name: str) -> int:
        """From the store."""
        self.carry_away(now=True)
        return super().size(name)


@pytest.fixture(params=["memory", "disk", "spool", "store"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Recordings]:
    if request.param == "memory":
        yield MemoryRecordings()
        return
    disk = WavRecordings(tmp_path / "recordings")
    if request.param == "disk":
        yield disk
    else:
        store = ObjectStore(request.getfixturevalue("s3_server").fresh_bucket())
        kind = CarriedAtOnce if request.param == "store" else StoredRecordings
        yield kind(disk, store, after_seconds=0)
    disk.close()


async def test_what_was_appended_is_read_back(archive: Recordings) -> None:
    recording = archive.create(NAME)
    for _ in range(7):
        recording.append(FRAME)
    await recording.close()
    assert archive.read(NAME) == FRAME * 7
    assert recording.healthy


async def test_a_recording_knows_its_name_and_its_length(archive: Recordings) -> None:
    recording = archive.create(NAME)
    assert (recording.name, recording.seconds) == (NAME, 0)
    recording.append(bytes(FRAME_BYTES))
    recording.append(bytes(FRAME_BYTES * 4))
    assert recording.seconds == pytest.approx(0.5)
    await recording.close()


async def test_a_recording_in_progress_can_be_read(archive: Recordings) -> None:
    recording = archive.create(NAME)
    recording.append(FRAME)
    assert archive.read(NAME) == FRAME
    await recording.close()


async def test_closing_twice_is_harmless_and_sound_after_it_is_ignored(archive: Recordings) -> None:
    recording = archive.create(NAME)
    recording.append(FRAME)
    await recording.close()
    recording.append(FRAME)
    await recording.close()
    assert archive.read(NAME) == FRAME
    assert recording.healthy


async def test_a_recording_without_sound_is_empty(archive: Recordings) -> None:
    await archive.create(NAME).close()
    assert archive.read(NAME) == b""


async def test_two_recordings_at_once_do_not_mix(archive: Recordings) -> None:
    first, second = archive.create("aaaaaaaa"), archive.create("bbbbbbbb")
    for _ in range(3):
        first.append(FRAME)
        second.append(bytes(FRAME_BYTES))
    await first.close()
    await second.close()
    assert archive.read("aaaaaaaa") == FRAME * 3
    assert archive.read("bbbbbbbb") == bytes(FRAME_BYTES) * 3


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a/b", "ABCDEF0123", "0123456789.wav", "\0" * 8, "я" * 8])
async def test_a_name_that_is_not_opaque_is_never_healthy_nor_read(archive: Recordings, name: str) -> None:
    recording = archive.create(name)
    recording.append(FRAME)
    await recording.close()
    assert not recording.healthy
    assert recording.seconds == pytest.approx(0.1)
    with pytest.raises(JournalError):
        archive.read(name)


async def test_a_recording_is_never_written_over(archive: Recordings) -> None:
    first = archive.create(NAME)
    first.append(FRAME)
    await first.close()
    second = archive.create(NAME)
    second.append(bytes(FRAME_BYTES))
    await second.close()
    assert not second.healthy
    assert archive.read(NAME) == FRAME


def test_a_recording_that_was_never_made_is_not_found(archive: Recordings) -> None:
    with pytest.raises(JournalError):
        archive.read("feedfeed")


def test_repair_of_an_archive_in_order_mends_nothing(archive: Recordings) -> None:
    assert archive.repair() == {}


async def test_two_channels_are_read_back_one_by_one(archive: Recordings) -> None:
    recording = archive.create(NAME, 2)
    recording.append(b"\x01\x00\x02\x00" * 800)
    await recording.close()
    assert archive.read(NAME) == b"\x01\x00" * 800
    assert archive.read(NAME, 1) == b"\x02\x00" * 800
    assert recording.seconds == 0.1


async def test_a_mono_recording_has_no_second_channel(archive: Recordings) -> None:
    recording = archive.create(NAME)
    recording.append(FRAME)
    await recording.close()
    assert archive.read(NAME, 1) == b""


async def test_a_recording_is_read_piece_by_piece_as_a_file(archive: Recordings) -> None:
    recording = archive.create(NAME)
    recording.append(FRAME * 3)
    await recording.close()
    assert archive.size(NAME) == 44 + 3 * len(FRAME)
    assert archive.piece(NAME, 0, 4) == b"RIFF"
    assert archive.piece(NAME, 44, len(FRAME)) == FRAME
    assert archive.piece(NAME, 44 + 2 * len(FRAME), 10**9) == FRAME
    assert archive.piece(NAME, 10**9, 5) == b""


@pytest.mark.parametrize("name", ["feedfeed", "../../etc/passwd", ""])
def test_pieces_of_what_is_no_recording_are_refused(archive: Recordings, name: str) -> None:
    with pytest.raises(JournalError):
        archive.size(name)
    with pytest.raises(JournalError):
        archive.piece(name, 0, 10)


async def test_an_erased_recording_is_not_found_and_erasing_twice_is_harmless(archive: Recordings) -> None:
    recording = archive.create(NAME)
    recording.append(FRAME)
    await recording.close()
    assert archive.read(NAME) == FRAME
    archive.remove(NAME)
    archive.remove(NAME)
    with pytest.raises(JournalError):
        archive.read(NAME)
    with pytest.raises(JournalError):
        archive.size(NAME)
