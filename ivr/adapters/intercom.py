"""The intercom: other processes of the house ask an engine to do something. A Unix socket, one JSON line each way."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ivr.errors import LineError

log = logging.getLogger(__name__)

_LONGEST = 65_536
NO_FREE_LINE = "no_free_line"
"""Code of the refusal of an engine whose lines are all taken: another one may have room."""
HOW_ARE_YOU: Mapping[str, Any] = {"how": "are you"}
"""Answered by {"well": whether}."""

Answer = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


class Intercom:
    """The engine's end."""

    def __init__(self, path: Path, answer: Answer) -> None:
        self._path, self._answer = path, answer
        self._server: asyncio.Server | None = None
        self._being_done: set[asyncio.Task[Any]] = set()

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

    async def settle(self) -> None:
        """Wait until what is being done is done."""
        await asyncio.gather(*self._being_done, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            self._being_done.add(task)
            task.add_done_callback(self._being_done.discard)
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
        with contextlib.closing(writer):
            writer.write(json.dumps(asked, ensure_ascii=False).encode() + b"\n")
            await writer.drain()
            return dict(json.loads(await reader.readline()))
    except (OSError, ValueError) as fault:
        raise LineError("the telephone engine is not there: is the service running?") from fault


async def is_well(path: Path, within_seconds: float) -> bool:
    """An engine is there, and its telephone line does what it is asked; one that hangs is not."""
    try:
        async with asyncio.timeout(within_seconds):
            return (await ask(path, HOW_ARE_YOU)).get("well") is True
    except (LineError, TimeoutError):
        return False


async def ask_any(paths: Sequence[Path], asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ask one engine after another until one has a free line.

    Raises:
        LineError: none is there.
    """
    told: Mapping[str, Any] | None = None
    for path in paths:
        try:
            told = await ask(path, asked)
        except LineError:
            continue
        if told.get("code") != NO_FREE_LINE:
            return told
    if told is None:
        raise LineError("no telephone engine is there: is the service running?")
    return told


class IntercomSwitchboard:
    """The engines, asked by intercom (fulfils `ports.console.Switchboard`)."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths

    async def call_back(self, callback: str, who: str, telephone: str) -> Mapping[str, object]:
        """Ring the operator, then the citizen."""
        return await ask_any(self._paths, {"callback": callback, "who": who, "telephone": telephone})

    async def try_line(self, address: str) -> Mapping[str, object]:
        """Ring an address and speak a phrase."""
        return await ask_any(self._paths, {"try": address})
