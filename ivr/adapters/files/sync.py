"""Brings freshly written sound safely to the disk, so that the calls never wait for it."""

from __future__ import annotations

import contextlib
import os
import threading
from concurrent.futures import Future
from pathlib import Path


class DiskSync:
    """One thread that calls fdatasync for the files written to, at most so many seconds after the writing.

    Args:
        directory: where the files are; a new file's name is made safe with its first sound.
        seconds: between two rounds.
    """

    def __init__(self, directory: Path, seconds: float) -> None:
        self._directory, self._seconds = directory, seconds
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._written: set[int] = set()
        self._new = False
        self._closing: list[tuple[int, Future[None]]] = []
        self._stopped = False
        self._thread: threading.Thread | None = None

    def watch(self, fd: int) -> None:
        """A file has been made."""
        with self._lock:
            self._new = True
            self._written.add(fd)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="disk-sync", daemon=True)
                self._thread.start()

    def soon(self, fd: int) -> None:
        """A file has been written to."""
        with self._lock:
            self._written.add(fd)

    def close(self, fd: int) -> Future[None]:
        """A file is finished: make it safe and close it."""
        done: Future[None] = Future()
        with self._lock:
            late = self._stopped
            if not late:
                self._closing.append((fd, done))
        if late:
            _finish(fd, done)
        self._wake.set()
        return done

    def stop(self) -> None:
        """Make everything safe, then end the thread."""
        with self._lock:
            self._stopped = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped:
            self._wake.wait(self._seconds)
            self._wake.clear()
            self._round()
        self._round()

    def _round(self) -> None:
        with self._lock:
            written, self._written = self._written, set()
            closing, self._closing = self._closing, []
            new, self._new = self._new, False
        for fd in written - {fd for fd, _ in closing}:
            with contextlib.suppress(OSError):
                os.fdatasync(fd)
        if new:
            self._sync_directory()
        for fd, done in closing:
            _finish(fd, done)

    def _sync_directory(self) -> None:
        with contextlib.suppress(OSError):
            fd = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)


def _finish(fd: int, done: Future[None]) -> None:
    with contextlib.suppress(OSError):
        os.fdatasync(fd)
    with contextlib.suppress(OSError):
        os.close(fd)
    done.set_result(None)
