"""The spool: when the database is away, rows go to an append-only file and are replayed (faults F4, F5).

When the disk takes nothing either (F3: by default both are on the same one), rows wait in memory: the citizen is heard,
and his row is kept as soon as there is room.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import Awaitable, Sequence
from datetime import datetime
from pathlib import Path
from types import NoneType
from typing import Any, get_args

from ivr.adapters.storage.codec import from_plain, to_plain
from ivr.domain.call import Call
from ivr.domain.callback import Callback
from ivr.domain.leg import LegRecord
from ivr.domain.message import Message
from ivr.domain.turn import Turn
from ivr.errors import JournalError, RowRefused, SettingsError
from ivr.ports import Journal

log = logging.getLogger(__name__)

_PATIENCE_SECONDS = 0.2
_IN_MEMORY_AT_MOST = 64 * 1024 * 1024  # bytes; a row has some thousand

_SHAPES: dict[str, tuple[Any, ...]] = {
    "open": (Call, Message | None),
    "answered": (Call, Message, Callback),
    "enter": (tuple[LegRecord, ...],),
    "progress": (Call, tuple[Turn, ...]),
    "close": (Call, tuple[Turn, ...], Message | None, Callback | None),
    "transcribed": (Call, tuple[Turn, ...], Message, Callback | None),
}


class SpooledJournal:
    """A journal that always takes what it is given, within 200 ms (fulfils `ports.Journal`).

    Every write is idempotent by the call's id, so a slow write that succeeds after it was spooled does no harm.
    While the spool holds anything, later writes queue behind it: their order is kept.

    Args:
        journal: the journal in the database.
        path: the spool's file; made with mode 0600.
    """

    def __init__(self, journal: Journal, path: Path) -> None:
        self._journal = journal
        self._path = path
        self._unwritten = bytearray()  # whole lines that no disk has taken yet
        self._late: set[asyncio.Task[None]] = set()
        self._replaying = asyncio.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600, exist_ok=True)
            self._end_torn_line()
        except OSError as fault:
            raise SettingsError(f"storage.spool: {path} cannot be written: {fault.strerror}") from fault

    def _end_torn_line(self) -> None:
        """A kill in the middle of a row must not spoil the row after it."""
        with self._path.open("r+b") as file:
            if file.seek(0, os.SEEK_END) and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
                file.write(b"\n")

    @property
    def waiting(self) -> bool:
        """The spool holds rows that the database does not have yet."""
        return bool(self._unwritten) or self._spooled

    @property
    def _spooled(self) -> bool:
        return self._path.exists() and self._path.stat().st_size > 0

    async def open(self, call: Call, card: Message | None = None) -> None:
        """See `ports.Journal.open`."""
        await self._write("open", call, card)

    async def answered(self, call: Call, card: Message, case: Callback) -> None:
        """See `ports.Journal.answered`."""
        await self._write("answered", call, card, case)

    async def enter(self, legs: Sequence[LegRecord]) -> None:
        """See `ports.Journal.enter`."""
        if legs:
            await self._write("enter", tuple(legs))

    async def promised(self, municipality: str, number: str) -> datetime | None:
        """See `ports.Journal.promised`; None while the database does not answer at once."""
        try:
            return await asyncio.wait_for(self._journal.promised(municipality, number), _PATIENCE_SECONDS)
        except (JournalError, TimeoutError):
            return None

    async def progress(self, call: Call, turns: Sequence[Turn]) -> None:
        """See `ports.Journal.progress`."""
        await self._write("progress", call, tuple(turns))

    async def close(
        self, call: Call, turns: Sequence[Turn], message: Message | None, callback: Callback | None
    ) -> None:
        """See `ports.Journal.close`."""
        await self._write("close", call, tuple(turns), message, callback)

    async def transcribed(self, call: Call, turns: Sequence[Turn], message: Message, callback: Callback | None) -> None:
        """See `ports.Journal.transcribed`."""
        await self._write("transcribed", call, tuple(turns), message, callback)

    async def unfinished(self, engine: str) -> Sequence[tuple[Call, Sequence[Turn]]]:
        """See `ports.Journal.unfinished`; what the spool holds is brought in first."""
        await self.replay()
        return await self._journal.unfinished(engine)

    async def callbacks(
        self, municipality: str | None = None, *, open_only: bool = True
    ) -> Sequence[tuple[Callback, Message]]:
        """See `ports.Journal.callbacks`."""
        return await self._journal.callbacks(municipality, open_only=open_only)

    async def untranscribed(self, limit: int = 20) -> Sequence[tuple[Call, Sequence[Turn], Message]]:
        """See `ports.Journal.untranscribed`."""
        return await self._journal.untranscribed(limit)

    async def _write(self, verb: str, *facts: object) -> None:
        if not self.waiting:
            task = asyncio.ensure_future(self._send(verb, facts))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            try:
                await asyncio.wait_for(asyncio.shield(task), _PATIENCE_SECONDS)
            except RowRefused:
                self._put_aside(_line(verb, facts))
                return
            except (JournalError, TimeoutError) as fault:
                task.add_done_callback(_forget)
                log.error("journal away", extra={"action": "journal_spooled", "why": type(fault).__name__})
            else:
                return
        line = _line(verb, facts)
        self._unwritten += line
        try:
            self._pour()
        except JournalError:
            log.error("no room for rows", extra={"action": "spool_full"})
            if len(self._unwritten) > _IN_MEMORY_AT_MOST:
                del self._unwritten[-len(line) :]
                raise

    def _pour(self) -> None:
        """Write what waits in memory.

        Raises:
            JournalError: the disk is full.
        """
        if self._unwritten:
            self._append(bytes(self._unwritten))
            self._unwritten.clear()

    def _append(self, line: bytes) -> None:
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        whole = os.fstat(handle).st_size
        try:
            rest = line
            while rest:  # a disk that fills up takes a part first and tells at the next write
                rest = rest[os.write(handle, rest) :]
            os.fsync(handle)
        except OSError as fault:
            with contextlib.suppress(OSError):
                os.ftruncate(handle, whole)
            raise JournalError(f"neither the database nor the spool takes rows: {fault.strerror}") from fault
        finally:
            os.close(handle)

    def _send(self, verb: str, facts: Sequence[object]) -> Awaitable[None]:
        return getattr(self._journal, verb)(*facts)  # type: ignore[no-any-return]

    async def replay(self) -> int:
        """Bring what the spool holds into the database, in order; how many rows. Done at start and every few seconds.

        A row that cannot be read, or that the database refuses for good, is put aside in `<spool>.refused`, so that it
        does not block the others.
        """
        async with self._replaying:
            done = 0
            with contextlib.suppress(JournalError):
                while self.waiting:
                    with contextlib.suppress(JournalError):
                        self._pour()
                    done += await (self._replay_file() if self._spooled else self._replay_memory())
            return done

    async def _replay_file(self) -> int:
        done = taken = 0
        try:
            for line in self._path.read_bytes().splitlines(keepends=True):
                done += await self._replay_line(line)
                taken += len(line)
        finally:
            self._drop(taken)
        return done

    async def _replay_memory(self) -> int:
        """The first row; should the disk take it meanwhile, it is replayed twice, which is harmless."""
        line = bytes(self._unwritten[: self._unwritten.index(b"\n") + 1])
        done = await self._replay_line(line)
        if self._unwritten.startswith(line):
            del self._unwritten[: len(line)]
        return done

    async def _replay_line(self, line: bytes) -> bool:
        """Send one row; False: it was put aside."""
        try:
            verb, *plain = json.loads(line)
            shapes = _SHAPES[verb]
            plain += [None for shape in shapes[len(plain) :] if NoneType in get_args(shape)]  # of an older edition
            pairs = list(zip(shapes, plain, strict=True))
            facts = [from_plain(shape, item) for shape, item in pairs]
            await self._send(verb, facts)
        except (ValueError, KeyError, TypeError, RowRefused):
            self._put_aside(line)
            return False
        return True

    def _put_aside(self, line: bytes) -> None:
        log.error("row put aside", extra={"action": "row_refused"})
        refused = self._path.with_suffix(".refused")
        try:
            refused.touch(mode=0o600)
            with refused.open("ab") as file:
                file.write(line)
        except OSError as fault:
            raise JournalError(f"no room for a row that was refused: {fault.strerror}") from fault

    def _drop(self, size: int) -> None:
        """Remove the first bytes; a crash in between, or a full disk, replays a row twice, which is harmless."""
        rest = self._path.read_bytes()[size:]
        if not rest:
            os.truncate(self._path, 0)  # needs no room
            return
        fresh = self._path.with_suffix(".new")
        try:
            fresh.touch(mode=0o600)
            with fresh.open("wb") as file:
                file.write(rest)
                file.flush()
                os.fsync(file.fileno())
        except OSError as fault:
            raise JournalError(f"no room for the rest of the spool: {fault.strerror}") from fault
        fresh.replace(self._path)


def _line(verb: str, facts: Sequence[object]) -> bytes:
    return (json.dumps([verb, *map(to_plain, facts)], ensure_ascii=False) + "\n").encode()


def _forget(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.exception()
