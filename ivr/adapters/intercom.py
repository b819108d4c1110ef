"""The intercom: other processes of the house ask an engine to do something. A Unix socket, one JSON line each way."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from ivr.errors import LineError

log = logging.getLogger(__name__)

_LONGEST = 65_536
Answer = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


class Intercom:
    """The engine's end."""

    def __init__(self, path: Path, answer: Answer) -> None:
        self._path, self._answer = path, answer
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen."""
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, str(self._path), limit=_LONGEST)
        self._path.chmod(0o600)

    def close(self) -> None:
        """Take no more; what is being done goes on."""
        if self._server:
            self._server.close()
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = json.loads(await reader.readline())
            told = await self._answer(asked)
        except Exception as fault:  # the edge of a request: the asker is told, the engine lives on
            log.exception("intercom", extra={"action": "intercom_failed"})
            told = {"fault": type(fault).__name__}
        with contextlib.suppress(ConnectionError):
            writer.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")
            await writer.drain()
        writer.close()


async def ask(path: Path, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ask an engine and wait for its answer.

    Raises:
        LineError: the engine is not there, or left in the middle.
    """
    try:
        reader, writer = await asyncio.open_unix_connection(str(path), limit=_LONGEST)
        writer.write(json.dumps(asked, ensure_ascii=False).encode() + b"\n")
        await writer.drain()
        line = await reader.readline()
        writer.close()
        return dict(json.loads(line))
    except (OSError, ValueError) as fault:
        raise LineError("the telephone engine is not there: is the service running?") from fault


class IntercomSwitchboard:
    """The first engine, asked by intercom (fulfils `ports.console.Switchboard`)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def call_back(self, callback: str, who: str, telephone: str) -> Mapping[str, object]:
        """Ring the operator, then the citizen."""
        return await ask(self._path, {"callback": callback, "who": who, "telephone": telephone})

    async def try_line(self, address: str) -> Mapping[str, object]:
        """Ring an address and speak a phrase."""
        return await ask(self._path, {"try": address})
