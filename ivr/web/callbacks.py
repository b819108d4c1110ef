"""The list «Перезвонить»: what is due, sorted by the law, renewed by itself (clauses 13, 14)."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.domain.worklist import Place, Shown, light
from ivr.services.workplace import WorkPage
from ivr.web.live import live_of
from ivr.web.moments import moment_of
from ivr.web.rules import needs
from ivr.web.visit import Known, Visit

router = APIRouter()

Words = Annotated[str, Query(max_length=100)]
After = Annotated[str, Query(max_length=200)]


@router.get("/callbacks")
@needs(Deed.LIST, Thing.CALLBACK)
async def callbacks(visit: Known, shown: Shown = Shown.ALL, q: Words = "", after: After = "") -> Response:
    """The whole page."""
    return visit.page("callbacks.html", **await _facts(visit, shown, q, after))


@router.get("/callbacks/rows")
@needs(Deed.LIST, Thing.CALLBACK)
async def rows(visit: Known, shown: Shown = Shown.ALL, q: Words = "", after: After = "") -> Response:
    """Only its rows, for the search and for live updates."""
    return visit.page("parts/callback_rows.html", **await _facts(visit, shown, q, after))


@router.get("/live")
@needs(Deed.LIST, Thing.CALLBACK)
async def live(visit: Known) -> Response:
    """What happens, as server-sent events; ends with the session."""
    visit.actor.require(Deed.LIST, Thing.CALLBACK)
    return live_of(visit)


async def _facts(visit: Visit, shown: Shown, words: str, after: str) -> dict[str, Any]:
    page = await visit.rooms.workplace.page(visit.actor, shown, words.strip(), place_of(after))
    return {
        "page": page, "shown": shown, "q": words, "after": after, "light": light, "filters": _filters(page, shown),
        "next": _path(shown, words, mark_of(page.next)) if page.next else "",
        "here": _path(shown, words, after, "/callbacks/rows"), "topics": visit.town.rulebook.vocabulary,
        "attempts": visit.town.rulebook.rules.repeat_attempts + 1,
    }  # fmt: skip


def _filters(page: WorkPage, shown: Shown) -> list[dict[str, Any]]:
    """Links with their counts; a filter that shows nothing stays quiet."""
    return [
        {"key": kind.value, "path": _path(kind), "count": getattr(page.counts, kind.value, None), "on": kind is shown}
        for kind in Shown
    ]


def _path(shown: Shown, words: str = "", after: str = "", path: str = "/callbacks") -> str:
    facts = {"shown": shown.value if shown is not Shown.ALL else "", "q": words, "after": after}
    query = urlencode({name: value for name, value in facts.items() if value})
    return f"{path}?{query}" if query else path


def mark_of(place: Place | None) -> str:
    """A place of the list as a word for a link."""
    if place is None:
        return ""
    text = f"{place.act_by.isoformat()} {place.created_at.isoformat()} {place.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(mark: str) -> Place | None:
    """The place again; what was never ours is the beginning."""
    try:
        text = base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)).decode()
        act_by, created_at, key = text.split(" ")
        return Place(moment_of(act_by), moment_of(created_at), key)
    except (ValueError, binascii.Error):
        return None
