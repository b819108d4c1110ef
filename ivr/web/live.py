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

from fastapi.responses import StreamingResponse

from ivr.errors import NotSignedIn
from ivr.ports.console import News
from ivr.services.board import LiveBoard
from ivr.services.calling import Calling
from ivr.web.visit import Visit, session_token, source_of

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
_BOARD: Mapping[str, object] = {"action": "board"}
"""What the live board is told while words grow: that something has changed."""


@dataclass(slots=True)
class Hub:
    """One listener to the news, many pages."""

    news: News
    calling: Calling
    board: LiveBoard
    _pages: dict[asyncio.Queue[Mapping[str, object]], str] = field(default_factory=dict)
    _boards: dict[asyncio.Queue[Mapping[str, object]], str] = field(default_factory=dict)
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
        for page in (*self._pages, *self._boards):
            page.put_nowait({"action": "closing"})

    async def _listen(self) -> None:
        while True:
            news = await self.news.next()
            try:
                self._pass_on(news)
            except Exception:  # one piece of news that nobody understands must not end all others
                log.exception("news not passed on", extra={"action": "news_failed"})

    def _pass_on(self, news: Mapping[str, object]) -> None:
        self.calling.follow(news)
        if self.board.follow(news):
            for page in self._boards:
                if page.empty():
                    page.put_nowait(_BOARD)
        facts = PASSED_ON.get(str(news.get("action")))
        if facts is not None:
            told = {"action": news["action"], **{name: news[name] for name in facts if name in news}}
            self.tell(told, str(news.get("municipality", "")))

    def tell(self, news: Mapping[str, object], municipality: str = "") -> None:
        """Pass it on to the pages of that municipality; one that does not keep up misses some until it next renews
        itself, as all do every half minute."""
        for page, whose in self._pages.items():
            if municipality in ("", whose) and page.qsize() < _WAITING_AT_MOST:
                page.put_nowait(news)

    async def stream(self, door: Watch) -> AsyncIterator[str]:
        """Events for one page until it leaves or its session ends."""
        page: asyncio.Queue[Mapping[str, object]] = asyncio.Queue()
        pages = self._boards if door.board else self._pages
        pages[page] = door.municipality
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
            del pages[page]


@dataclass(slots=True)
class Watch:
    """Whether a page's session still lives.

    Attributes:
        municipality: whose news it is told.
        look: raises `NotSignedIn` when it does not.
        board: it is the live board, which is told of every change on it and of nothing else.
    """

    login: str
    municipality: str
    look: Callable[[], Awaitable[None]]
    board: bool = False

    async def is_open(self) -> bool:
        """Asked at every event."""
        try:
            await self.look()
        except NotSignedIn:
            return False
        return True


def live_of(visit: Visit, *, board: bool = False) -> StreamingResponse:
    """The stream of one page of somebody; ends with the session."""
    hub: Hub = visit.request.app.state.hub
    token, source = session_token(visit.request, visit.rooms), source_of(visit.request)

    async def look() -> None:
        await visit.rooms.door.visitor(token, source, acts=False)

    account = visit.actor.account
    watch = Watch(account.login, account.municipality, look, board)
    return StreamingResponse(hub.stream(watch), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _event(news: Mapping[str, object]) -> str:
    return f"data: {json.dumps(news, ensure_ascii=False)}\n\n"
