"""Live updates: what happens in all processes, passed on to the pages by server-sent events.

A page is told that something has changed, never what: names and words come by an ordinary request, with its rule and
its row in the access log.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from ivr.errors import NotSignedIn
from ivr.ports.console import News
from ivr.services.calling import Calling

log = logging.getLogger(__name__)

_HEARTBEAT_SECONDS = 15.0
_WAITING_AT_MOST = 200
PASSED_ON: Mapping[str, tuple[str, ...]] = {
    "callback_moved": ("callback", "state"),
    "message_corrected": ("message",),
    "call_started": (),
    "call_ended": (),
    "call_out": ("callback", "step", "outcome"),
    "call_refused": ("callback", "who", "code", "sentence"),
    "notice": ("kind", "subject"),
}
"""Which news the pages get, and which of its facts."""


@dataclass(slots=True)
class Hub:
    """One listener to the news, many pages."""

    news: News
    calling: Calling
    _pages: set[asyncio.Queue[Mapping[str, object]]] = field(default_factory=set)
    _task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Listen from now on."""
        self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """Listen no more; all pages are let go."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        for page in self._pages:
            page.put_nowait({"action": "closing"})

    async def _listen(self) -> None:
        while True:
            news = await self.news.next()
            self.calling.follow(news)
            facts = PASSED_ON.get(str(news.get("action")))
            if facts is not None:
                self.tell({"action": news["action"], **{name: news[name] for name in facts if name in news}})

    def tell(self, news: Mapping[str, object]) -> None:
        """Pass it on; a page that does not keep up is told to load itself anew."""
        for page in self._pages:
            if page.qsize() < _WAITING_AT_MOST:
                page.put_nowait(news)

    async def stream(self, door: Watch) -> AsyncIterator[str]:
        """Events for one page until it leaves or its session ends."""
        page: asyncio.Queue[Mapping[str, object]] = asyncio.Queue()
        self._pages.add(page)
        try:
            yield "retry: 3000\n\n"
            while True:
                try:
                    news = await asyncio.wait_for(page.get(), _HEARTBEAT_SECONDS)
                except TimeoutError:
                    news = {}
                if news.get("action") == "closing":
                    return
                if not await door.is_open():
                    yield _event({"action": "signed_out"})
                    return
                if news and news.get("who", door.login) == door.login:
                    yield _event(news)
                elif not news:
                    yield ": \n\n"
        finally:
            self._pages.discard(page)


@dataclass(slots=True)
class Watch:
    """Whether a page's session still lives.

    Attributes:
        look: raises `NotSignedIn` when it does not.
    """

    login: str
    look: Callable[[], Awaitable[None]]

    async def is_open(self) -> bool:
        """Asked at every event."""
        try:
            await self.look()
        except NotSignedIn:
            return False
        return True


def _event(news: Mapping[str, object]) -> str:
    return f"data: {json.dumps(news, ensure_ascii=False)}\n\n"
