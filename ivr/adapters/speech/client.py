"""Speech to text by recogniser processes near by, or by stock vosk-servers anywhere.

The caller's sound goes out as it comes in, so that the whole text is there a moment after his last word. When the
recogniser dies in the middle of an utterance, the client finds the next one and gives it the utterance from the
beginning: the caller notices nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from ivr.adapters.speech.places import AWAY, Places
from ivr.adapters.speech.protocol import EOF, Answer, Ask, ProtocolError, read_answer
from ivr.domain.turn import HeardWord
from ivr.errors import SpeechError
from ivr.ports import RATE_HZ, Heard

log = logging.getLogger(__name__)

_BYTES_PER_SECOND = RATE_HZ * 2
_SEND_BYTES = _BYTES_PER_SECOND * 2 // 5
_LONGEST_BYTES = _BYTES_PER_SECOND * 600
_RETRY_SECONDS = 0.2
_TRIES = 3
_BROKEN = (*AWAY, ProtocolError)


class VoskRecognizer:
    """The port `Recognizer` over the WebSocket protocol of vosk-server.

    Args:
        addresses: of one recogniser, or of many: "ws://host:port", or the path of a Unix socket.
        finish_seconds: wait so long for the text after the last sound, and for sound not yet taken so much longer as
            it lasts.
        partial_seconds: unfinished texts once in so much sound; a stock server gives them always.
    """

    def __init__(
        self, addresses: str | Sequence[str], *, finish_seconds: float = 3.0, partial_seconds: float = 0.3
    ) -> None:
        self.places = Places([addresses] if isinstance(addresses, str) else addresses)
        self._finish_seconds = finish_seconds
        self._partial_seconds = partial_seconds

    def stream(self, phrases: Sequence[str] = ()) -> VoskStream:
        """Begin an utterance. Needs a running event loop."""
        ask = Ask(RATE_HZ, tuple(phrases), partial_seconds=self._partial_seconds)
        return VoskStream(self.places, ask, self._finish_seconds)

    async def transcribe(self, pcm: bytes) -> Heard:
        """Text of a finished recording; may take as long as the recording lasts.

        Raises:
            SpeechError: the recogniser is away.
        """
        stream = VoskStream(self.places, Ask(RATE_HZ, partial_seconds=0), self._finish_seconds + 10)
        stream.feed(pcm)
        return await stream.finish()

    async def healthy(self, seconds: float = 3.0) -> bool:
        """The recogniser decodes a moment of silence within so many seconds (it is there and does not hang)."""
        stream = VoskStream(self.places, Ask(RATE_HZ, partial_seconds=0), seconds)
        stream.feed(bytes(_SEND_BYTES))
        try:
            await stream.finish()
        except SpeechError:
            return False
        return True

    async def warm_up(self) -> None:
        """Keep a connection ready, so that the next utterance begins without delay. Never fails."""
        await self.places.warm_up()

    async def close(self) -> None:
        """Let the spare connections go."""
        await self.places.close()


class VoskStream:
    """One utterance; the port `SpeechStream`."""

    def __init__(self, places: Places, ask: Ask, finish_seconds: float) -> None:
        self._places, self._ask, self._finish_seconds = places, ask, finish_seconds
        self._sound = bytearray()
        self._sent = 0
        self._end = asyncio.Event()
        self._news = asyncio.Event()
        self._texts: list[str] = []
        self._words: list[HeardWord] = []
        self._others: list[tuple[int, str]] = []
        self._unfinished = ""
        self._failure = ""
        self._eof_sent = False
        self._task = asyncio.create_task(self._converse())

    def feed(self, pcm: bytes) -> None:
        """Give sound; never waits and never fails. Beyond ten minutes it is dropped."""
        if self._end.is_set() or len(self._sound) > _LONGEST_BYTES:
            return
        self._sound += pcm
        if len(self._sound) - self._sent >= _SEND_BYTES:
            self._news.set()

    @property
    def partial(self) -> str:
        """All that is understood so far."""
        return " ".join(text for text in (*self._texts, self._unfinished) if text)

    async def finish(self) -> Heard:
        """The whole text.

        Raises:
            SpeechError: the recogniser is away, broke thrice in this utterance, or hangs.
        """
        self._end.set()
        self._news.set()
        unsent_seconds = (len(self._sound) - self._sent) / _BYTES_PER_SECOND
        try:
            await asyncio.wait({self._task}, timeout=self._finish_seconds + unsent_seconds)
        finally:
            self._task.cancel()
        if not self._task.done() or self._task.cancelled():
            raise SpeechError("the recogniser did not answer in time")
        if self._failure:
            raise SpeechError(f"the recogniser is away: {self._failure}")
        return Heard(self._whole(), tuple(self._words), tuple(self._whole(*other) for other in self._others))

    def _whole(self, place: int = -1, instead: str = "") -> str:
        """The text, or one with another reading of one piece."""
        texts = (instead if piece == place else text for piece, text in enumerate(self._texts))
        return " ".join(text for text in texts if text)

    def cancel(self) -> None:
        """Give the utterance up."""
        self._end.set()
        self._task.cancel()

    async def _converse(self) -> None:
        """Have the utterance recognised, by a second and third recogniser if need be."""
        for attempt in range(1, _TRIES + 1):
            connection = await self._reach()
            if connection is None:
                return
            try:
                await self._converse_once(connection)
            except _BROKEN as error:
                self._failure = f"{type(error).__name__}: {error}"
                log.warning("the recogniser broke off", extra={"action": "recogniser_lost", "attempt": attempt})
            else:
                self._failure = ""
                return
            finally:
                connection.transport.abort()

    async def _reach(self) -> ClientConnection | None:
        """A connection, however long it takes while the caller speaks; None when he has ended and there is none."""
        while True:
            try:
                return await self._places.connection()
            except AWAY as error:
                if self._end.is_set():
                    self._failure = f"{type(error).__name__}: {error}"
                    return None
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._end.wait(), _RETRY_SECONDS)

    async def _converse_once(self, connection: ClientConnection) -> None:
        self._sent, self._texts, self._words, self._unfinished, self._eof_sent = 0, [], [], "", False
        self._others = []
        sender = asyncio.create_task(self._send(connection))
        try:
            async for message in connection:
                self._take(read_answer(message))
        finally:
            sender.cancel()
        if not self._eof_sent or connection.close_code != CloseCode.NORMAL_CLOSURE:
            raise ProtocolError("the recogniser left before the end of the utterance")

    async def _send(self, connection: ClientConnection) -> None:
        """Send the utterance from its beginning, as it comes; a connection that breaks is the receiver's affair."""
        with contextlib.suppress(ConnectionClosed):
            await connection.send(self._ask.as_message())
            while True:
                self._news.clear()
                while (waiting := len(self._sound) - self._sent) >= _SEND_BYTES or (waiting and self._end.is_set()):
                    piece = bytes(self._sound[self._sent : self._sent + _SEND_BYTES])
                    self._sent += len(piece)
                    await connection.send(piece)
                if self._end.is_set():
                    self._eof_sent = True
                    await connection.send(EOF)
                    return
                await self._news.wait()

    def _take(self, answer: Answer) -> None:
        if answer.partial is not None:
            self._unfinished = answer.partial
        else:
            self._unfinished = ""
            self._others += [(len(self._texts), other) for other in answer.alternatives]
            self._texts.append(answer.text or "")
            self._words += answer.words
