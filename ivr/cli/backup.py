"""`ivr backup` and `ivr restore`: everything that is kept, in one file."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import typer

from ivr.adapters.backup import Backup, restore_backup, write_backup
from ivr.adapters.files.settings import Settings, project_root
from ivr.adapters.files.ui import words
from ivr.errors import SettingsError


def back_up(settings: Settings, target: Path | None, recipient: str) -> None:
    """Write a backup, encrypted when a recipient is named."""
    now = datetime.now(UTC)
    path = target or Path(f"ivr-{now:%Y-%m-%d-%H%M}.tar")
    done = write_backup(path, settings.database_url, settings.data, project_root() / "config", now)
    if recipient:
        path = _encrypt(path, recipient)
    typer.echo(words("backup.written", path=path, **_size(done)))


def restore(settings: Settings, source: Path) -> None:
    """Put a backup back."""
    done = restore_backup(source, settings.database_url, settings.data)
    typer.echo(words("backup.restored", path=settings.data, **_size(done)))


def _size(done: Backup) -> dict[str, str]:
    return {"files": str(done.files), "size": f"{done.size_bytes / 1e6:.1f}"}


def _encrypt(path: Path, recipient: str) -> Path:
    """For one reader only, by age or GPG, whichever the recipient belongs to; the plain file is removed."""
    by_age = recipient.startswith(("age1", "ssh-"))
    target = path.with_name(f"{path.name}.{'age' if by_age else 'gpg'}")
    program = "age" if by_age else "gpg"
    if shutil.which(program) is None:
        raise SettingsError(f"{program} is not installed: apt-get install {program}; the backup stays plain: {path}")
    told = ["--recipient", recipient, "--output", str(target)]
    options = told if by_age else ["--batch", "--yes", "--trust-model", "always", *told, "--encrypt"]
    done = subprocess.run([program, *options, str(path)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SettingsError(f"{program}: {done.stderr.strip()}; the backup stays plain: {path}")
    path.unlink()
    return target
