"""Backup and restore of everything the product keeps: journal, recordings, spool, words, settings (fault F35).

A backup is one tar file; its last member lists the SHA-256 of all the others. It is taken while the service runs: the
database by its own snapshot, recordings as they are (a recording in progress is whole up to its last frame). Without
`pg_dump` a PostgreSQL journal is copied row by row into an SQLite file, which is restored into either kind.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import logging
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from ivr.adapters.sealing import sealed, unsealed
from ivr.adapters.storage.database import connect, known_revisions, revisions_of, upgrade
from ivr.adapters.storage.move import copy_rows
from ivr.errors import JournalError, SettingsError

log = logging.getLogger(__name__)

MANIFEST = "manifest.json"
SQLITE, DUMP = "journal.db", "journal.dump"
OWN = "data"
_FOLDERS = ("recordings", "spool")
_OWN_FOLDERS = ("words", "prompts", "versions", "towns", "models")
_SECRETS = "secrets"  # passwords typed in the console: only in a backup that is encrypted
_OWN_FILES = ("console.toml", "orders*.toml")
_PIECE = 1 << 20

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """What was backed up, or restored."""

    files: int
    size_bytes: int


def write_backup(
    target: Path, database: str, data: Path, config: Path, at: datetime, told: Told = lambda _name: None,
    recipient: str = "",
) -> Backup:  # fmt: skip
    """Write a backup; it appears under its name only when it is whole.

    Args:
        recipient: for whom it is encrypted (`sealing`), "" for nobody.

    Raises:
        JournalError: the database is away.
        SettingsError: the database cannot be copied, or the file cannot be written.
    """
    sums: dict[str, str] = {}
    size = 0
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder, _private(unfinished) as file:
            snapshot, schema = _snapshot(database, Path(folder))
            with sealed(file, recipient) as plain, tarfile.open(fileobj=plain, mode="w|") as tar:
                for name, path in _members(snapshot, data, config, secrets=bool(recipient)):
                    told(name)
                    with contextlib.suppress(FileNotFoundError):  # its term was over this moment
                        sums[name] = _add(tar, name, path)
                        size += path.stat().st_size
                facts = {"at": at.isoformat(), "database": snapshot.name, "schema": schema, "sha256": sums}
                _add_manifest(tar, facts)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    except OSError as fault:
        raise SettingsError(f"{target}: the backup cannot be written: {fault.strerror or fault}") from fault
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return Backup(len(sums), size)


def check_backup(source: Path, folder: Path, identity: Path | None = None) -> Backup:
    """Read a backup to its end and compare every file with its hash; nothing is put anywhere.

    Args:
        folder: where it may be unpacked for the moment.

    Raises:
        SettingsError: it is damaged, or made by a newer version.
    """
    with tempfile.TemporaryDirectory(dir=folder) as place:
        return _verified(source, Path(place), identity, lambda _name: None)[1]


def restore_backup(
    source: Path, database: str, data: Path, told: Told = lambda _name: None, identity: Path | None = None
) -> Backup:
    """Put a backup back into an empty place, after every byte of it was checked. The settings of that time are put
    beside the data, never over those that are there.

    Args:
        identity: file of the key, where it is encrypted by age.

    Raises:
        SettingsError: it is damaged, made by a newer version or for the other kind of database, or the place is not
            empty.
    """
    if any((data / name).exists() for name in (SQLITE, *_FOLDERS, *_OWN_FOLDERS, _SECRETS)):
        raise SettingsError(f"{data}: is not empty: move what is there out of the way first")
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=data) as folder:
        place = Path(folder)
        manifest, done = _verified(source, place, identity, told)
        _put_database(place / manifest["database"], database)
        for kept in (*_FOLDERS, *(path.name for path in (place / OWN).glob("*"))):
            found = place / kept if (place / kept).exists() else place / OWN / kept
            if found.exists():
                shutil.move(found, data / kept)
                if (data / kept).is_dir():
                    (data / kept).chmod(0o700)
        if (place / "config").exists():
            shutil.move(place / "config", data / "config-restored")
    return done


def _verified(source: Path, place: Path, identity: Path | None, told: Told) -> tuple[dict[str, Any], Backup]:
    """Unpack it, and look at everything."""
    manifest = _unpack(source, place, identity)
    sums: Mapping[str, str] = manifest["sha256"]
    for name, digest in sums.items():
        told(name)
        if not (place / name).is_file() or _digest(place / name) != digest:
            raise SettingsError(f"{source}: {name} is damaged; nothing was restored")
    _refuse_newer(source, place / manifest["database"], manifest.get("schema"))
    return manifest, Backup(len(sums), sum((place / name).stat().st_size for name in sums))


def _refuse_newer(source: Path, copy: Path, schema: Sequence[str] | None) -> None:
    """Backups of before know their edition only inside."""
    if schema is None and copy.name == SQLITE:
        schema = _edition(f"sqlite:///{copy}")
    strange = sorted(set(schema or ()) - known_revisions())
    if strange:
        raise SettingsError(
            f"{source}: was made by a newer version of the product (schema {strange[0]}): install that version or a "
            "newer one, then restore; nothing was restored"
        )


def _edition(database: str) -> list[str]:
    engine = connect(database)
    try:
        return sorted(revisions_of(engine))
    finally:
        engine.dispose()


@contextlib.contextmanager
def _private(path: Path) -> Iterator[io.BufferedWriter]:
    """A new file that only its owner may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        yield file


