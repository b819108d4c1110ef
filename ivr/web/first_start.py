"""The first start: a key from the server's console, the administrator, the municipality, hours, PBX, a test call."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.errors import LineError, NotSignedIn, RuleBroken
from ivr.web.hours import hours_of
from ivr.web.rules import needs, public
from ivr.web.sign_in import keep_session
from ivr.web.visit import Anybody, Known, Visit, source_of

router = APIRouter()

STEPS = ("person", "town", "hours", "line", "call")


@router.get("/setup")
@public
async def begin(visit: Anybody, key: Annotated[str, "from the link"] = "") -> Response:
    """Who will manage the house."""
    if not await visit.rooms.setup.is_needed():
        return visit.go("/")
    return _step(visit, "person", given={"key": key})


@router.post("/setup")
@public
async def found(
    visit: Anybody,
    key: Annotated[str, Form(max_length=64)],
    login: Annotated[str, Form(max_length=64)],
    name: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=200)],
    works: Annotated[bool, Form()] = False,
) -> Response:
    """Make the administrator and let him in."""
    given = {"key": key, "login": login, "name": name, "works": works}
    rooms, source = visit.rooms, source_of(visit.request)
    try:
        await rooms.setup.found(key.strip(), login, name, password, source, works=works)
    except NotSignedIn:
        return _step(visit, "person", given, rooms.words("console.first_start.wrong_key"))
    except RuleBroken as fault:
        return _step(visit, "person", given, rooms.words(f"refused.{fault.code}"))
    token = await rooms.door.sign_in(login, password, source, visit.request.headers.get("user-agent", ""))
    response = visit.go("/setup/town")
    keep_session(response, visit, token)
    return response


@router.get("/setup/town")
@needs(Deed.VIEW, Thing.SETTINGS)
async def town(visit: Known) -> Response:
    """Whose line it is."""
    return _step(visit, "town", visit.town.administration.house.view(visit.actor)["municipality"])


@router.post("/setup/town")
@needs(Deed.MANAGE, Thing.SETTINGS)
async def name_town(visit: Known, title: Annotated[str, Form(max_length=300)]) -> Response:
    """Keep its name."""
    try:
        await visit.town.administration.house.change(visit.actor, {"municipality": {"title": " ".join(title.split())}})
    except RuleBroken as fault:
        return _step(visit, "town", {"title": title}, visit.rooms.words(f"refused.{fault.code}"))
    visit.town.administration.follow()
    return visit.go("/setup/hours")


@router.get("/setup/hours")
@needs(Deed.VIEW, Thing.SETTINGS)
async def hours(visit: Known) -> Response:
    """When somebody is on duty."""
    visit.actor.require(Deed.VIEW, Thing.SETTINGS)
    return _step(visit, "hours", visit.town.administration.hours.week(visit.actor))


@router.post("/setup/hours")
@needs(Deed.MANAGE, Thing.SETTINGS)
async def set_hours(visit: Known) -> Response:
    """Keep the hours; an empty day is closed."""
    visit.actor.require(Deed.MANAGE, Thing.SETTINGS)
    form = await visit.request.form()
    week = {day: hours_of(str(form.get(day, ""))[:20]) for day in visit.town.administration.hours.week(visit.actor)}
    try:
        await visit.town.administration.hours.set_week(visit.actor, week)
    except RuleBroken as fault:
        return _step(visit, "hours", week, visit.rooms.words(f"refused.{fault.code}"))
    visit.town.administration.follow()
    return visit.go("/setup/line")


@router.get("/setup/line")
@needs(Deed.VIEW, Thing.SETTINGS)
async def line(visit: Known) -> Response:
    """Where the PBX is."""
    return _step(visit, "line", {"pbx": visit.town.administration.house.view(visit.actor)["phone"]["trunk"]})


@router.post("/setup/line")
@needs(Deed.MANAGE, Thing.SETTINGS)
async def set_line(visit: Known, pbx: Annotated[str, Form(max_length=200)] = "") -> Response:
    """Keep its address."""
    try:
        await visit.town.administration.house.set_pbx(visit.actor, pbx)
    except RuleBroken as fault:
        return _step(visit, "line", {"pbx": pbx}, visit.rooms.words(f"refused.{fault.code}"))
    return visit.go("/setup/call")


@router.get("/setup/call")
@needs(Deed.VIEW, Thing.SETTINGS)
async def call(visit: Known) -> Response:
    """A telephone to try."""
    trunk = visit.town.administration.house.view(visit.actor)["phone"]["trunk"]
    return _step(visit, "call", {"address": f"sip:@{trunk}" if trunk else "", "trunk": trunk, "outcome": ""})


@router.post("/setup/call")
@needs(Deed.MANAGE, Thing.SETTINGS)
async def try_call(visit: Known, address: Annotated[str, Form(max_length=200)]) -> Response:
    """Ring it and say how it went."""
    given: dict[str, Any] = {"address": address, "trunk": "", "outcome": ""}
    try:
        given["outcome"] = await visit.rooms.calling.try_line(visit.actor, address.strip())
    except RuleBroken as fault:
        return _step(visit, "call", given, visit.rooms.words(f"refused.{fault.code}"))
    except LineError:
        return _step(visit, "call", given, visit.rooms.words("console.first_start.engine_away"))
    return _step(visit, "call", given)


def _step(visit: Visit, step: str, given: Any, fault: str = "") -> Response:
    return visit.page("first_start.html", 409 if fault else 200, step=step, steps=STEPS, given=given, fault=fault)
