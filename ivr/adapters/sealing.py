"""Backups for one reader only: by age (in this program), or by GPG (its command). Nothing plain touches the disk."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pyrage

from ivr.errors import SettingsError

_AGE = b"age-encryption.org/v1"
_GPG = (b"-----BEGIN PGP MESSAGE", b"\x85", b"\x84", b"\xc1", b"\x8c", b"\xc3")
_HEAD_BYTES = 32


def suffix_of(recipient: str) -> str:
    """What a backup for this reader is called by: "", ".age", ".gpg"."""
    if not recipient:
        return ""
    return ".age" if recipient.startswith(("age1", "ssh-")) else ".gpg"


def new_key(path: Path) -> str:
    """Make a key pair: the secret half goes into a new file for its owner only; returns the recipient.

    Raises:
        SettingsError: the file is there already, or cannot be written.
    """
    key = pyrage.x25519.Identity.generate()
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"# {key.to_public()}\n{key}\n")
    except OSError as fault:
        raise SettingsError(f"{path}: {fault.strerror}") from fault
    return str(key.to_public())


@contextlib.contextmanager
def sealed(file: IO[bytes], recipient: str) -> Iterator[IO[bytes]]:
    """What is written goes into the file, readable by this recipient only; "": by everybody.

    Args:
        recipient: of age (age1…, ssh-…), or of GPG (an address, a fingerprint).

    Raises:
        SettingsError: there is no such recipient, or no program for him.
    """
    if not recipient:
        yield file
    elif suffix_of(recipient) == ".age":
        reader = _age_recipient(recipient)
        with _piped(lambda plain: pyrage.encrypt_io(plain, file, [reader])) as writer:
            yield writer
    else:
        told = ["--batch", "--yes", "--trust-model", "always", "--recipient", recipient, "--encrypt"]
        with _gpg(told, stdin=subprocess.PIPE, stdout=file) as gpg:
            if gpg.stdin is None:
                raise SettingsError("gpg takes no input")
            with contextlib.suppress(BrokenPipeError), gpg.stdin:
                yield gpg.stdin


@contextlib.contextmanager
def unsealed(source: Path, identity: Path | None) -> Iterator[IO[bytes]]:
    """The plain content of a backup, however it was sealed.

    Args:
        identity: file of the secret key of age; GPG looks for its own.

    Raises:
        SettingsError: it cannot be read, or not with this key.
    """
    try:
        with source.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            file.seek(0)
            if head.startswith(_AGE):
                yield from _unsealed_by_age(source, file, identity)
            elif head.startswith(_GPG):
                os.lseek(file.fileno(), 0, os.SEEK_SET)  # GPG reads on where the descriptor stands
                with _gpg(["--batch", "--decrypt"], stdin=file, stdout=subprocess.PIPE) as gpg:
                    if gpg.stdout is None:
                        raise SettingsError("gpg gives no output")
                    yield gpg.stdout
                    shutil.copyfileobj(gpg.stdout, _Nowhere())
            else:
                yield file
    except OSError as fault:
        raise SettingsError(f"{source}: {fault.strerror or fault}") from fault


def _unsealed_by_age(source: Path, file: IO[bytes], identity: Path | None) -> Iterator[IO[bytes]]:
    if identity is None:
        raise SettingsError(f"{source}: is encrypted: name the file of the key (--identity)")
    keys = _age_identities(identity)
    reading, writing = os.pipe()
    faults: list[Exception] = []

    def work() -> None:
        with os.fdopen(writing, "wb") as plain:
            try:
                pyrage.decrypt_io(file, plain, keys)
            except Exception as fault:  # the edge of a thread: told where the pipe is read
                faults.append(fault)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        with os.fdopen(reading, "rb") as plain:
            yield plain
            shutil.copyfileobj(plain, _Nowhere())
    finally:
        thread.join()
        if faults and not isinstance(faults[0], BrokenPipeError):
            raise SettingsError(f"{source}: cannot be decrypted with this key, or is damaged: {faults[0]}")


@contextlib.contextmanager
def _piped(work: Callable[[IO[bytes]], object]) -> Iterator[IO[bytes]]:
    """What is written is read by `work` in a thread of its own."""
    reading, writing = os.pipe()
    faults: list[Exception] = []

    def run() -> None:
        with os.fdopen(reading, "rb") as plain:
            try:
                work(plain)
            except Exception as fault:  # the edge of a thread: raised below
                faults.append(fault)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        with contextlib.suppress(BrokenPipeError), os.fdopen(writing, "wb") as plain:
            yield plain
    finally:
        thread.join()
    if faults:
        raise SettingsError(f"the backup cannot be encrypted: {faults[0]}") from faults[0]


@contextlib.contextmanager
def _gpg(arguments: list[str], stdin: IO[bytes] | int, stdout: IO[bytes] | int) -> Iterator[subprocess.Popen[bytes]]:
    program = shutil.which("gpg")
    if program is None:
        raise SettingsError("gpg is not installed: apt-get install gpg, or encrypt for a key of age (age1...)")
    with subprocess.Popen([program, *arguments], stdin=stdin, stdout=stdout, stderr=subprocess.PIPE) as gpg:
        yield gpg
        told = gpg.stderr.read().decode("utf-8", "replace").strip() if gpg.stderr else ""
        if gpg.wait():
            raise SettingsError(f"gpg: {told.splitlines()[-1] if told else gpg.returncode}")


def _age_recipient(text: str) -> object:
    kind = pyrage.ssh.Recipient if text.startswith("ssh-") else pyrage.x25519.Recipient
    try:
        return kind.from_str(text)
    except pyrage.RecipientError as fault:
        raise SettingsError(f"{text[:20]}...: no such recipient of age: {fault}") from fault


def _age_identities(path: Path) -> list[object]:
    try:
        blob = path.read_bytes()
        if b"PRIVATE KEY" in blob:
            return [pyrage.ssh.Identity.from_buffer(blob)]
        lines = [line.strip() for line in blob.decode().splitlines()]
        keys = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError) as fault:
        raise SettingsError(f"{path}: no key of age: {fault}") from fault
    if not keys:
        raise SettingsError(f"{path}: no key of age is in it")
    return keys


class _Nowhere:
    """Takes what is left in a pipe, so that its writer comes to an end."""

    def write(self, _piece: bytes) -> int:
        """Forget it."""
        return len(_piece)
