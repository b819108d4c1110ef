"""What stands before every request: the host's name, limits of what is sent, the headers of every answer.

OWASP ASVS 5, chapters 3 and 4; faults F26, F37.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import secrets
from collections.abc import Sequence
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ivr.web.rooms import Manners

BODY_BYTES = 256 * 1024
BODY_SECONDS = 15.0
_MEGABYTE = 1024 * 1024
MORE_FOR = (
    (re.compile(r"/settings/prompts/[a-z0-9_]+"), 16 * _MEGABYTE, 120.0),
    (re.compile(r"/settings/topic-file"), _MEGABYTE, 60.0),
    (re.compile(r"/reports/older-journal|/api/v1/older-journals/(preview|take_in|take_back)"), 33 * _MEGABYTE, 300.0),
)
"""Where people send files: so many bytes within so many seconds, for who may do it."""
_OWN_NAMES = ("localhost", "127.0.0.1", "[::1]", "testserver")
_FOR_EVER = b"public, max-age=31536000, immutable"


def policy(nonce: str) -> str:
    """Content-Security-Policy: only our own files; no script and no style in a page, but for the nonce's."""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
        "media-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


class Gate:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, manners: Manners) -> None:
        self._app = app
        self._manners = manners
        self._names = {*_OWN_NAMES, *manners.hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        nonce = secrets.token_urlsafe(12)
        scope.setdefault("state", {})["nonce"] = nonce

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._dress(MutableHeaders(scope=message), scope, nonce)
            await send(message)

        if self._manners.hosts and _name(headers.get(b"host", b"").decode("latin-1")) not in self._names:
            await PlainTextResponse("421 unknown host", 421)(scope, receive, answer)
            return
        most, seconds = _limits(scope["path"])
        if int(headers.get(b"content-length", b"0") or 0) > most:
            await PlainTextResponse("413 too long", 413)(scope, receive, answer)
            return
        self._look_behind_proxy(scope, headers)
        await self._app(scope, _bounded(receive, most, seconds), answer)

    def _dress(self, headers: MutableHeaders, scope: Scope, nonce: str) -> None:
        headers["Content-Security-Policy"] = policy(nonce)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(self), payment=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["X-Frame-Options"] = "DENY"
        if self._manners.secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if scope["path"].startswith("/static/") and b"v=" in scope.get("query_string", b""):
            headers["Cache-Control"] = _FOR_EVER.decode()
        else:
            headers.setdefault("Cache-Control", "no-cache" if scope["path"].startswith("/static/") else "no-store")

    def _look_behind_proxy(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        """A believed proxy tells who stands before it; nobody else does."""
        if not scope.get("client") or not within(scope["client"][0], self._manners.proxies):
            return
        told = headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")
        for address in reversed([part.strip() for part in told if part.strip()]):
            scope["client"] = (address[:64], 0)
            if not within(address, self._manners.proxies):
                break
        if headers.get(b"x-forwarded-proto") in (b"http", b"https"):
            scope["scheme"] = headers[b"x-forwarded-proto"].decode()


def within(address: str, networks: Sequence[str]) -> bool:
    """An address belongs to one of these networks."""
    try:
        return any(ipaddress.ip_address(address) in ipaddress.ip_network(net, strict=False) for net in networks)
    except ValueError:
        return False


def _name(host: str) -> str:
    return host.rsplit(":", 1)[0] if host.rpartition(":")[2].isdigit() else host


def _limits(path: str) -> tuple[int, float]:
    """How many bytes a body may have, and the seconds it may take."""
    return next(((most, seconds) for pattern, most, seconds in MORE_FOR if pattern.fullmatch(path)),
                (BODY_BYTES, BODY_SECONDS))  # fmt: skip


def _bounded(receive: Receive, most: int, seconds: float) -> Receive:
    """A body no longer than this, all of it within these seconds; else the request is broken off."""
    taken, whole, began = 0, False, asyncio.get_running_loop().time()

    async def bounded() -> Any:
        nonlocal taken, whole
        if whole:
            return await receive()
        left = seconds - (asyncio.get_running_loop().time() - began)
        try:
            message = await asyncio.wait_for(receive(), max(left, 0.01))
        except TimeoutError:
            return {"type": "http.disconnect"}
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if taken > most:
                return {"type": "http.disconnect"}
        return message

    return bounded
