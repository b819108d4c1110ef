"""Both sides of a conversation beside each other."""

from __future__ import annotations

from ivr.services.stereo import StereoRecording
from tests.contracts.fakes_recordings import MemoryRecordings

NAME = "0" * 32
LEFT, RIGHT = b"\x01\x00" * 800, b"\x02\x00" * 800


async def test_the_citizen_is_left_and_the_operator_right() -> None:
    archive = MemoryRecordings()
    recording = StereoRecording(archive.create(NAME, 2))
    recording.append_right(RIGHT)
    recording.append(LEFT)
    await recording.close()
    assert (archive.read(NAME), archive.read(NAME, 1)) == (LEFT, RIGHT)
    assert recording.seconds == 0.1
    assert recording.healthy


async def test_an_operator_who_is_not_there_yet_is_silence() -> None:
    archive = MemoryRecordings()
    recording = StereoRecording(archive.create(NAME, 2))
    recording.append(LEFT)
    assert archive.read(NAME, 1) == bytes(1600)


async def test_sides_that_drift_apart_are_brought_together_again() -> None:
    archive = MemoryRecordings()
    recording = StereoRecording(archive.create(NAME, 2))
    for _ in range(100):
        recording.append_right(RIGHT)
    recording.append_right(b"\x03\x00" * 800)
    for _ in range(5):
        recording.append(LEFT)
    assert archive.read(NAME, 1)[-1600:] == b"\x03\x00" * 800
