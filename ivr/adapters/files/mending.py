"""Recordings that were cut short, mended; finished ones, taken for somebody alone.

Whoever writes a recording holds a lock on its file, so that nobody mends or carries away what is still in progress.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
from collections.abc import Iterator
from pathlib import Path

from ivr.adapters.files import wav


def mend(path: Path) -> float | None:
    """Seconds of a recording whose header was mended, None if it was right or is in progress.

    Raises:
        WavError: not a recording of ours.
        OSError: it cannot be read or written.
    """
    if not path.is_file() or path.is_symlink():
        raise wav.WavError("not a file")
    fd = _opened(path)
    try:
        return _mend(fd) if _locked(fd) else None
    finally:
        os.close(fd)


@contextlib.contextmanager
def taken(path: Path) -> Iterator[io.BufferedReader | None]:
    """A finished recording, mended, and nobody else's until it is let go; None: in progress, or somebody else's."""
    try:
        fd = _opened(path)
    except OSError:
        yield None
        return
    with os.fdopen(fd, "rb") as file:
        yield file if _locked(fd) and _same_file(fd, path) and _mendable(fd) else None


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)


def _mend(fd: int) -> float | None:
    size = os.fstat(fd).st_size
    head = wav.mended_header(os.pread(fd, wav.HEADER_BYTES, 0), size)
    if head is None:
        return None
    os.pwrite(fd, head, 0)
    os.fdatasync(fd)
    return max(0, size - wav.HEADER_BYTES) / wav.channels_of(head) // 2 * 2 / wav.BYTES_PER_SECOND


def _mendable(fd: int) -> bool:
    try:
        _mend(fd)
    except wav.WavError:
        return False
    return True


def _locked(fd: int) -> bool:
    """Nobody writes to it; from now on it is ours."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _same_file(fd: int, path: Path) -> bool:
    """It was not erased between the opening and the lock."""
    try:
        return os.fstat(fd).st_ino == path.stat().st_ino
    except OSError:
        return False
