"""Backup and restore of everything the product keeps: journal, recordings, spool, settings (fault F35).

A backup is one tar file; its last member lists the SHA-256 of all the others. It is taken while the service runs: the
database by its own snapshot, recordings as they are (a recording in progress is whole up to its last frame).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from ivr.errors import SettingsError

MANIFEST = "manifest.json"
SQLITE, DUMP = "journal.db", "journal.dump"
_FOLDERS = ("recordings", "spool")
_PIECE = 1 << 20

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """What was backed up, or restored."""

    files: int
    size_bytes: int


def write_backup(
    target: Path, database: str, data: Path, config: Path, at: datetime, told: Told = lambda _name: None
) -> Backup:
    """Write a backup; it appears under its name only when it is whole.

    Raises:
        SettingsError: the database cannot be copied, or the file cannot be written.
    """
    sums: dict[str, str] = {}
    size = 0
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder, _private(unfinished) as file:
            snapshot = _snapshot(database, Path(folder))
            with tarfile.open(fileobj=file, mode="w") as tar:
                for name, path in _members(snapshot, data, config):
                    told(name)
                    sums[name] = _add(tar, name, path)
                    size += path.stat().st_size
                _add_manifest(tar, {"at": at.isoformat(), "database": snapshot.name, "sha256": sums})
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    except OSError as fault:
        unfinished.unlink(missing_ok=True)
        raise SettingsError(f"{target}: the backup cannot be written: {fault.strerror or fault}") from fault
    return Backup(len(sums), size)


def restore_backup(source: Path, database: str, data: Path, told: Told = lambda _name: None) -> Backup:
    """Put a backup back into an empty place, after every byte of it was checked.

    Raises:
        SettingsError: it is damaged, made for the other kind of database, or the place is not empty.
    """
    if any((data / name).exists() for name in (SQLITE, *_FOLDERS)):
        raise SettingsError(f"{data}: is not empty: move what is there out of the way first")
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=data) as folder:
        place = Path(folder)
        manifest = _unpack(source, place)
        sums: Mapping[str, str] = manifest["sha256"]
        for name, digest in sums.items():
            told(name)
            if not (place / name).is_file() or _digest(place / name) != digest:
                raise SettingsError(f"{source}: {name} is damaged; nothing was restored")
        size = sum((place / name).stat().st_size for name in sums)
        _put_database(place / manifest["database"], database)
        for kept in _FOLDERS:
            if (place / kept).exists():
                shutil.move(place / kept, data / kept)
                (data / kept).chmod(0o700)
    return Backup(len(sums), size)


@contextlib.contextmanager
def _private(path: Path) -> Iterator[io.BufferedWriter]:
    """A new file that only its owner may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        yield file


def _members(snapshot: Path, data: Path, config: Path) -> Iterator[tuple[str, Path]]:
    yield snapshot.name, snapshot
    for folder, name in ((data / "recordings", "recordings"), (data / "spool", "spool"), (config, "config")):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield f"{name}/{path.relative_to(folder).as_posix()}", path


def _snapshot(database: str, folder: Path) -> Path:
    """The database as it is at this moment."""
    address = make_url(database)
    if address.get_backend_name() == "sqlite":
        copy = folder / SQLITE
        try:
            with contextlib.closing(sqlite3.connect(address.database or "", timeout=30)) as live:
                live.execute("VACUUM INTO ?", (str(copy),))
        except sqlite3.Error as fault:
            raise SettingsError(f"the journal cannot be copied: {fault}") from fault
        return copy
    copy = folder / DUMP
    _run("pg_dump", "--format=custom", f"--file={copy}", _plain(database))
    return copy


def _put_database(copy: Path, database: str) -> None:
    address = make_url(database)
    if (copy.name == SQLITE) != (address.get_backend_name() == "sqlite"):
        raise SettingsError(f"this backup holds {copy.name}: set [storage] database to the same kind first")
    if copy.name == SQLITE:
        target = Path(address.database or "")
        if target.exists():
            raise SettingsError(f"{target}: exists: move it out of the way first")
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.move(copy, target)
        target.chmod(0o600)
        return
    _run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={_plain(database)}", str(copy))


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


def _unpack(source: Path, place: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source) as tar:
            tar.extractall(place, filter="data")
        return dict(json.loads((place / MANIFEST).read_text("utf-8")))
    except (OSError, tarfile.TarError, ValueError) as fault:
        raise SettingsError(f"{source}: not a whole backup ({type(fault).__name__}); nothing was restored") from fault


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
