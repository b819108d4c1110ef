"""People: who works here, in which part, trained or not, acquainted with which edition (clauses 1, 9)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.domain.people import Account, Role
from ivr.errors import NotSignedIn, RuleBroken
from ivr.web.rules import needs, public
from ivr.web.settings import settings_page
from ivr.web.visit import Anybody, Known, Visit, source_of

router = APIRouter()

Line = Annotated[str, Form(max_length=200)]
_LEAST_TRAINED = 2
"""Clause 9: at least two who are trained."""
_KEEPERS = frozenset({Role.OPERATOR, Role.CURATOR})
_SAID = ("added", "kept", "same", "disabled", "enabled", "signed_out", "unbound", "revoked")


@router.get("/settings/people")
@needs(Deed.LIST, Thing.PERSON)
async def people(visit: Known, town: str = "") -> Response:
    """Everybody of a municipality, and what clauses 1 and 9 ask of them."""
    everybody = await visit.rooms.people.everybody(visit.actor, town)
    edition = visit.town.rulebook.vocabulary.edition
    active = [one for one in everybody if one.disabled_at is None]
    keepers = [one for one in active if one.roles & _KEEPERS]
    trained = sum(1 for one in keepers if one.trained_at)
    unread = sum(1 for one in active if one.acquainted_with != edition)
    return settings_page(
        visit, "people", "people", people=active, disabled=[one for one in everybody if one.disabled_at],
        edition=edition, trained=trained, keepers=len(keepers), least=_LEAST_TRAINED, unread=unread,
        keepers_roles=_KEEPERS, towns=_towns(visit), town=town or visit.actor.account.municipality,
    )  # fmt: skip


@router.get("/settings/people/sheet")
@needs(Deed.LIST, Thing.PERSON)
async def sheet(visit: Known, town: str = "") -> Response:
    """The sheet to be signed: who has read the regulation (clause 1)."""
    everybody = await visit.rooms.people.everybody(visit.actor, town)
    return visit.page(
        "settings/sheet.html", people=[one for one in everybody if one.disabled_at is None],
        edition=visit.town.rulebook.vocabulary.edition, title=visit.rooms.town(town or visit.town.key).title,
    )  # fmt: skip


@router.get("/settings/people/new")
@needs(Deed.MANAGE, Thing.PERSON)
async def new(visit: Known, town: str = "") -> Response:
    """The form for somebody new."""
    visit.actor.require(Deed.MANAGE, Thing.PERSON)
    given = {"login": "", "name": "", "telephone": "", "roles": [], "town": town or visit.actor.account.municipality}
    return _new(visit, given)


@router.post("/settings/people/new")
@needs(Deed.MANAGE, Thing.PERSON)
async def add(
    visit: Known, login: Line = "", name: Line = "", telephone: Line = "", town: Line = "",
    role: Annotated[list[Role] | None, Form()] = None,
) -> Response:  # fmt: skip
    """Add him; he sets his password by a one-time link."""
    people = visit.rooms.people
    try:
        account = await people.add(visit.actor, login, name, role or [], None, telephone, town)
    except RuleBroken as fault:
        given = {"login": login, "name": name, "telephone": telephone, "roles": role or [], "town": town}
        return _new(visit, given, fault)
    return await _person(visit, account.login, link=await people.invite(visit.actor, account.login), said="added")


@router.get("/settings/people/{login}")
@needs(Deed.VIEW, Thing.PERSON)
async def person(visit: Known, login: str, said: str = "") -> Response:
    """One of them."""
    return await _person(visit, login, said=said)


@router.post("/settings/people/{login}")
@needs(Deed.MANAGE, Thing.PERSON)
async def change(
    visit: Known, login: str, name: Line = "", telephone: Line = "", trained: Line = "", edition: Line = "",
    acquainted: Line = "", role: Annotated[list[Role] | None, Form()] = None,
) -> Response:  # fmt: skip
    """Change facts."""
    try:
        news: dict[str, Any] = {
            "name": " ".join(name.split()), "telephone": telephone.strip(), "roles": frozenset(role or []),
            "trained_at": _day(visit, trained), "acquainted_with": edition.strip()[:32],
            "acquainted_at": _day(visit, acquainted),
        }  # fmt: skip
        await visit.rooms.people.change(visit.actor, login, **news)
    except RuleBroken as fault:
        if fault.code.startswith("unknown"):
            raise
        return await _person(visit, login, fault=fault)
    return visit.go(f"/settings/people/{login}?said=kept")


@router.post("/settings/people/{login}/invite")
@needs(Deed.MANAGE, Thing.PERSON)
async def invite(visit: Known, login: str) -> Response:
    """A one-time link for a new password."""
    return await _person(visit, login, link=await visit.rooms.people.invite(visit.actor, login))


@router.post("/settings/people/{login}/disable")
@needs(Deed.MANAGE, Thing.PERSON)
async def disable(visit: Known, login: str) -> Response:
    """From now on he may nothing."""
    try:
        await visit.rooms.people.disable(visit.actor, login)
    except RuleBroken as fault:
        if fault.code.startswith("unknown"):
            raise
        return await _person(visit, login, fault=fault)
    return visit.go(f"/settings/people/{login}?said=disabled")


@router.post("/settings/people/{login}/enable")
@needs(Deed.MANAGE, Thing.PERSON)
async def enable(visit: Known, login: str) -> Response:
    """He may again."""
    await visit.rooms.people.disable(visit.actor, login, disabled=False)
    return visit.go(f"/settings/people/{login}?said=enabled")


@router.post("/settings/people/{login}/sign-out")
@needs(Deed.MANAGE, Thing.PERSON)
async def sign_out(visit: Known, login: str) -> Response:
    """End his sessions."""
    await visit.rooms.people.sign_out(visit.actor, login)
    return visit.go(f"/settings/people/{login}?said=signed_out")


@router.post("/settings/people/{login}/unbind")
@needs(Deed.MANAGE, Thing.PERSON)
async def unbind(visit: Known, login: str) -> Response:
    """Another account of the organisation may become his."""
    await visit.rooms.people.unbind(visit.actor, login)
    return visit.go(f"/settings/people/{login}?said=unbound")


@router.post("/settings/people/{login}/tokens")
@needs(Deed.MANAGE, Thing.PERSON)
async def give_token(visit: Known, login: str, title: Line = "", days: Annotated[int, Form()] = 365) -> Response:
    """A key for a program that acts under his name."""
    try:
        key = await visit.rooms.people.give_token(visit.actor, login, title.strip() or "REST", timedelta(days=days))
    except RuleBroken as fault:
        if fault.code.startswith("unknown"):
            raise
        return await _person(visit, login, fault=fault)
    return await _person(visit, login, token=key)


@router.post("/settings/people/{login}/tokens/{key}/revoke")
@needs(Deed.MANAGE, Thing.PERSON)
async def revoke(visit: Known, login: str, key: str) -> Response:
    """A key opens nothing more."""
    await visit.rooms.people.revoke_token(visit.actor, login, key)
    return visit.go(f"/settings/people/{login}?said=revoked")


@router.get("/welcome")
@public
async def welcome(visit: Anybody, key: str = "") -> Response:
    """Where a one-time link leads: a new password."""
    try:
        account: Account | None = await visit.rooms.people.invited(key)
    except NotSignedIn:
        account = None
    return visit.page("welcome.html", 200 if account else 404, account=account, key=key, fault="")


@router.post("/welcome")
@public
async def accept(
    visit: Anybody, key: Annotated[str, Form(max_length=100)], password: Annotated[str, Form(max_length=200)]
) -> Response:
    """Set it; then he signs in with it."""
    try:
        account = await visit.rooms.people.invited(key)
    except NotSignedIn:
        return visit.page("welcome.html", 404, account=None, key="", fault="")
    try:
        await visit.rooms.people.accept(key, password, source_of(visit.request))
    except RuleBroken as fault:
        sentence = visit.rooms.words(f"refused.{fault.code}")
        return visit.page("welcome.html", 409, account=account, key=key, fault=sentence)
    return visit.page("sign_in.html", next="/", login=account.login, fault="", wait=0)


def _towns(visit: Visit) -> dict[str, str]:
    """Titles of the municipalities whose people this person looks after."""
    return {key: visit.rooms.town(key).title for key in visit.rooms.people.open_to(visit.actor)}


def _roles(visit: Visit, municipality: str) -> list[Role]:
    """Those that somebody of this municipality may have."""
    own = municipality == visit.rooms.town("").key
    return [role for role in Role if own or role is not Role.REGION]


def _new(visit: Visit, given: dict[str, Any], fault: RuleBroken | None = None) -> Response:
    return settings_page(
        visit, "person_new", "people", 409 if fault else 200, given=given, towns=_towns(visit),
        roles=_roles(visit, visit.actor.account.municipality), code=fault.code if fault else "",
        fault=visit.rooms.refusal(fault, visit.town.zone) if fault else "",
    )  # fmt: skip


async def _person(
    visit: Visit, login: str, *, fault: RuleBroken | None = None, link: str = "", token: str = "", said: str = ""
) -> Response:
    view = await visit.rooms.people.person(visit.actor, login)
    request = visit.request
    base = f"{request.url.scheme}://{request.headers.get('host', '')}"
    edition = visit.town.rulebook.vocabulary.edition
    return settings_page(
        visit, "person", "people", 409 if fault else 200, view=view, account=view.account,
        roles=_roles(visit, view.account.municipality), title=visit.rooms.town(view.account.municipality).title,
        edition=edition, fault=visit.rooms.refusal(fault, visit.town.zone) if fault else "",
        code=fault.code if fault else "", link=f"{base}/welcome?key={link}" if link else "", token=token,
        said=said if said in _SAID else "", manages=visit.actor.may(Deed.MANAGE, Thing.PERSON),
        himself=view.account.id == visit.actor.account.id, now=visit.rooms.clock.now(),
    )  # fmt: skip


def _day(visit: Visit, text: str) -> datetime | None:
    """Midday of a date in the town's time; None for an empty field.

    Raises:
        RuleBroken: it is no date, or it lies in the future.
    """
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as fault:
        raise RuleBroken("1", f"{text!r} is no date", "bad_day") from fault
    moment = datetime.combine(day, time(12), visit.town.zone)
    if day > visit.rooms.clock.now().astimezone(visit.town.zone).date():
        raise RuleBroken("1", "the day lies in the future", "day_in_future")
    return moment
