"""The store as the house uses it: set in the settings, carried to by the engine, heard in the console by pieces."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import pytest

from ivr.adapters.clock import SystemClock
from ivr.adapters.files.settings import Settings, read_settings
from ivr.adapters.objects.archive import StoredRecordings
from ivr.bootstrap.voices import archive_of
from ivr.cli.carrying import carry_away
from ivr.cli.doctor import examine
from ivr.errors import SettingsError
from tests.contracts.fakes_notices import MemoryTroubles
from tests.s3 import BentWire, S3Server

NAME = f"{1:032x}"
SOUND = bytes(range(256)) * 3000  # 48 s, 768 kB


def _settings(folder: Path, endpoint: str, bucket: str) -> Settings:
    (folder / "secret").write_text("secret\n", "utf-8")
    file = folder / "ivr.toml"
    file.write_text(
        f'[municipality]\nkey = "demo"\n[storage]\ndata = "{folder}"\n[storage.s3]\nendpoint = "{endpoint}"\n'
        f'bucket = "{bucket}"\naccess_key = "key"\nsecret_key_file = "{folder / "secret"}"\nafter_seconds = 10\n',
        "utf-8",
    )
    return read_settings(file)


async def _until(troubles: MemoryTroubles, fits: Callable[[Mapping[str, datetime]], bool]) -> None:
    for _ in range(1200):
        if fits(await troubles.standing("demo")):
            return
        await asyncio.sleep(0.05)


async def test_an_engine_carries_away_and_tells_when_it_cannot(
    s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.cli.carrying._LOOK_SECONDS", 0.05)
    bucket = s3_server.fresh_bucket().bucket
    with BentWire(s3_server.port, refuses=True) as wire:
        archive = archive_of(_settings(tmp_path, f"http://127.0.0.1:{wire.port}", bucket))
        assert isinstance(archive, StoredRecordings)
        archive._after = 0
        recording = archive.create(NAME)
        recording.append(SOUND)
        await recording.close()
        troubles = MemoryTroubles()
        carrying = asyncio.create_task(carry_away(archive, troubles, "demo", "engine-1", SystemClock()))
        await _until(troubles, bool)
        assert next(iter(await troubles.standing("demo"))).startswith("recordings:")
        wire.refuses = False
        archive._not_before = 0
        await _until(troubles, lambda standing: not standing)
        carrying.cancel()
        assert not list((tmp_path / "recordings").glob("*.wav"))
        assert archive.read(NAME) == SOUND
        archive.close()


async def test_without_a_store_nothing_is_carried(tmp_path: Path) -> None:
    (tmp_path / "ivr.toml").write_text(f'[storage]\ndata = "{tmp_path}"\n', "utf-8")
    archive = archive_of(read_settings(tmp_path / "ivr.toml"))
    await carry_away(archive, MemoryTroubles(), "demo", "engine-1", SystemClock())
    archive.close()


def test_a_secret_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    settings = _settings(tmp_path, "https://s3.example.org", "bucket")
    (tmp_path / "secret").unlink()
    with pytest.raises(SettingsError, match="secret"):
        archive_of(settings)


def test_the_doctor_proves_the_store(s3_server: S3Server, tmp_path: Path) -> None:
    endpoint, bucket = f"http://127.0.0.1:{s3_server.port}", s3_server.fresh_bucket().bucket
    well = {finding.what: finding for finding in examine(_settings(tmp_path, endpoint, bucket))}
    assert well["recordings"].fault == ""
    ill = {finding.what: finding for finding in examine(_settings(tmp_path, endpoint, "no-such-bucket"))}
    assert ill["recordings"].fault
