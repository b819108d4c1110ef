"""One's own affairs: where one is signed in, another password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from ivr.errors import Forbidden, RuleBroken
from ivr.web.rules import signed_in
from ivr.web.visit import Known, cookie_name

router = APIRouter()


@router.get("/account")
@signed_in
async def account(visit: Known, said: str = "") -> Response:
    """Who I am, where I am signed in."""
    sessions = await visit.rooms.people.own_sessions(visit.actor)
    return visit.page("account.html", sessions=sessions, fault="", said=said if said == "changed" else "")


@router.post("/account/password")
@signed_in
async def change_password(
    visit: Known,
    old: Annotated[str, Form(max_length=128)],
    new: Annotated[str, Form(max_length=200)],
) -> Response:
    """Another password."""
    try:
        await visit.rooms.people.change_own_password(visit.actor, old, new)
    except (RuleBroken, Forbidden) as fault:
        sentence = visit.rooms.words("console.account.old_wrong")
        if isinstance(fault, RuleBroken):
            sentence = visit.rooms.words(f"refused.{fault.code}")
        sessions = await visit.rooms.people.own_sessions(visit.actor)
        return visit.page("account.html", 409, sessions=sessions, fault=sentence, said="")
    return visit.go("/account?said=changed")


@router.post("/account/sign-out-everywhere")
@signed_in
async def sign_out_everywhere(visit: Known) -> Response:
    """End all my sessions."""
    await visit.rooms.door.sign_out_everywhere(visit.actor)
    response = visit.go("/sign-in")
    response.delete_cookie(cookie_name(visit.rooms), path="/", secure=visit.rooms.manners.secure, httponly=True)
    return response
