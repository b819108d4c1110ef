"""Where recognisers are: any number of our processes or stock vosk-servers, the least busy first.

A place that does not answer at once rests for a while, longer each time; a full one sends the utterance to the next.
Nobody waits for a place: where none is to be had within 200 ms, the utterance is recorded and heard later.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect, unix_connect
from websockets.exceptions import WebSocketException
from websockets.frames import CloseCode

from ivr.adapters.speech.protocol import LOAD_HEADER, MAX_MESSAGE_BYTES

_REACH_SECONDS, _WARM_UP_SECONDS = 0.2, 2.0
_FIRST_REST, _LONGEST_REST = 0.5, 30.0
AWAY = (OSError, WebSocketException, TimeoutError)


@dataclass(slots=True)
class Place:
    """One recogniser.

    Attributes:
        address: "ws://host:port", or the path of a Unix socket.
        ours: utterances that we have given it and that are not over.
        told: how many it said it had, everybody's together, when it was last reached; a stock server tells nothing.
    """

    address: str
    ours: int = 0
    told: int = 0
    _spare: ClientConnection | None = None
    _rest: float = _FIRST_REST
    _rests_until: float = 0.0
    _warming: asyncio.Task[None] | None = None
    _watches: set[asyncio.Task[None]] = field(default_factory=set)

    def rests(self, now: float) -> bool:
        """It did not answer lately."""
        return now < self._rests_until

    async def reach(self, within_seconds: float) -> ClientConnection:
        """A fresh connection; the spare one if it is alive. Another spare one is then made ready.

        Raises:
            OSError, WebSocketException, TimeoutError: it is away.
        """
        spare, self._spare = self._spare, None
        self.ours += 1
        try:
            found = spare if spare and is_open(spare) else await self._connect(within_seconds)
        except BaseException as fault:
            self.ours -= 1
            if isinstance(fault, AWAY):
                self._lie_down()
            raise
        self._rest = _FIRST_REST
        self._watch(self._count_off(found))
        if self._warming is None or self._warming.done():
            self._warming = self._watch(self.warm_up())
        return found

    async def warm_up(self) -> None:
        """Keep a connection ready, so that the next utterance begins without delay. Never fails."""
        if self._spare is None or not is_open(self._spare):
            with contextlib.suppress(*AWAY):
                self._spare = await self._connect(_WARM_UP_SECONDS)

    async def close(self) -> None:
        """Let the spare connection go."""
        watches = tuple(self._watches)
        for watch in watches:
            watch.cancel()
        await asyncio.gather(*watches, return_exceptions=True)
        if self._spare is not None:
            await self._spare.close()

    def _lie_down(self) -> None:
        self._rests_until = asyncio.get_running_loop().time() + self._rest
        self._rest = min(self._rest * 2, _LONGEST_REST)

    def _watch(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._watches.add(task)
        task.add_done_callback(self._watches.discard)
        return task

    async def _count_off(self, connection: ClientConnection) -> None:
        try:
            await connection.wait_closed()
        finally:
            self.ours -= 1
        if connection.close_code == CloseCode.TRY_AGAIN_LATER:
            self._rests_until = asyncio.get_running_loop().time() + _FIRST_REST

    async def _connect(self, within_seconds: float) -> ClientConnection:
        options: dict[str, Any] = {
            "compression": None,
            "open_timeout": within_seconds,
            "close_timeout": 1,
            "max_size": MAX_MESSAGE_BYTES,
        }
        if self.address.startswith(("ws://", "wss://")):
            made = await connect(self.address, proxy=None, **options)
        else:
            made = await unix_connect(self.address, "ws://recogniser/", **options)
        told = made.response.headers.get(LOAD_HEADER, "") if made.response else ""
        self.told = int(told) if told.isdigit() else 0
        return made


class Places:
    """All of them."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._places = [Place(address) for address in addresses]
        self._chance = random.Random()

    async def connection(self) -> ClientConnection:
        """To the least busy place that answers; of several equals any, so that many callers spread.

        Raises:
            OSError, WebSocketException, TimeoutError: none answers.
        """
        now = asyncio.get_running_loop().time()
        awake = [place for place in self._places if not place.rests(now)] or self._places
        order = sorted(awake, key=lambda place: (max(place.ours, place.told), self._chance.random()))
        for place in order[:-1]:
            with contextlib.suppress(*AWAY):
                return await place.reach(_REACH_SECONDS)
        return await order[-1].reach(_REACH_SECONDS)

    async def warm_up(self) -> None:
        """Keep a connection to each ready. Never fails."""
        await asyncio.gather(*(place.warm_up() for place in self._places))

    async def close(self) -> None:
        """Let the spare connections go."""
        await asyncio.gather(*(place.close() for place in self._places))

    @property
    def burdens(self) -> Sequence[int]:
        """Our utterances at each, in the order of the addresses."""
        return [place.ours for place in self._places]


def is_open(connection: ClientConnection) -> bool:
    """Nobody has closed it."""
    return connection.close_code is None
