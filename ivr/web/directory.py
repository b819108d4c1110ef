"""The directory of executors (clauses 20.5, 20.6)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.domain.vocabulary import Kind
from ivr.errors import RuleBroken
from ivr.web.rules import needs
from ivr.web.settings import settings_page
from ivr.web.visit import Known, Visit

router = APIRouter()

Line = Annotated[str, Form(max_length=300)]
_SAID = ("kept", "removed", "restored")
_SHOWN = 20


@router.get("/settings/directory")
@needs(Deed.VIEW, Thing.DIRECTORY)
async def executors(visit: Known, said: str = "") -> Response:
    """All of them."""
    return _page(visit, said=said)


@router.post("/settings/directory")
@needs(Deed.MANAGE, Thing.DIRECTORY)
async def keep(
    visit: Known, key: Line = "", title: Line = "", person: Line = "", phone: Line = "", email: Line = "",
    topic: Annotated[list[str] | None, Form()] = None,
) -> Response:  # fmt: skip
    """A new one, or other facts of a known one."""
    directory = visit.town.administration.directory
    try:
        await directory.keep(visit.actor, key, title, person=person, phone=phone, email=email, topics=topic or ())
    except RuleBroken as fault:
        if fault.code.startswith("unknown"):
            raise
        given = {"key": key, "title": title, "person": person, "phone": phone, "email": email, "topics": topic or []}
        return _page(visit, fault=fault, given=given)
    return _done(visit, "kept")


@router.post("/settings/directory/{key}/remove")
@needs(Deed.MANAGE, Thing.DIRECTORY)
async def remove(visit: Known, key: str) -> Response:
    """No question goes to him any more."""
    await visit.town.administration.directory.remove(visit.actor, key)
    return _done(visit, "removed")


@router.post("/settings/directory-versions/{number}/restore")
@needs(Deed.MANAGE, Thing.DIRECTORY)
async def restore(visit: Known, number: int) -> Response:
    """Put a version back."""
    await visit.town.administration.directory.restore(visit.actor, number)
    return _done(visit, "restored")


def _done(visit: Visit, said: str) -> Response:
    visit.town.administration.follow()
    return visit.go(f"/settings/directory?said={said}")


def _page(visit: Visit, *, fault: RuleBroken | None = None, given: dict[str, Any] | None = None, said: str = ""
          ) -> Response:  # fmt: skip
    directory = visit.town.administration.directory
    return settings_page(
        visit, "directory", "directory", 409 if fault else 200, executors=directory.executors(visit.actor),
        versions=directory.history(visit.actor)[:_SHOWN], given=given or {"key": "-"},
        topics=visit.town.rulebook.vocabulary.titles(Kind.TOPICS), code=fault.code if fault else "",
        fault=visit.rooms.refusal(fault, visit.town.zone) if fault else "", said=said if said in _SAID else "",
        manages=visit.actor.may(Deed.MANAGE, Thing.DIRECTORY),
    )  # fmt: skip
