"""Signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.errors import NotSignedIn, TooManyTries
from ivr.web.rules import public, signed_in
from ivr.web.visit import Anybody, Known, Visit, cookie_name, session_token, source_of

router = APIRouter()

_YEAR = 365 * 24 * 3600
_HOMES = (("/callbacks", Deed.LIST, Thing.CALLBACK), ("/settings", Deed.VIEW, Thing.SETTINGS))
"""Where a person begins: the first page he may see."""


@router.get("/")
@signed_in
async def home(visit: Known) -> Response:
    """The page a person begins with."""
    return visit.go(next((path for path, deed, thing in _HOMES if visit.actor.may(deed, thing)), "/account"))


@router.get("/sign-in")
@public
async def form(visit: Anybody, next: str = "") -> Response:  # noqa: A002 (the name of the field)
    """The door."""
    if visit.who is not None:
        return visit.go(_inside(next))
    if await visit.rooms.setup.is_needed():
        return visit.go("/setup")
    return visit.page("sign_in.html", next=_inside(next), login="", fault="", wait=0)


@router.post("/sign-in")
@public
async def sign_in(
    visit: Anybody,
    login: Annotated[str, Form(max_length=64)],
    password: Annotated[str, Form(max_length=128)],
    next: Annotated[str, Form()] = "",  # noqa: A002
) -> Response:
    """Come in; a new session each time."""
    request, rooms = visit.request, visit.rooms
    agent = request.headers.get("user-agent", "")
    try:
        token = await rooms.door.sign_in(
            login, password, source_of(request), agent, old_token=session_token(request, rooms)
        )
    except NotSignedIn:
        return visit.page("sign_in.html", 401, next=_inside(next), login=login, fault="wrong", wait=0)
    except TooManyTries as fault:
        wait = int(fault.seconds) + 1
        refusal = visit.page("sign_in.html", 429, next=_inside(next), login=login, fault="wait", wait=wait)
        refusal.headers["Retry-After"] = str(wait)
        return refusal
    response = visit.go(_inside(next))
    keep_session(response, visit, token)
    return response


@router.post("/sign-out")
@signed_in
async def sign_out(visit: Known) -> Response:
    """Leave; what the browser keeps of this house is cleared."""
    await visit.rooms.door.sign_out(visit.actor)
    response = visit.go("/sign-in")
    response.delete_cookie(cookie_name(visit.rooms), path="/", secure=visit.rooms.manners.secure, httponly=True)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@router.post("/theme")
@public
async def theme(visit: Anybody, theme: Annotated[str, Form(pattern="^(light|dark|)$")] = "") -> Response:
    """Light, dark, or as the system has it."""
    response = visit.go(_inside(visit.request.headers.get("referer", "").split("://", 1)[-1].partition("/")[2]))
    response.set_cookie("ivr-theme", theme, max_age=_YEAR, samesite="strict", secure=visit.rooms.manners.secure)
    return response


def keep_session(response: Response, visit: Visit, token: str) -> None:
    """The cookie of a session: for this host, for no script, never sent from another site's form."""
    response.set_cookie(
        cookie_name(visit.rooms), token, httponly=True, samesite="lax", secure=visit.rooms.manners.secure, path="/"
    )


def _inside(path: str) -> str:
    """A path of this house, whatever was given (no open redirect)."""
    plain = "/" + path.lstrip("/\\")
    return plain if plain.isprintable() and "\\" not in plain and "//" not in plain else "/"
