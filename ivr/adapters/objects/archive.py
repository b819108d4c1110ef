"""The archive of voices in an S3-compatible store (fulfils `ports.Recordings`).

A call is recorded on the engine's own disk, as ever: the store may be slow or away, a call knows nothing of it. When
the call is over the file is carried away: put, read back, compared by SHA-256; only then the local file goes. So the
local folder is a spool: whatever is killed or away, the file stays and the next round tries again. Readers look there
first.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader
from typing import Protocol

from ivr.adapters.objects.store import NotThere, ObjectStore
from ivr.errors import JournalError
from ivr.ports import Recording, Recordings

log = logging.getLogger(__name__)

_HEADER_BYTES, _CHANNELS_AT, _SAMPLE_BYTES = 44, 22, 2
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 300.0


class Spool(Recordings, Protocol):
    """The local archive, from which finished recordings can be carried away."""

    def finished(self, min_age_seconds: float) -> Sequence[str]:
        """Names of recordings that nobody has written to for so long, oldest first."""

    def settled(self, name: str) -> AbstractContextManager[BufferedReader | None]:
        """The finished file, mended, and nobody else's until it is let go; None: in progress, or somebody else's."""

    def close(self) -> None:
        """Everything on the disk."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A round.

    Attributes:
        away: recordings that are safe in the store now.
        waiting: finished ones that are not.
        fault: why, "" when all is well.
    """

    away: int = 0
    waiting: int = 0
    fault: str = ""


class StoredRecordings:
    """Recordings of all machines: fresh ones on this machine's disk, finished ones in the store.

    Args:
        after_seconds: a recording is carried away so long after its last sound.
    """

    def __init__(self, spool: Spool, store: ObjectStore, *, after_seconds: float = 60.0) -> None:
        self._spool, self._store, self._after = spool, store, after_seconds
        self._pause, self._not_before = 0.0, 0.0

    def create(self, name: str, channels: int = 1) -> Recording:
        """Begin a recording on this machine's disk."""
        return self._spool.create(name, channels)

    def read(self, name: str, channel: int = 0) -> bytes:
        """One channel's sound of a recording.

        Raises:
            JournalError: there is no such recording.
            RecordingsAway: the store does not answer.
        """
        try:
            return self._spool.read(name, channel)
        except JournalError:
            return _channel(self._store.read(_key(name)), channel)

    def size(self, name: str) -> int:
        """Bytes of the file.

        Raises:
            JournalError: there is no such recording.
            RecordingsAway: the store does not answer.
        """
        try:
            return self._spool.size(name)
        except JournalError:
            return self._store.size(_key(name))

    def piece(self, name: str, start: int, length: int) -> bytes:
        """Some bytes of the file; of the store no more is asked than these.

        Raises:
            JournalError: there is no such recording.
            RecordingsAway: the store does not answer.
        """
        try:
            return self._spool.piece(name, start, length)
        except JournalError:
            return self._store.piece(_key(name), start, length)

    def remove(self, name: str) -> bool:
        """Erase it here and in the store; False when it is in neither.

        Raises:
            RecordingsAway: the store does not answer.
        """
        key = _key(name)
        here = self._spool.remove(name)
        return self._store.remove(key) or here

    def older(self, before: datetime) -> Sequence[str]:
        """On this machine's disk and in the store."""
        stored = (key.rpartition("/")[2].removesuffix(".wav") for key in self._store.older(before))
        return sorted({*self._spool.older(before), *stored})

    def repair(self) -> Mapping[str, float]:
        """Mend what was cut short on this machine."""
        return self._spool.repair()

    def carry_away(self, *, now: bool = False) -> Carried:
        """One round: carry all finished recordings into the store; after a failure the next rounds wait longer.

        Args:
            now: do not wait.
        """
        if not now and time.monotonic() < self._not_before:
            return Carried(waiting=len(self._spool.finished(self._after)), fault="waits before it tries again")
        done = Carried()
        for done in self._round():
            if done.fault:
                break
        self._pause = min(max(_FIRST_PAUSE, 2 * self._pause), _LONGEST_PAUSE) if done.fault else 0.0
        self._not_before = time.monotonic() + self._pause
        return done

    def prove(self) -> None:
        """Write, read back and erase a small object in the store.

        Raises:
            JournalError: the store does not answer, or our rights there do not suffice.
        """
        self._store.prove("probe")

    def close(self) -> None:
        """Everything on the disk; what waits is carried away after the next start."""
        self._spool.close()

    def _round(self) -> Iterator[Carried]:
        names, away = self._spool.finished(self._after), 0
        spoiled: list[str] = []
        for name in names:
            try:
                away += self._carry(name)
            except _Spoiled as fault:
                spoiled.append(str(fault))
            except JournalError as fault:
                log.error("a recording waits", extra={"action": "recordings_wait", "why": str(fault)})
                yield Carried(away, len(names) - away, str(fault))
                return
        yield Carried(away, len(spoiled), spoiled[0] if spoiled else "")

    def _carry(self, name: str) -> bool:
        """Put, read back, compare, and only then let the local file go; False when somebody else has it."""
        with self._spool.settled(name) as file:
            if file is None:
                return False
            digest, key = hashlib.file_digest(file, "sha256").hexdigest(), _key(name)
            if self._store.digest(key) != digest:  # not there, or half a life ago a round was cut short
                file.seek(0)
                self._store.put(key, file, digest)
                if self._store.digest(key) != digest:
                    log.error("a recording was spoiled", extra={"action": "recording_spoiled", "call": name})
                    raise _Spoiled("the store gives back other bytes than it was given")
            self._spool.remove(name)
            log.info("a recording was carried away", extra={"action": "recording_stored", "call": name})
            return True


class _Spoiled(JournalError):
    """What came back is not what was put; the local file stays."""


def _key(name: str) -> str:
    if not name or not set(name) <= set("0123456789abcdef"):
        raise NotThere("there is no such recording")
    return f"{name}.wav"


def _channel(blob: bytes, number: int) -> bytes:
    """One channel's sound of a file of ours."""
    sound, stereo = blob[_HEADER_BYTES:], blob[_CHANNELS_AT : _CHANNELS_AT + 2] == b"\2\0"
    if not stereo:
        return sound if number == 0 else b""
    whole = len(sound) - len(sound) % (2 * _SAMPLE_BYTES)
    one = bytearray(whole // 2)
    one[0::2], one[1::2] = sound[2 * number : whole : 4], sound[2 * number + 1 : whole : 4]
    return bytes(one)
