"""The live board's wire: what happens in the engines, as datagrams to Unix sockets. Nobody listening costs nothing.

Whoever listens (the console, the demo) has a socket of his own in one folder; whoever tells, tells all of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path

_LARGEST = 60_000
_numbers = itertools.count(1)


class LiveSender:
    """Tells what happens; fulfils `ports.Announce`. Never waits: without a listener the news is dropped.

    Args:
        folder: where the listeners are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def __call__(self, action: str, facts: Mapping[str, object]) -> None:
        """Send one piece of news."""
        news = json.dumps({"action": action, **facts}, ensure_ascii=False, default=str).encode("utf-8", "replace")
        with contextlib.suppress(OSError):
            for listener in self._folder.iterdir():
                self._send(news[:_LARGEST], listener)

    def _send(self, news: bytes, listener: Path) -> None:
        try:
            self._socket.sendto(news, str(listener))
        except ConnectionRefusedError:  # left behind by a killed process
            listener.unlink(missing_ok=True)
        except OSError:
            return

    def close(self) -> None:
        """Tell nothing more."""
        self._socket.close()


class LiveReceiver:
    """Hears what happens in all engines, from now on.

    Args:
        folder: where the listeners are; made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = folder / f"{os.getpid()}-{next(_numbers)}.sock"
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self._path))
        self._path.chmod(0o600)
        self._socket.setblocking(False)

    async def next(self) -> dict[str, object]:
        """The next piece of news."""
        while True:
            blob = await asyncio.get_running_loop().sock_recv(self._socket, _LARGEST + 1)
            with contextlib.suppress(ValueError):
                news = json.loads(blob)
                if isinstance(news, dict):
                    return news

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()
        self._path.unlink(missing_ok=True)
