"""Words of the recogniser: those it was taught, new ones, how far their learning is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.errors import RuleBroken
from ivr.language.local_words import WordKind
from ivr.web.rules import needs
from ivr.web.settings import settings_page
from ivr.web.visit import Known, Visit

router = APIRouter()


@router.get("/settings/words")
@needs(Deed.VIEW, Thing.SPEECH)
async def words(visit: Known, word: Annotated[str, Query(max_length=60)] = "") -> Response:
    """The model in use, its own words, the form for new ones."""
    return _page(visit, given=word)


@router.post("/settings/words")
@needs(Deed.MANAGE, Thing.SPEECH)
async def teach(
    visit: Known, text: Annotated[str, Form(max_length=10_000)] = "", kind: WordKind = Form(WordKind.OTHER),  # noqa: B008
) -> Response:  # fmt: skip
    """Begin to teach them."""
    try:
        work = await visit.rooms.speech.teach(visit.actor, text, kind)
    except RuleBroken as fault:
        return _page(visit, given=text, kind=kind, fault=fault)
    return visit.go(f"/settings/words/{work.id}")


@router.get("/settings/words/{work}")
@needs(Deed.MANAGE, Thing.SPEECH)
async def learning(visit: Known, work: str) -> Response:
    """How far it is; the part renews itself until the end."""
    found = await visit.rooms.speech.work(visit.actor, work)
    if visit.is_partial:
        return visit.page("settings/learning.html", work=found)
    return settings_page(visit, "words_learning", "speech", work=found)


def _page(visit: Visit, *, given: str, kind: WordKind = WordKind.OTHER, fault: RuleBroken | None = None) -> Response:
    return settings_page(
        visit, "words", "speech", 409 if fault else 200, model=visit.rooms.speech.model(visit.actor),
        kinds=list(WordKind), kind=kind, given=given, manages=visit.actor.may(Deed.MANAGE, Thing.SPEECH),
        fault=visit.rooms.refusal(fault, visit.town.zone) if fault else "",
    )  # fmt: skip
