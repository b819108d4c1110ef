"""A recogniser process of its own for a test."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ivr.adapters.files.settings import Settings

MODEL = Settings().model
_START_SECONDS = 20.0


class RecogniserProcess:
    """Started at once; may be killed and started anew on the same socket."""

    def __init__(self, path: Path, model: Path = MODEL, options: Sequence[str] = ()) -> None:
        self.socket = path
        self._model, self._options = model, options
        self.start()

    def start(self) -> None:
        """Start, and wait until it listens."""
        command = [sys.executable, "-m", "ivr.adapters.speech.server", "--model", str(self._model)]
        self.process = subprocess.Popen(
            [*command, "--socket", str(self.socket), *self._options], stderr=subprocess.DEVNULL
        )
        last = time.monotonic() + _START_SECONDS
        while not self._listens():
            assert self.process.poll() is None, "the recogniser did not start"
            assert time.monotonic() < last, "the recogniser is not ready in time"
            time.sleep(0.02)

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def kill(self) -> None:
        """As a crash would."""
        self.process.kill()
        self.process.wait()
        self.socket.unlink(missing_ok=True)

    def stop(self) -> int:
        """Ask it to end; its exit status."""
        self.process.terminate()
        return self.process.wait(10)
