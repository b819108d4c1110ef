"""Recordings by pieces: Range, bounded answers, and the seconds of each in the access log (faults F26, F37)."""

from __future__ import annotations

import pytest

from ivr.adapters.files import wav
from ivr.services.listening import PIECE_BYTES
from tests.console_house import House
from tests.seeding import SAMPLE
from tests.web.conftest import SignIn


@pytest.fixture
def sound(house: House) -> bytes:
    """What the first row's recording holds."""
    assert (house.folder / "recordings" / f"{house.rows[0]}.wav").read_bytes() == SAMPLE.read_bytes()
    return SAMPLE.read_bytes()


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-", 0, None), ("bytes=100-199", 100, 199), ("bytes=1000-", 1000, None), ("bytes=-50", -50, None),
     ("bytes=0-99999999", 0, None)],
)  # fmt: skip
def test_ranges_are_answered_as_rfc_9110_says(
    house: House, enter: SignIn, sound: bytes, asked: str, first: int, last: int | None
) -> None:
    answer = enter("petrova").get(f"/recordings/{house.rows[0]}", headers={"Range": asked})
    start = first if first >= 0 else len(sound) + first
    end = min(len(sound) if last is None else last + 1, start + PIECE_BYTES)
    assert answer.status_code == 206
    assert answer.content == sound[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(sound)}"
    assert answer.headers["content-type"] == "audio/wav"


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=5-2"])
def test_what_is_not_there_is_said_so(house: House, enter: SignIn, asked: str) -> None:
    assert enter("petrova").get(f"/recordings/{house.rows[0]}", headers={"Range": asked}).status_code == 416


MANY = "bytes=0-0,5-9," + ",".join(f"{n}-{n}" for n in range(500))


@pytest.mark.parametrize("asked", [MANY, "lines=1-2", "bytes=--", ""])
def test_abuse_of_ranges_gets_one_bounded_piece(house: House, enter: SignIn, asked: str) -> None:
    answer = enter("petrova").get(f"/recordings/{house.rows[0]}", headers={"Range": asked})
    assert len(answer.content) <= PIECE_BYTES
    assert "multipart" not in answer.headers.get("content-type", "")


def test_a_long_recording_leaves_the_house_piece_by_piece(house: House, enter: SignIn) -> None:
    path = house.folder / "recordings" / f"{house.rows[0]}.wav"
    path.write_bytes(wav.write(bytes(90 * wav.BYTES_PER_SECOND)))
    anna, at, heard = enter("petrova"), 0, []
    while at < path.stat().st_size:
        piece = anna.get(f"/recordings/{house.rows[0]}", headers={"Range": f"bytes={at}-"})
        assert len(piece.content) <= PIECE_BYTES
        at += len(piece.content)
    for entry in house.console.access.log.book.walk():
        if entry.deed == "hear":
            heard.append(entry.facts["seconds"])
            assert (entry.who, entry.subject, entry.facts["callback"]) == ("petrova", house.rows[0], house.rows[0])
    assert heard[0] == "0.0-16.4"
    assert heard[-1].endswith("-90.0")
    assert len(heard) == 6


def test_the_shape_is_drawn_from_the_sound(house: House, enter: SignIn) -> None:
    shape = enter("petrova").get(f"/recordings/{house.rows[0]}/shape").json()
    assert shape["seconds"] == pytest.approx(wav.parse(SAMPLE.read_bytes()).seconds)
    (peaks,) = shape["channels"]
    assert len(peaks) == pytest.approx(shape["seconds"] * 20, abs=1)
    assert 0.1 < max(peaks) <= 1


def test_a_recording_that_is_gone_is_a_sentence(house: House, enter: SignIn) -> None:
    (house.folder / "recordings" / f"{house.rows[0]}.wav").unlink()
    for path in (f"/recordings/{house.rows[0]}", f"/recordings/{house.rows[0]}/shape", "/recordings/feedfeed"):
        assert enter("petrova").get(path).status_code == 404


def test_nothing_is_played_that_cannot_be_written_down(house: House, enter: SignIn) -> None:
    from ivr.errors import JournalError

    async def away(_entry: object) -> object:
        raise JournalError("away")

    anna = enter("petrova")
    house.console.access.log.book.append = away  # type: ignore[method-assign, assignment]
    answer = anna.get(f"/recordings/{house.rows[0]}", headers={"Range": "bytes=0-"})
    assert answer.status_code == 503
    assert b"RIFF" not in answer.content
