"""Sound of one client on its way from the event loop to the decoding threads."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ivr.adapters.speech.protocol import Ask, End
from ivr.adapters.speech.utterance import Utterance

log = logging.getLogger(__name__)

_GATHER_SECONDS = 0.2
_TAKE_SECONDS = 0.4
_FULL_SECONDS = 20.0


class Intake:
    """Keeps the order of one client's messages; at any moment at most one thread works on them.

    A thread takes at most 0.4 s of sound at a time and then queues behind the other clients, so that a long recording
    being transcribed does not hold up the callers.

    Args:
        model: the Vosk model.
        pool: the decoding threads.
        loop: the event loop that calls `offer`.
        reply: takes each message for the client, in the event loop; None: that was the last one.
    """

    def __init__(
        self,
        model: Any,
        pool: ThreadPoolExecutor,
        loop: asyncio.AbstractEventLoop,
        reply: Callable[[str | None], object],
    ) -> None:
        self._model, self._pool, self._loop, self._reply = model, pool, loop, reply
        self._lock = threading.Lock()
        self._waiting: deque[bytes | End] = deque()
        self._size = 0
        self._working = False
        self._ask = Ask(words=False)
        self._utterance: Utterance | None = None
        self._begun = False
        self.has_room = asyncio.Event()
        self.has_room.set()

    def offer(self, message: bytes | Ask | End) -> None:
        """Take the client's next message. When `has_room` is no longer set, wait for it before the next one."""
        if isinstance(message, Ask):
            if not self._begun:
                self._ask = message
            return
        self._begun = True
        with self._lock:
            self._waiting.append(message)
            if isinstance(message, bytes):
                self._size += len(message)
                if self._size > self._bytes(_FULL_SECONDS):
                    self.has_room.clear()
            start = not self._working and self._worth_a_turn()
            self._working = self._working or start
        if start:
            self._pool.submit(self._work)

    def stop(self) -> None:
        """The client is gone: what waits is forgotten."""
        with self._lock:
            self._waiting.clear()
            self._size = 0

    def _bytes(self, seconds: float) -> int:
        return int(seconds * self._ask.rate_hz) * 2

    def _worth_a_turn(self) -> bool:
        if not self._waiting:
            return False
        gathers = self._ask.partial_seconds is not None and not isinstance(self._waiting[-1], End)
        return not gathers or self._size >= self._bytes(_GATHER_SECONDS)

    def _work(self) -> None:
        """One turn of a decoding thread."""
        try:
            with self._lock:
                sound, end = self._take()
            replies = self._decode(sound, end)
        except Exception:  # the edge of a thread: the client is told by the end of its connection
            log.exception("decoding failed", extra={"action": "decoding_failed"})
            replies = [None]
        with self._lock:
            self._working = more = self._worth_a_turn()
            relieved = self._size <= self._bytes(_FULL_SECONDS) / 2
        if more:
            self._pool.submit(self._work)
        if replies or (relieved and not self.has_room.is_set()):
            self._loop.call_soon_threadsafe(self._deliver, replies)

    def _take(self) -> tuple[bytes | None, End | None]:
        """Sound to decode now, joined; or the end of the utterance."""
        pieces: list[bytes] = []
        taken = 0
        most = self._bytes(_TAKE_SECONDS) if self._ask.partial_seconds is not None else 0
        while self._waiting and (not pieces or taken < most):
            message = self._waiting.popleft()
            if isinstance(message, End):
                return (b"".join(pieces) if pieces else None), message
            pieces.append(message)
            taken += len(message)
            self._size -= len(message)
        return (b"".join(pieces) if pieces else None), None

    def _decode(self, sound: bytes | None, end: End | None) -> list[str | None]:
        replies: list[str | None] = []
        if self._utterance is None:
            self._utterance = Utterance(self._model, self._ask)
            if self._utterance.unknown_words:
                facts = {"action": "phrases_narrowed", "unknown_words": self._utterance.unknown_words}
                log.debug("some words of the phrase list are not in the model", extra=facts)
        if sound is not None and (reply := self._utterance.hear(sound)) is not None:
            replies.append(reply)
        if end is not None:
            replies.append(self._utterance.end())
            self._utterance = None
            if not end.reset:
                replies.append(None)
        return replies

    def _deliver(self, replies: list[str | None]) -> None:
        """In the event loop."""
        for reply in replies:
            self._reply(reply)
        if self._size <= self._bytes(_FULL_SECONDS) / 2:
            self.has_room.set()
