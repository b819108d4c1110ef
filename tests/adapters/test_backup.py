"""A backup is whole or it is none; what was restored equals what was there (fault F35)."""

from __future__ import annotations

import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.adapters.backup import restore_backup, write_backup
from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.errors import SettingsError
from tests.samples import a_call, a_callback, a_message, ended, turns

AT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
async def house(tmp_path: Path) -> Path:
    """A house with fifty calls, their recordings, and settings."""
    data = tmp_path / "var"
    engine = connect(f"sqlite:///{data}/journal.db")
    upgrade(engine)
    journal = DatabaseJournal(engine)
    (data / "recordings").mkdir()
    for number in range(50):
        call = a_call(number)
        message = a_message(call, phone=f"+7900000{number:04d}")
        await journal.open(call)
        await journal.close(ended(call), turns(), message, a_callback(message))
        (data / "recordings" / f"{call.id}.wav").write_bytes(bytes([number]) * 1000)
    journal.dispose()
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "ivr.toml").write_text("# kept\n", "utf-8")
    return tmp_path


def url(data: Path) -> str:
    return f"sqlite:///{data}/journal.db"


def back_up(house: Path, target: Path) -> None:
    write_backup(target, url(house / "var"), house / "var", house / "config", AT)


async def rows(data: Path) -> list[object]:
    journal = DatabaseJournal(connect(url(data)))
    found = list(await journal.callbacks(open_only=False))
    journal.dispose()
    return found


async def test_what_is_restored_equals_what_was_backed_up(house: Path, tmp_path: Path) -> None:
    back_up(house, tmp_path / "copy.tar")
    new = tmp_path / "new"
    done = restore_backup(tmp_path / "copy.tar", url(new), new)
    assert done.files == 52
    assert await rows(new) == await rows(house / "var")
    for path in (house / "var" / "recordings").iterdir():
        assert (new / "recordings" / path.name).read_bytes() == path.read_bytes()


async def test_a_backup_taken_while_calls_are_written_is_whole(house: Path, tmp_path: Path) -> None:
    journal = DatabaseJournal(connect(url(house / "var")))
    await journal.open(a_call(99))
    growing = (house / "var" / "recordings" / "ff.wav").open("wb")
    growing.write(b"x" * 5000)
    growing.flush()
    back_up(house, tmp_path / "copy.tar")
    growing.write(b"y" * 5000)
    growing.close()
    journal.dispose()
    new = tmp_path / "new"
    restore_backup(tmp_path / "copy.tar", url(new), new)
    assert (new / "recordings" / "ff.wav").read_bytes() == b"x" * 5000
    assert len(await rows(new)) == 50


def test_only_the_owner_may_read_a_backup(house: Path, tmp_path: Path) -> None:
    back_up(house, tmp_path / "copy.tar")
    assert (tmp_path / "copy.tar").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("at", [600, 30_000, 60_000])
def test_a_damaged_backup_restores_nothing(house: Path, tmp_path: Path, at: int) -> None:
    back_up(house, tmp_path / "copy.tar")
    blob = bytearray((tmp_path / "copy.tar").read_bytes())
    blob[at] ^= 0xFF
    (tmp_path / "copy.tar").write_bytes(blob)
    new = tmp_path / "new"
    with pytest.raises(SettingsError, match="nothing was restored"):
        restore_backup(tmp_path / "copy.tar", url(new), new)
    assert list(new.iterdir()) == []


def test_a_backup_cut_short_restores_nothing(house: Path, tmp_path: Path) -> None:
    back_up(house, tmp_path / "copy.tar")
    blob = (tmp_path / "copy.tar").read_bytes()
    (tmp_path / "copy.tar").write_bytes(blob[: len(blob) // 2])
    with pytest.raises(SettingsError, match="nothing was restored"):
        restore_backup(tmp_path / "copy.tar", url(tmp_path / "new"), tmp_path / "new")


def test_a_backup_is_never_restored_over_what_is_there(house: Path, tmp_path: Path) -> None:
    back_up(house, tmp_path / "copy.tar")
    with pytest.raises(SettingsError, match="not empty"):
        restore_backup(tmp_path / "copy.tar", url(house / "var"), house / "var")


def test_a_backup_that_would_write_outside_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        facts = tarfile.TarInfo("../outside")
        tar.addfile(facts)
    with pytest.raises(SettingsError):
        restore_backup(tmp_path / "evil.tar", url(tmp_path / "new"), tmp_path / "new")
    assert not (tmp_path / "outside").exists()


def test_a_place_that_cannot_be_written_is_named(house: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        back_up(house, Path("/proc/copy.tar"))
