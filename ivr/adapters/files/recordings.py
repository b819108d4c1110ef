"""The archive of the callers' voices, which a kill or a power cut does not spoil.

A recording is an ordinary WAV file at every moment: each frame is written as it comes, then the lengths in the header.
A killed process loses at most the frame in hand; a power cut at most what came since the last fdatasync (0.5 s).
Only the owner may read the archive (files 0600, directory 0700), and a file's name tells nothing of the caller.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import io
import logging
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from ivr.adapters.files import wav
from ivr.adapters.files.mending import mend, taken
from ivr.adapters.files.sync import DiskSync
from ivr.errors import JournalError, SettingsError

log = logging.getLogger(__name__)

_NAME = re.compile(r"[0-9a-f]{8,64}")
_BACKLOG_BYTES = wav.BYTES_PER_SECOND * 600
_DAMAGED = "damaged"


class WavRecording:
    """One recording being written; the port `Recording`.

    What a full disk does not take waits in memory (up to ten minutes) and is written when there is room again.
    """

    def __init__(self, path: Path | None, name: str, sync: DiskSync, channels: int = 1) -> None:
        self._path, self._name, self._sync, self._channels = path, name, sync, channels
        self._fd: int | None = None
        self._appended = 0
        self._written = 0
        self._backlog = bytearray()
        self._lost = path is None
        self._closed = False
        self._complained = False
        self._pour()

    @property
    def name(self) -> str:
        """Opaque file name."""
        return self._name

    @property
    def seconds(self) -> float:
        """Length so far, on disk or not."""
        return self._appended / wav.BYTES_PER_SECOND / self._channels

    @property
    def healthy(self) -> bool:
        """All that was appended is written."""
        return self._path is not None and not self._lost and not self._backlog and self._written >= self._appended

    def append(self, pcm: bytes) -> None:
        """Write sound: one write(2) for it and one for the lengths. After `close` it is ignored."""
        if self._closed:
            return
        self._appended += len(pcm)
        if self._lost or len(self._backlog) + len(pcm) > _BACKLOG_BYTES:
            self._lost = True
            return
        self._backlog += pcm
        self._pour()

    async def close(self) -> None:
        """Finish the file and see it safe on the disk."""
        if self._closed:
            return
        self._closed = True
        self._pour()
        if self._fd is not None:
            fd, self._fd = self._fd, None
            await asyncio.wrap_future(self._sync.close(fd))

    def _pour(self) -> None:
        """Write what waits; a full or broken disk leaves it waiting."""
        if self._path is None:
            return
        try:
            if self._fd is None:
                self._fd = self._open(self._path)
            try:
                self._write_backlog(self._fd)
            finally:
                whole = self._written - self._written % (2 * self._channels)
                os.pwrite(self._fd, wav.header(whole, channels=self._channels), 0)
                self._sync.soon(self._fd)
            self._complained = False
        except FileExistsError:
            self._path, self._lost = None, True
        except OSError as error:
            if not self._complained:
                _complain("a recording cannot be written", error)
            self._complained = True

    def _write_backlog(self, fd: int) -> None:
        while self._backlog:
            taken = os.pwrite(fd, self._backlog, wav.HEADER_BYTES + self._written)
            del self._backlog[:taken]
            self._written += taken

    def _open(self, path: Path) -> int:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._sync.watch(fd)
        return fd


class WavRecordings:
    """The archive; the port `Recordings`. One directory, one WAV file per call.

    Args:
        directory: made if it is not there.
        sync_seconds: sound is safe from a power cut after so long.

    Raises:
        SettingsError: the directory cannot be made or written to.
    """

    def __init__(self, directory: Path, *, sync_seconds: float = 0.5) -> None:
        self._directory = directory
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory.chmod(0o700)
        except OSError as error:
            raise SettingsError(f"{directory}: recordings cannot be kept there: {error.strerror}") from error
        if not os.access(directory, os.W_OK | os.X_OK):
            raise SettingsError(f"{directory}: recordings cannot be kept there: it cannot be written to")
        self._sync = DiskSync(directory, sync_seconds)
        self.quarantined: tuple[str, ...] = ()

    def create(self, name: str, channels: int = 1) -> WavRecording:
        """Begin a recording. A name that is not lower-case hexadecimal, or is taken, is never healthy."""
        path = self._path(name)
        if path is None:
            log.error("a recording's name was refused", extra={"action": "recording_name_refused"})
        return WavRecording(path, name, self._sync, channels)

    def read(self, name: str, channel: int = 0) -> bytes:
        """One channel's sound of a recording.

        Raises:
            JournalError: there is no such recording, or it is damaged.
        """
        path = self._path(name)
        try:
            if path is None:
                raise JournalError("there is no such recording")
            return wav.parse(path.read_bytes()).channel(channel)
        except (OSError, wav.WavError) as error:
            raise JournalError(f"there is no such recording: {type(error).__name__}") from error

    def size(self, name: str) -> int:
        """Bytes of the file.

        Raises:
            JournalError: there is no such recording.
        """
        with self._opened(name) as fd:
            return os.fstat(fd).st_size

    def piece(self, name: str, start: int, length: int) -> bytes:
        """Some bytes of the file.

        Raises:
            JournalError: there is no such recording.
        """
        with self._opened(name) as fd:
            return os.pread(fd, length, start)

    @contextlib.contextmanager
    def _opened(self, name: str) -> Iterator[int]:
        path = self._path(name)
        if path is None:
            raise JournalError("there is no such recording")
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise JournalError(f"there is no such recording: {type(error).__name__}") from error
        try:
            yield fd
        finally:
            os.close(fd)

    def remove(self, name: str) -> bool:
        """Take the file off the disk, wherever it lies.

        Raises:
            JournalError: it is there and does not go.
        """
        path = self._path(name)
        places = (path, path.parent / _DAMAGED / path.name) if path else ()
        gone = False
        for place in places:
            try:
                place.unlink()
                gone = True
            except FileNotFoundError:
                continue
            except OSError as error:
                raise JournalError(f"a recording cannot be destroyed: {type(error).__name__}") from error
        return gone

    def older(self, before: datetime) -> Sequence[str]:
        """By the time of the last writing."""
        found = []
        for path in (*self._directory.glob("*.wav"), *(self._directory / _DAMAGED).glob("*.wav")):
            with contextlib.suppress(OSError):
                if _NAME.fullmatch(path.stem) and path.stat().st_mtime < before.timestamp():
                    found.append(path.stem)
        return sorted(found)

    def repair(self) -> Mapping[str, float]:
        """Mend what was cut short; seconds of each mended recording by name. Never raises.

        Recordings in progress (of this or another engine) are left alone. What is no recording of ours is moved to
        the directory `damaged` and named in `quarantined`.
        """
        mended: dict[str, float] = {}
        damaged: list[str] = []
        for path in sorted(self._directory.glob("*.wav")):
            try:
                seconds = mend(path)
            except wav.WavError as error:
                log.warning("a damaged recording: %s", error, extra={"action": "recording_damaged"})
                self._quarantine(path)
                damaged.append(path.name)
                continue
            except OSError as error:
                _complain("a recording cannot be mended", error)
                continue
            if seconds is not None:
                mended[path.stem] = seconds
        self.quarantined = tuple(damaged)
        return mended

    def finished(self, min_age_seconds: float) -> Sequence[str]:
        """Names of recordings that nobody has written to for so long, oldest first; only recordings."""
        found: list[tuple[float, str]] = []
        for path in self._directory.glob("*.wav"):
            with contextlib.suppress(OSError):
                if _NAME.fullmatch(path.stem) and time.time() - path.stat().st_mtime >= min_age_seconds:
                    found.append((path.stat().st_mtime, path.stem))
        return [name for _, name in sorted(found)]

    @contextlib.contextmanager
    def settled(self, name: str) -> Iterator[io.BufferedReader | None]:
        """The finished file, mended, and nobody else's until it is let go; None: in progress, or somebody else's."""
        path = self._path(name)
        if path is None:
            yield None
            return
        with taken(path) as file:
            yield file

    def free_share(self) -> float:
        """Share of the disk that is free, 0..1; 0 when it cannot be told."""
        try:
            disk = os.statvfs(self._directory)
        except OSError:
            return 0.0
        return disk.f_bavail / disk.f_blocks if disk.f_blocks else 0.0

    def close(self) -> None:
        """Everything on the disk, the thread ended."""
        self._sync.stop()

    def _path(self, name: str) -> Path | None:
        return self._directory / f"{name}.wav" if _NAME.fullmatch(name) else None

    def _quarantine(self, path: Path) -> None:
        with contextlib.suppress(OSError):
            place = self._directory / _DAMAGED
            place.mkdir(mode=0o700, exist_ok=True)
            path.rename(place / path.name)


def _complain(what: str, error: OSError) -> None:
    cause = errno.errorcode.get(error.errno or 0, "unknown")
    log.warning("%s: %s", what, cause, extra={"action": "recording_unwritten", "cause": cause})
