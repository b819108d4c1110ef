"""The assistant's phrases: listen, bring a file or record one, go back to an earlier version (clauses 7, 12)."""

from __future__ import annotations

import re

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.errors import RuleBroken
from ivr.services.voice import RECORDING_AT_MOST
from ivr.web.rules import needs
from ivr.web.settings import settings_page
from ivr.web.visit import Known, Visit

router = APIRouter()

_SAID = ("recorded", "restored")


@router.get("/settings/prompts")
@needs(Deed.VIEW, Thing.PROMPT)
async def prompts(visit: Known) -> Response:
    """All phrases, those of the regulation first."""
    phrases, faults = await visit.town.administration.voice.phrases(visit.actor)
    spoken = [phrase for phrase in phrases if not _is_piece(phrase.name)]
    return settings_page(
        visit, "prompts", "prompts", faults=faults,
        verbatim=[phrase for phrase in spoken if phrase.verbatim],
        others=[phrase for phrase in spoken if not phrase.verbatim],
        pieces=[phrase for phrase in phrases if _is_piece(phrase.name)],
    )  # fmt: skip


@router.get("/settings/prompts/{name}")
@needs(Deed.VIEW, Thing.PROMPT)
async def prompt(visit: Known, name: str, said: str = "") -> Response:
    """One phrase."""
    return await _page(visit, name, said=said)


@router.get("/settings/prompts/{name}/sound")
@needs(Deed.VIEW, Thing.PROMPT)
async def sound(visit: Known, name: str, number: int | None = None) -> Response:
    """What is heard, or a version of it."""
    content = await visit.town.administration.voice.sound(visit.actor, name, number)
    return Response(content, media_type="audio/wav")


@router.post("/settings/prompts/{name}")
@needs(Deed.MANAGE, Thing.PROMPT)
async def keep(visit: Known, name: str) -> Response:
    """Put a recording in its place."""
    visit.actor.require(Deed.MANAGE, Thing.PROMPT)
    form = await visit.request.form()
    file, says = form.get("file"), str(form.get("says", ""))[:2000]
    blob = await file.read(RECORDING_AT_MOST) if isinstance(file, UploadFile) else b""
    try:
        await visit.town.administration.voice.keep(visit.actor, name, blob, says)
    except RuleBroken as fault:
        if fault.code.startswith("unknown"):
            raise
        return await _page(visit, name, fault=fault, says=says)
    return visit.go(f"/settings/prompts/{name}?said=recorded")


@router.post("/settings/prompts/{name}/restore/{number}")
@needs(Deed.MANAGE, Thing.PROMPT)
async def restore(visit: Known, name: str, number: int) -> Response:
    """Let a version be heard again."""
    await visit.town.administration.voice.restore(visit.actor, name, number)
    return visit.go(f"/settings/prompts/{name}?said=restored")


async def _page(
    visit: Visit, name: str, *, fault: RuleBroken | None = None, says: str | None = None, said: str = ""
) -> Response:
    view = await visit.town.administration.voice.phrase(visit.actor, name)
    return settings_page(
        visit, "prompt", "prompts", 409 if fault else 200, view=view, phrase=view.phrase, versions=view.versions,
        says=view.phrase.text if says is None else says, code=fault.code if fault else "",
        fault=visit.rooms.refusal(fault, visit.town.zone) if fault else "", said=said if said in _SAID else "",
        manages=visit.actor.may(Deed.MANAGE, Thing.PROMPT), is_piece=_is_piece(name),
    )  # fmt: skip


def _is_piece(name: str) -> bool:
    """A piece that numbers and days are composed of."""
    return re.fullmatch(r"number_\w+_(more|last)|(weekday|day|month)_\d+", name) is not None
