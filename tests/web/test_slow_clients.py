"""Clients that dawdle take nothing from the others: neither a connection nor a thread (fault F37)."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import IO

import pytest
from fastapi import FastAPI

from ivr.web import downloads
from ivr.web import server as server_module
from tests.console_house import listening

HALF_A_HEAD = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server that waits one second for a head."""
    monkeypatch.setattr(server_module, "HEADER_SECONDS", 1.0)
    app = FastAPI()
    app.get("/health")(lambda: "well")
    app.post("/slow")(lambda: time.sleep(1.5))
    with listening(app) as free:
        yield free


@contextlib.contextmanager
def _connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), 10) as wire:
        yield wire


def _answer(wire: socket.socket, head: bytes = HALF_A_HEAD + b"no\r\n\r\n") -> bytes:
    """Of one request."""
    wire.sendall(head)
    answer = b""
    while not answer.endswith((b'"well"', b"null")):
        piece = wire.recv(4096)
        assert piece, "the connection was closed"
        answer += piece
    return answer


def _is_let_go(wire: socket.socket) -> bool:
    wire.settimeout(10)
    try:
        return wire.recv(1) == b""
    except TimeoutError:
        return False


def test_a_first_head_that_stays_half_is_let_go(port: int) -> None:
    for begun in (b"", b"G", HALF_A_HEAD):
        with _connected(port) as wire:
            wire.sendall(begun)
            assert _is_let_go(wire)


def test_a_later_head_that_stays_half_is_let_go_too(port: int) -> None:
    for begun in (b"G", HALF_A_HEAD):
        with _connected(port) as wire:
            for _ in range(2):
                assert b"200 OK" in _answer(wire)
            wire.sendall(begun)
            began = time.monotonic()
            assert _is_let_go(wire)
            assert time.monotonic() - began > 0.5


def test_dripping_bytes_win_no_time(port: int) -> None:
    with _connected(port) as wire:
        assert b"200 OK" in _answer(wire)
        began = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - began < 10:
                wire.sendall(b"G")
                time.sleep(0.2)


def test_half_a_head_sent_during_an_answer_is_let_go_after_it(port: int) -> None:
    with _connected(port) as wire:
        wire.sendall(HALF_A_HEAD + b"no\r\n\r\n" + HALF_A_HEAD)
        while not wire.recv(4096).endswith(b'"well"'):
            pass
        assert _is_let_go(wire)


def test_who_is_answered_slowly_or_rests_between_requests_stays(port: int) -> None:
    post = b"POST /slow HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"
    with _connected(port) as wire:
        assert b"200 OK" in _answer(wire, post)
        time.sleep(1.5)
        assert b"200 OK" in _answer(wire)


def _downloading(write: Callable[[IO[bytes]], object]) -> Iterator[bytes]:
    return downloads._pieces(write)


def _writers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "download"]


def test_a_download_that_was_paused_too_long_breaks_off_and_gives_its_thread_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(downloads, "_PATIENCE_SECONDS", 1.0)
    pieces = _downloading(lambda file: [file.write(bytes(70_000)) for _ in range(100)])
    assert len(next(pieces)) == 70_000
    for thread in _writers():
        thread.join(20)
    assert _writers() == []
    ended: list[type[Exception]] = []

    def read() -> None:
        try:
            for _ in pieces:
                pass
        except BrokenPipeError as fault:
            ended.append(type(fault))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(10)
    assert ended == [BrokenPipeError]


def test_a_file_comes_whole_or_with_what_broke_it() -> None:
    began = time.monotonic()
    assert b"".join(_downloading(lambda file: [file.write(b"ab" * 50_000) for _ in range(40)])) == b"ab" * 2_000_000
    assert b"".join(_downloading(lambda file: None)) == b""
    assert time.monotonic() - began < 5

    def breaks(file: IO[bytes]) -> None:
        file.write(b"half")
        raise ValueError("no more")

    pieces = _downloading(breaks)
    assert next(pieces) == b"half"
    with pytest.raises(ValueError, match="no more"):
        next(pieces)
