"""A backup is whole or it is none; what was restored equals what was there (fault F35)."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from ivr.adapters.backup import bring_up, check_backup, restore_backup, write_backup
from ivr.adapters.files.house_book import missing_secrets
from ivr.adapters.sealing import new_key
from ivr.adapters.storage.conversations import DatabaseConversations
from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.adapters.storage.move import copy_rows
from ivr.errors import SettingsError
from tests.journals import new_journal
from tests.postgres import PostgresServer
from tests.samples import a_call, a_callback, a_message, ended, turns

AT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
async def house(tmp_path: Path) -> Path:
    """A house with fifty calls, their recordings, and settings."""
    data = tmp_path / "var"
    engine = connect(new_journal(data / "journal.db"))
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


_CHANGED = (
    "console.toml", "orders.toml", "orders.east.toml", "words/topics.ru.toml", "prompts/index.toml", "models/x.txt",
)  # fmt: skip


def test_what_people_have_changed_is_kept_too(house: Path, tmp_path: Path) -> None:
    data = house / "var"
    for name in _CHANGED:
        (data / name).parent.mkdir(exist_ok=True)
        (data / name).write_text(f"# {name}\n", "utf-8")
    (data / "setup.key").write_text("secret", "utf-8")
    back_up(house, tmp_path / "copy.tar")
    new = tmp_path / "new"
    restore_backup(tmp_path / "copy.tar", url(new), new)
    for name in _CHANGED:
        assert (new / name).read_text("utf-8") == f"# {name}\n"
    assert (new / "config-restored" / "ivr.toml").read_text("utf-8") == "# kept\n"
    assert not (new / "setup.key").exists()


async def test_an_encrypted_backup_is_read_by_its_key_alone(house: Path, tmp_path: Path) -> None:
    key, other = tmp_path / "key.txt", tmp_path / "other.txt"
    recipient = new_key(key)
    new_key(other)
    sealed = tmp_path / "copy.tar.age"
    write_backup(sealed, url(house / "var"), house / "var", house / "config", AT, recipient=recipient)
    assert key.stat().st_mode & 0o777 == 0o600
    assert b"\x00" * 1000 not in sealed.read_bytes()
    for wrong, why in ((None, "--identity"), (other, "cannot be decrypted"), (sealed, "no key of age")):
        with pytest.raises(SettingsError, match=why):
            restore_backup(sealed, url(tmp_path / "new"), tmp_path / "new", identity=wrong)
    assert check_backup(sealed, tmp_path, key).files == 52
    restore_backup(sealed, url(tmp_path / "new"), tmp_path / "new", identity=key)
    assert await rows(tmp_path / "new") == await rows(house / "var")
    with pytest.raises(SettingsError, match="exists"):
        new_key(key)


def test_an_encrypted_backup_cut_short_or_changed_restores_nothing(house: Path, tmp_path: Path) -> None:
    key = tmp_path / "key.txt"
    sealed = tmp_path / "copy.tar.age"
    write_backup(sealed, url(house / "var"), house / "var", house / "config", AT, recipient=new_key(key))
    blob = sealed.read_bytes()
    for spoiled in (blob[: len(blob) // 2], blob[:-1], blob[:90_000] + b"?" + blob[90_001:]):
        sealed.write_bytes(spoiled)
        with pytest.raises(SettingsError):
            restore_backup(sealed, url(tmp_path / "new"), tmp_path / "new", identity=key)
        assert list((tmp_path / "new").iterdir()) == []


def test_passwords_typed_in_the_console_are_in_an_encrypted_backup_only(house: Path, tmp_path: Path) -> None:
    data = house / "var"
    password = data / "secrets" / "mail-1a2b"
    password.parent.mkdir()
    password.write_text("s3cret-of-the-mail", "utf-8")
    (data / "console.toml").write_text(f'[mail]\npassword_file = "{password}"\n', "utf-8")
    assert missing_secrets(data) == []
    plain, sealed, key = tmp_path / "copy.tar", tmp_path / "copy.tar.age", tmp_path / "key"
    back_up(house, plain)
    assert b"s3cret-of-the-mail" not in plain.read_bytes()
    write_backup(sealed, url(data), data, house / "config", AT, recipient=new_key(key))
    data.rename(house / "before")
    restore_backup(plain, url(data), data)
    assert missing_secrets(data) == [str(password)]
    data.rename(house / "without")
    restore_backup(sealed, url(data), data, identity=key)
    assert missing_secrets(data) == []
    assert password.read_text("utf-8") == "s3cret-of-the-mail"
    assert password.parent.stat().st_mode & 0o777 == 0o700


def test_words_that_are_there_already_are_not_restored_beside(house: Path, tmp_path: Path) -> None:
    back_up(house, tmp_path / "copy.tar")
    (tmp_path / "new" / "words").mkdir(parents=True)
    with pytest.raises(SettingsError, match="not empty"):
        restore_backup(tmp_path / "copy.tar", url(tmp_path / "new"), tmp_path / "new")


def test_a_recipient_that_is_none_leaves_nothing_behind(house: Path, tmp_path: Path) -> None:
    for nobody in ("age1nobody", "ssh-ed25519 AAAA", "nobody@example.org"):
        with pytest.raises(SettingsError):
            write_backup(tmp_path / "b" / "copy.tar", url(house / "var"), house / "var", house / "config", AT,
                         recipient=nobody)  # fmt: skip
        assert list((tmp_path / "b").iterdir()) == []


@pytest.mark.skipif(shutil.which("gpg") is None, reason="GPG NOT TESTED: no gpg here")
async def test_gpg_does_as_well(house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path(tempfile.mkdtemp(prefix="ivr-gpg-"))  # its agent's socket needs a short path
    monkeypatch.setenv("GNUPGHOME", str(home))
    making = ["gpg", "--batch", "--passphrase", "", "--quick-generate-key", "backup@example.org", "rsa2048", "encrypt"]
    subprocess.run(making, check=True, capture_output=True)
    sealed = tmp_path / "copy.tar.gpg"
    try:
        write_backup(sealed, url(house / "var"), house / "var", house / "config", AT, recipient="backup@example.org")
        restore_backup(sealed, url(tmp_path / "new"), tmp_path / "new")
        assert await rows(tmp_path / "new") == await rows(house / "var")
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], check=False, capture_output=True)
        shutil.rmtree(home, ignore_errors=True)


@pytest.mark.parametrize("edition", ["0001", "0007", "0009"])
async def test_a_backup_of_an_older_edition_is_brought_up_without_loss(tmp_path: Path, edition: str) -> None:
    old = tmp_path / "var"
    engine = connect(url(old))
    upgrade(engine, edition)
    columns = {
        "id": "c1", "municipality": "demo", "started_at": "2026-11-20 20:00:00", "mode": "after_hours", "why_mode": "",
        "sip_call_id": "", "source": "", "caller_number": "+79000000001", "caller_name": "", "dialled": "",
        "ended_at": "2026-11-20 20:01:00", "notice_seconds": 9.6, "notice_hash": "x", "engine": "e",
    }  # fmt: skip
    names = ", ".join(f":{name}" for name in columns)
    with engine.begin() as db:
        db.execute(text(f"INSERT INTO call ({', '.join(columns)}) VALUES ({names})"), columns)
        db.execute(text("INSERT INTO turn VALUES ('c1', 1, 'caller', 0, 5, 'вода', NULL, '', '[]', true)"))
        db.execute(text("INSERT INTO recording VALUES ('c1', 'c1', 5)"))
    engine.dispose()
    (old / "recordings").mkdir()
    (old / "recordings" / "c1.wav").write_bytes(b"sound")
    (tmp_path / "config").mkdir()
    back_up(tmp_path, tmp_path / "copy.tar")
    new = tmp_path / "new"
    restore_backup(tmp_path / "copy.tar", url(new), new)
    bring_up(url(new))
    book = DatabaseConversations(connect(url(new)))
    (found,) = await book.find(["c1"])
    owner = await book.owner("c1")
    book.dispose()
    assert (found.call.caller_number, found.call.recording, found.turns[0].text) == ("+79000000001", "c1", "вода")
    assert owner and owner.proof.lacks is None
    assert (new / "recordings" / "c1.wav").read_bytes() == b"sound"


def test_a_backup_of_a_newer_product_is_refused_by_a_sentence(house: Path, tmp_path: Path) -> None:
    engine = connect(url(house / "var"))
    with engine.begin() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999_future'"))
    engine.dispose()
    back_up(house, tmp_path / "copy.tar")
    with pytest.raises(SettingsError, match=r"newer version of the product.*9999_future.*nothing was restored"):
        restore_backup(tmp_path / "copy.tar", url(tmp_path / "new"), tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.postgres
@pytest.mark.parametrize("dumps", [True, False])
async def test_postgresql_is_backed_up_with_and_without_its_own_program(
    postgres_server: PostgresServer, house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dumps: bool
) -> None:
    first, second = postgres_server.fresh_database(), postgres_server.fresh_database()
    from_, into = connect(url(house / "var")), connect(first)
    assert copy_rows(from_, into) > 200
    from_.dispose()
    into.dispose()
    programs = f"{postgres_server.programs}:{os.environ['PATH']}"
    monkeypatch.setenv("PATH", programs if dumps else str(tmp_path))
    write_backup(tmp_path / "copy.tar", first, house / "var", house / "config", AT)
    restore_backup(tmp_path / "copy.tar", second, tmp_path / "new")
    journal = DatabaseJournal(connect(second))
    found = list(await journal.callbacks(open_only=False))
    journal.dispose()
    assert found == await rows(house / "var")
