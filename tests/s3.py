"""A real S3 server for the tests (moto's, a process of its own), and a wire to it that can be bent."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec

import pytest

from ivr.adapters.objects.store import ObjectStore, S3Settings


@dataclass
class BentWire:
    """A TCP relay to a server: it passes everything, refuses, stalls after some bytes, or flips one of them."""

    server: int
    refuses: bool = False
    stalls_after: int | None = None
    flips_at: int | None = None
    port: int = 0
    passed: int = 0
    _open: list[socket.socket] = field(default_factory=list)

    def __enter__(self) -> BentWire:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_what: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """End what is open."""
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.refuses:
                client.close()
                continue
            server = socket.create_connection(("127.0.0.1", self.server))
            self._open += [client, server]
            threading.Thread(target=self._there, args=(client, server), daemon=True).start()
            threading.Thread(target=_relay, args=(server, client), daemon=True).start()

    def _there(self, client: socket.socket, server: socket.socket) -> None:
        """What the client sends; bytes are counted over all connections, requests' heads and all."""
        with contextlib.suppress(OSError):
            while piece := client.recv(65536):
                if self.stalls_after is not None and self.passed + len(piece) > self.stalls_after:
                    server.sendall(piece[: max(0, self.stalls_after - self.passed)])
                    self.passed = self.stalls_after
                    return
                if self.flips_at is not None and self.passed <= self.flips_at < self.passed + len(piece):
                    at = self.flips_at - self.passed
                    piece = piece[:at] + bytes([piece[at] ^ 1]) + piece[at + 1 :]
                self.passed += len(piece)
                server.sendall(piece)
            server.shutdown(socket.SHUT_WR)


def _relay(from_: socket.socket, to: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := from_.recv(65536):
            to.sendall(piece)
        to.shutdown(socket.SHUT_WR)


@dataclass(frozen=True, slots=True)
class S3Server:
    """A running server."""

    port: int

    def fresh_bucket(self, port: int = 0) -> S3Settings:
        """A new, empty bucket; seen through another port when one is given."""
        name = f"b{uuid.uuid4().hex[:20]}"
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}/{name}", method="PUT")
        urllib.request.urlopen(asked, timeout=10).close()
        return S3Settings(f"http://127.0.0.1:{port or self.port}", name, "key", "secret", prefix="voices")

    def through(self, wire: BentWire, settings: S3Settings) -> ObjectStore:
        """The same bucket, over a wire."""
        return ObjectStore(
            S3Settings(f"http://127.0.0.1:{wire.port}", settings.bucket, "key", "secret", prefix=settings.prefix)
        )


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """One server for all tests of a run."""
    if find_spec("moto") is None or find_spec("obstore") is None:
        pytest.skip("S3 NOT TESTED: the development packages moto and obstore are not installed")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield S3Server(port)
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.2)
    pytest.skip("S3 NOT TESTED: the server does not start here")
