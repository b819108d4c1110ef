"""The console plays from an S3-compatible store by pieces, and says when it is away (fault F37)."""

from __future__ import annotations

import pytest

from ivr.adapters.files.recordings import WavRecordings
from ivr.adapters.objects.archive import StoredRecordings
from tests.console_house import House
from tests.s3 import BentWire, S3Server
from tests.seeding import SAMPLE
from tests.web.conftest import SignIn


@pytest.mark.parametrize(("asked", "first", "end"), [("bytes=100-199", 100, 200), ("bytes=-50", -50, None)])
def test_ranges_come_from_the_store(
    house: House, enter: SignIn, s3_server: S3Server, asked: str, first: int, end: int | None
) -> None:
    bucket = s3_server.fresh_bucket()
    disk = WavRecordings(house.folder / "recordings")
    with BentWire(s3_server.port) as wire:
        archive = StoredRecordings(disk, s3_server.through(wire, bucket), after_seconds=0)
        house.console.rooms.listening.recordings = archive
        assert archive.carry_away().away >= 1
        assert not list((house.folder / "recordings").glob("*.wav"))
        anna, sound = enter("petrova"), SAMPLE.read_bytes()
        answer = anna.get(f"/recordings/{house.rows[0]}", headers={"Range": asked})
        assert (answer.status_code, answer.content) == (206, sound[first:end])
        wire.refuses = True
        wire.cut()
        assert anna.get(f"/recordings/{house.rows[0]}", headers={"Range": asked}).status_code == 503
    disk.close()
