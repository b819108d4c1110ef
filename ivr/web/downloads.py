"""Files that are made while they are sent: whatever their size, they need little memory and begin at once."""

from __future__ import annotations

import contextlib
import io
import logging
import queue
import threading
from collections.abc import Callable, Iterator
from typing import IO
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

log = logging.getLogger(__name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PIECES_AHEAD = 16
_PIECE = 64 * 1024
_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 1.0


def download(write: Callable[[IO[bytes]], object], name: str, kind: str = XLSX) -> Response:
    """The file that `write` writes, under this name; broken off where writing fails, so that no half looks whole."""
    return StreamingResponse(_pieces(write), media_type=kind, headers=attachment(name))


def attachment(name: str) -> dict[str, str]:
    """Headers of a file to be kept (RFC 6266), for names in any language."""
    plain = "".join(letter if letter.isascii() and letter not in '"\\' else "_" for letter in name)
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}


def _pieces(write: Callable[[IO[bytes]], object]) -> Iterator[bytes]:
    pipe = _Pipe()
    thread = threading.Thread(target=_fill, args=(write, pipe), daemon=True, name="download")
    thread.start()
    try:
        yield from pipe.pieces()
    finally:
        pipe.abandon()


def _fill(write: Callable[[IO[bytes]], object], pipe: _Pipe) -> None:
    try:
        with io.BufferedWriter(pipe, _PIECE) as file:
            write(file)
        pipe.finish(None)
    except Exception as fault:
        if not pipe.abandoned:
            log.error("a file was not finished", extra={"action": "download_broke", "why": type(fault).__name__})
        pipe.finish(fault)


class _Pipe(io.RawIOBase):
    """What is written on one thread is read on another, a bounded number of pieces ahead."""

    def __init__(self) -> None:
        super().__init__()
        self._ahead: queue.Queue[bytes] = queue.Queue(_PIECES_AHEAD)
        self._over = threading.Event()
        self._fault: Exception | None = None
        self._given_up = False
        self.abandoned = False

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        """Waits while the reader is slow."""
        piece = bytes(data)  # type: ignore[call-overload]
        self._put(piece)
        return len(piece)

    def finish(self, fault: Exception | None) -> None:
        """Nothing more comes. Never waits: whoever reads no more would not be told either."""
        self._fault = fault
        self._over.set()
        with contextlib.suppress(queue.Full):  # then nobody waits for a piece
            self._ahead.put_nowait(b"")

    def pieces(self) -> Iterator[bytes]:
        """All that is written.

        Raises:
            Exception: what broke the writing.
        """
        while not (self._over.is_set() and self._ahead.empty()):
            with contextlib.suppress(queue.Empty):
                if piece := self._ahead.get(timeout=_LOOK_SECONDS):
                    yield piece
        if self._fault is not None:
            raise self._fault

    def abandon(self) -> None:
        """Nobody reads any more."""
        self.abandoned = True
        while not self._ahead.empty():
            self._ahead.get_nowait()

    def _put(self, piece: bytes) -> None:
        waited = 0.0
        while not (self.abandoned or self._given_up):
            try:
                return self._ahead.put(piece, timeout=_LOOK_SECONDS)
            except queue.Full:
                waited += _LOOK_SECONDS
                self._given_up = waited >= _PATIENCE_SECONDS  # for good: a file that is closed writes once more
        raise BrokenPipeError("nobody reads this file any more")
