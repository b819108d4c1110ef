"""One request of somebody: who it is, what he may see, how he is answered. Every page takes a `Visit`."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from ivr.domain.access import Actor, Deed, Thing, secret_hash
from ivr.errors import Forbidden, NotSignedIn
from ivr.web.pages import Pages
from ivr.web.rooms import Rooms, Town

_SAFE = ("GET", "HEAD", "OPTIONS")
_STRANGER = "ivr-visit"
_THEMES = ("light", "dark")


@dataclass(slots=True)
class Visit:
    """A request being answered.

    Attributes:
        who: None while nobody is signed in.
        stranger: a random name of the browser before signing in; what the first form is bound to.
    """

    request: Request
    rooms: Rooms
    who: Actor | None
    stranger: str

    @property
    def actor(self) -> Actor:
        """Who it is.

        Raises:
            NotSignedIn: nobody is.
        """
        if self.who is None:
            raise NotSignedIn("nobody is signed in")
        return self.who

    @property
    def town(self) -> Town:
        """Theirs; the house's own before somebody has signed in."""
        return self.rooms.town(self.who.account.municipality if self.who else "")

    def may(self, deed: str, thing: str) -> bool:
        """For templates: whether a link or a button is worth showing. The services decide."""
        return self.who is not None and self.who.may(Deed(deed), Thing(thing))

    @property
    def is_partial(self) -> bool:
        """htmx asks for a part of the page."""
        return self.request.headers.get("HX-Request") == "true"

    @property
    def csrf(self) -> str:
        """What every changing form and request carries; bound to the session, or to the stranger's browser."""
        return secret_hash(f"csrf {session_token(self.request, self.rooms) if self.who else self.stranger}")

    def page(self, template: str, status: int = 200, *, trigger: Mapping[str, Any] | None = None, **facts: Any
             ) -> HTMLResponse:  # fmt: skip
        """A page, or a part of one.

        Args:
            trigger: events for the page's script, with their details (header HX-Trigger).
        """
        pages: Pages = self.request.app.state.pages(self.town.zone)
        text = pages.render(template, visit=self, request=self.request, **facts)
        response = HTMLResponse(text, status)
        if trigger:
            response.headers["HX-Trigger"] = json.dumps(trigger)
        if self.who is None:
            self._keep_stranger(response)
        return response

    def go(self, path: str) -> Response:
        """Another page."""
        if self.is_partial:
            return Response(status_code=204, headers={"HX-Redirect": path})
        return RedirectResponse(path, 303)

    def _keep_stranger(self, response: Response) -> None:
        response.set_cookie(
            _STRANGER, self.stranger, httponly=True, samesite="strict", secure=self.rooms.manners.secure, path="/"
        )

    @property
    def theme(self) -> str:
        """ "light", "dark", or "" as the system has it."""
        chosen = self.request.cookies.get("ivr-theme", "")
        return chosen if chosen in _THEMES else ""


def cookie_name(rooms: Rooms) -> str:
    """The prefix makes browsers refuse a cookie that is not for HTTPS, this host and all paths."""
    return "__Host-ivr" if rooms.manners.secure else "ivr"


def session_token(request: Request, rooms: Rooms) -> str:
    """The token of the cookie, "" without one."""
    return request.cookies.get(cookie_name(rooms), "")


def source_of(request: Request) -> str:
    """The address a request comes from."""
    return request.client.host if request.client else ""


async def _visit(request: Request, *, acts: bool, known: bool) -> Visit:
    rooms: Rooms = request.app.state.rooms
    token = session_token(request, rooms)
    try:
        who = await rooms.door.visitor(token, source_of(request), acts=acts) if token else None
    except NotSignedIn:
        who = None
    stranger = request.cookies.get(_STRANGER) or secrets.token_urlsafe(16)
    if known and who is None:
        raise NotSignedIn("nobody is signed in")
    visit = Visit(request, rooms, who, stranger)
    if request.method not in _SAFE:
        await _refuse_forged(visit)
    return visit


async def anybody(request: Request) -> AsyncIterator[Visit]:
    """Signed in or not."""
    try:
        yield await _visit(request, acts=True, known=False)
    finally:
        await request.close()


async def known(request: Request) -> AsyncIterator[Visit]:
    """Somebody who is signed in; files that came with the request are let go afterwards.

    Raises:
        NotSignedIn: nobody is.
    """
    try:
        yield await _visit(request, acts=request.headers.get("X-Renews") != "yes", known=True)
    finally:
        await request.close()


async def _refuse_forged(visit: Visit) -> None:
    """A page of another site cannot make a person do anything here (fault F27)."""
    headers = visit.request.headers
    if headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("this request comes from another site")
    given = headers.get("X-CSRF-Token", "")
    if not given:
        field = (await visit.request.form()).get("csrf", "")
        given = field if isinstance(field, str) else ""
    if not hmac.compare_digest(given.encode(), visit.csrf.encode()):
        raise Forbidden("this form is not ours, or too old: load the page again")


def sign_in_path(request: Request) -> str:
    """Where to sign in, and where to go on afterwards."""
    here = request.headers.get("HX-Current-URL", "") if request.headers.get("HX-Request") else str(request.url)
    path = "/" + here.split("://", 1)[-1].partition("/")[2]
    return f"/sign-in?next={quote(path, safe='')}" if path not in ("/", "/sign-in") else "/sign-in"


Anybody = Annotated[Visit, Depends(anybody)]
Known = Annotated[Visit, Depends(known)]
