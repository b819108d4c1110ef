"""The live board's wire: what happens in the engines, as datagrams on a Unix socket. Nobody listening costs nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Mapping
from pathlib import Path

_LARGEST = 60_000


class LiveSender:
    """Tells what happens; fulfils `ports.Announce`. Never waits: without a listener the news is dropped."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def __call__(self, action: str, facts: Mapping[str, object]) -> None:
        """Send one piece of news."""
        news = json.dumps({"action": action, **facts}, ensure_ascii=False, default=str).encode("utf-8", "replace")
        with contextlib.suppress(OSError):
            self._socket.sendto(news[:_LARGEST], self._path)

    def close(self) -> None:
        """Tell nothing more."""
        self._socket.close()


class LiveReceiver:
    """Hears what happens in all engines."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.unlink(missing_ok=True)
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        path.chmod(0o600)
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
