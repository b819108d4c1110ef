"""The demo's console: an operator with a password of the moment signs in and finds the callbacks on the list."""

from __future__ import annotations

import asyncio
import http.cookiejar
import re
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field

from ivr.adapters.files.settings import Settings
from ivr.adapters.files.ui import words
from ivr.bootstrap.access import at_the_command_line, build_access_room
from ivr.domain.people import Role
from ivr.errors import IvrError

LOGIN = "demo"
_START_SECONDS = 60.0


@dataclass
class DemoConsole:
    """The console as a browser sees it.

    Attributes:
        port: where it answers.
        password: made anew at each demo.
    """

    port: int
    password: str = field(default_factory=lambda: secrets.token_urlsafe(9))

    def __post_init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._browser = urllib.request.build_opener(cookies)

    @property
    def address(self) -> str:
        """What to type into a browser."""
        return f"http://127.0.0.1:{self.port}/"

    async def employ(self, settings: Settings) -> None:
        """Make the operator, who is the curator and the administrator of the demo too."""
        room = build_access_room(settings)
        roles = (Role.OPERATOR, Role.CURATOR, Role.ADMINISTRATOR)
        name = words("demo.operator")
        await room.people.add(at_the_command_line(settings), LOGIN, name, roles, self.password)
        room.dispose()

    async def missing(self, callbacks: Sequence[str]) -> list[str]:
        """Those of the callbacks that are not on the list of a person who has signed in.

        Raises:
            IvrError: the console does not answer.
        """
        page = await asyncio.to_thread(self.sign_in)
        return [callback for callback in callbacks if f'data-row="{callback}"' not in page]

    def sign_in(self) -> str:
        """The first page after signing in: the list of callbacks."""
        door = self._patiently("sign-in")
        token = re.search(r'name="csrf" value="([^"]+)"', door)
        if token is None:
            raise IvrError(words("demo.no_console"))
        form = {"csrf": token[1], "login": LOGIN, "password": self.password, "next": "/callbacks"}
        return self.read("sign-in", urllib.parse.urlencode(form).encode())

    def _patiently(self, path: str) -> str:
        last = time.monotonic() + _START_SECONDS
        while True:
            try:
                return self.read(path)
            except (urllib.error.URLError, ConnectionError):
                if time.monotonic() > last:
                    raise IvrError(words("demo.no_console")) from None
                time.sleep(0.2)

    def read(self, path: str, form: bytes | None = None) -> str:
        """A page."""
        with self._browser.open(self.address + path, form, timeout=10) as answer:
            return str(answer.read().decode("utf-8", "replace"))
