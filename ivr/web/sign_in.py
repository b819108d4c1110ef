"""Signing in and out."""

from __future__ import annotations

import base64
import json
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from ivr.domain.access import Deed, Thing
from ivr.domain.identity import Journey, ReturnProof
from ivr.errors import NotKnownHere, NotSignedIn, TooManyTries, VoucherAway
from ivr.web.rules import public, signed_in
from ivr.web.visit import Anybody, Known, Visit, cookie_name, session_token, source_of

router = APIRouter()

_BACK = "/sign-in/back"
_JOURNEY_SECONDS = 600
_LONGEST = 4096
_YEAR = 365 * 24 * 3600
_HOMES = (
    ("/callbacks", Deed.LIST, Thing.CALLBACK), ("/settings", Deed.LIST, Thing.PERSON),
    ("/region", Deed.VIEW, Thing.REGION),
)  # fmt: skip
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
        token = await rooms.entrance.sign_in(
            login, password, source_of(request), agent, old_token=session_token(request, rooms)
        )
    except NotSignedIn:
        return _refused(visit, "wrong", next, login)
    except NotKnownHere as known:
        return _refused(visit, known.why, next, login)
    except VoucherAway:
        return _refused(visit, "away", next, login, 503)
    except TooManyTries as fault:
        wait = int(fault.seconds) + 1
        refusal = visit.page("sign_in.html", 429, next=_inside(next), login=login, fault="wait", wait=wait)
        refusal.headers["Retry-After"] = str(wait)
        return refusal
    response = visit.go(_inside(next))
    keep_session(response, visit, token)
    return response


@router.get("/sign-in/elsewhere")
@public
async def elsewhere(visit: Anybody, next: str = "") -> Response:  # noqa: A002
    """To the organisation's own sign-in; what must come back with the browser waits in its cookie."""
    request = visit.request
    back = f"{request.url.scheme}://{request.headers.get('host', '')}{_BACK}"
    try:
        journey = await visit.rooms.entrance.begin(back)
    except VoucherAway:
        return _refused(visit, "away", next, status=503)
    response = RedirectResponse(journey.url, 303)
    kept = {"back": back, "state": journey.state, "nonce": journey.nonce, "verifier": journey.verifier,
            "next": _inside(next)}  # fmt: skip
    _keep_journey(response, visit, base64.urlsafe_b64encode(json.dumps(kept).encode()).decode())
    return response


@router.get("/sign-in/back")
@public
async def back(visit: Anybody) -> Response:
    """A browser comes back from there."""
    request, rooms = visit.request, visit.rooms
    kept = _journey(request.cookies.get(_journey_name(visit), ""))
    query = {name: value for name, value in request.query_params.items() if len(value) <= _LONGEST}
    proof = ReturnProof(Journey("", kept["back"], kept["state"], kept["nonce"], kept["verifier"]), query)
    agent, old_token = request.headers.get("user-agent", ""), session_token(request, rooms)
    try:
        token = await rooms.entrance.come_back(proof, source_of(request), agent, old_token)
    except NotSignedIn:
        response = _refused(visit, "not_vouched", kept["next"])
    except NotKnownHere as known:
        response = _refused(visit, known.why, kept["next"])
    except VoucherAway:
        response = _refused(visit, "away", kept["next"], status=503)
    else:
        response = visit.go(_inside(kept["next"]))
        keep_session(response, visit, token)
    _keep_journey(response, visit, "", seconds=0)
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


def _refused(visit: Visit, why: str, next: str, login: str = "", status: int = 401) -> Response:  # noqa: A002
    return visit.page("sign_in.html", status, next=_inside(next), login=login, fault=why, wait=0)


def _journey_name(visit: Visit) -> str:
    return "__Host-ivr-journey" if visit.rooms.manners.secure else "ivr-journey"


def _keep_journey(response: Response, visit: Visit, value: str, seconds: int = _JOURNEY_SECONDS) -> None:
    """The way back: for this host, for no script; it comes along when the other system sends the browser here."""
    response.set_cookie(
        _journey_name(visit), value, max_age=seconds, httponly=True, samesite="lax",
        secure=visit.rooms.manners.secure, path="/",
    )  # fmt: skip


def _journey(cookie: str) -> dict[str, str]:
    """What was kept; without it all is empty, and nothing that comes back fits."""
    empty = dict.fromkeys(("back", "state", "nonce", "verifier", "next"), "")
    try:
        kept = json.loads(base64.urlsafe_b64decode(cookie.encode()))
    except ValueError:
        return empty
    return {name: str(kept.get(name, "")) for name in empty} if isinstance(kept, dict) else empty


def _inside(path: str) -> str:
    """A path of this house, whatever was given (no open redirect)."""
    plain = "/" + path.lstrip("/\\")
    return plain if plain.isprintable() and "\\" not in plain and "//" not in plain else "/"
