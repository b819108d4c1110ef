"""`ivr backup` and `ivr restore`: everything that is kept, in one file."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import typer

from ivr.adapters.backup import Backup, bring_up, check_backup, restore_backup, write_backup
from ivr.adapters.files.house_book import missing_secrets
from ivr.adapters.files.settings import Settings, project_root
from ivr.adapters.files.ui import words
from ivr.adapters.sealing import new_key, suffix_of


def back_up(settings: Settings, target: Path | None, recipient: str) -> None:
    """Write a backup, encrypted when a recipient is named."""
    now = datetime.now(UTC)
    path = target or Path(f"ivr-{now:%Y-%m-%d-%H%M}.tar{suffix_of(recipient)}")
    done = write_backup(
        path, settings.database_url, settings.data, project_root() / "config", now, recipient=recipient
    )  # fmt: skip
    typer.echo(words("backup.written", path=path, **_size(done)))


def make_key(path: Path) -> None:
    """A key pair for encrypted backups."""
    typer.echo(words("backup.key", path=path, recipient=new_key(path)))


def restore(settings: Settings, source: Path, identity: Path | None, check: bool) -> None:
    """Put a backup back, or only look whether it is whole."""
    if check:
        with tempfile.TemporaryDirectory(dir=source.absolute().parent) as folder:
            done = check_backup(source, Path(folder), identity)
        typer.echo(words("backup.checked", path=source, **_size(done)))
        return
    done = restore_backup(source, settings.database_url, settings.data, identity=identity)
    bring_up(settings.database_url)
    typer.echo(words("backup.restored", path=settings.data, **_size(done)))
    for path in missing_secrets(settings.data):
        typer.echo(words("backup.password_gone", path=path), err=True)


def _size(done: Backup) -> dict[str, str]:
    return {"files": str(done.files), "size": f"{done.size_bytes / 1e6:.1f}"}