def _members(snapshot: Path, data: Path, config: Path, *, secrets: bool) -> Iterator[tuple[str, Path]]:
    yield snapshot.name, snapshot
    folders = [(data / name, name) for name in _FOLDERS]
    own = [(data / name, f"{OWN}/{name}") for name in (*_OWN_FOLDERS, *((_SECRETS,) if secrets else ()))]
    for folder, name in (*folders, *own, (config, "config")):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield f"{name}/{path.relative_to(folder).as_posix()}", path
    for pattern in _OWN_FILES:
        yield from ((f"{OWN}/{path.name}", path) for path in sorted(data.glob(pattern)))


def _snapshot(database: str, folder: Path) -> tuple[Path, list[str]]:
    """The database as it is at this moment, and the edition of its schema."""
    address = make_url(database)
    schema, copy = _edition(database), folder / SQLITE
    if address.get_backend_name() == "sqlite":
        try:
            with contextlib.closing(sqlite3.connect(address.database or "", timeout=30)) as live:
                live.execute("VACUUM INTO ?", (str(copy),))
        except sqlite3.Error as fault:
            raise SettingsError(f"the journal cannot be copied: {fault}") from fault
        return copy, schema
    dump = folder / DUMP
    if shutil.which("pg_dump"):
        try:
            _run("pg_dump", "--format=custom", f"--file={dump}", _plain(database))
        except SettingsError as fault:  # older than the server, most often
            log.warning("pg_dump does not do: %s", fault, extra={"action": "backup_without_pg_dump"})
        else:
            return dump, schema
    dump.unlink(missing_ok=True)
    _copy(database, f"sqlite:///{copy}")
    return copy, _edition(f"sqlite:///{copy}")


def _copy(source: str, target: str) -> None:
    """Row by row, between databases of whichever kind."""
    from_, into = connect(source), connect(target)
    try:
        copy_rows(from_, into)
    except JournalError as fault:
        raise SettingsError(str(fault)) from fault
    finally:
        from_.dispose()
        into.dispose()


def _put_database(copy: Path, database: str) -> None:
    address = make_url(database)
    if address.get_backend_name() != "sqlite":
        if copy.name == DUMP:
            _run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={_plain(database)}", str(copy))
            return
        bring_up(f"sqlite:///{copy}")
        _copy(f"sqlite:///{copy}", database)
        return
    if copy.name != SQLITE:
        raise SettingsError(f"this backup holds {copy.name}: set [storage] database to PostgreSQL first")
    target = Path(address.database or "")
    if target.exists():
        raise SettingsError(f"{target}: exists: move it out of the way first")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.move(copy, target)
    target.chmod(0o600)


def bring_up(database: str) -> None:
    """To the newest edition of the schema.

    Raises:
        JournalError: the database is away.
        SettingsError: it cannot be.
    """
    engine = connect(database)
    try:
        upgrade(engine)
    finally:
        engine.dispose()


def _plain(database: str) -> str:
    """The address as PostgreSQL's own programs read it."""
    return make_url(database).set(drivername="postgresql").render_as_string(hide_password=False)


def _run(program: str, *arguments: str) -> None:
    if shutil.which(program) is None:
        raise SettingsError(f"{program} is not installed: apt-get install postgresql-client")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SettingsError(f"{program}: {done.stderr.strip().splitlines()[-1] if done.stderr else done.returncode}")


def _add(tar: tarfile.TarFile, name: str, path: Path) -> str:
    """Add a file as long as it is at this moment, and its SHA-256."""
    facts = tarfile.TarInfo(name)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        facts.size = os.fstat(file.fileno()).st_size
        facts.mode = 0o600
        tar.addfile(facts, _Hashed(file, digest))
    return digest.hexdigest()


class _Hashed(io.RawIOBase):
    """A file that is summed up while it is read."""

    def __init__(self, file: io.BufferedReader, digest: hashlib._Hash) -> None:
        self._file, self._digest = file, digest

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        piece = self._file.read(size)
        self._digest.update(piece)
        return piece


def _add_manifest(tar: tarfile.TarFile, manifest: Mapping[str, object]) -> None:
    blob = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    facts = tarfile.TarInfo(MANIFEST)
    facts.size, facts.mode = len(blob), 0o600
    tar.addfile(facts, io.BytesIO(blob))


def _unpack(source: Path, place: Path, identity: Path | None) -> dict[str, Any]:
    try:
        with unsealed(source, identity) as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
            tar.extractall(place, filter="data")
        return dict(json.loads((place / MANIFEST).read_text("utf-8")))
    except (OSError, tarfile.TarError, ValueError) as fault:
        raise SettingsError(f"{source}: not a whole backup ({type(fault).__name__}); nothing was restored") from fault


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
