"""The live board «Сейчас»: calls in progress, the shift, the day's numbers, the health of the house (clauses 9, 11)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.domain.presence import Presence
from ivr.web.live import live_of
from ivr.web.rules import needs
from ivr.web.visit import Known, Visit

router = APIRouter()


@router.get("/board")
@needs(Deed.VIEW, Thing.BOARD)
async def board(visit: Known) -> Response:
    """The whole page."""
    return await _page(visit, "board.html")


@router.get("/board/now")
@needs(Deed.VIEW, Thing.BOARD)
async def now(visit: Known) -> Response:
    """What renews itself."""
    return await _page(visit, "parts/board.html")


@router.get("/board/live")
@needs(Deed.VIEW, Thing.BOARD)
async def live(visit: Known) -> Response:
    """That something has changed, as server-sent events; ends with the session."""
    visit.actor.require(Deed.VIEW, Thing.BOARD)
    return live_of(visit, board=True)


@router.post("/board/presence")
@needs(Deed.WORK, Thing.CALLBACK)
async def presence(visit: Known, state: Annotated[Presence, Form()]) -> Response:
    """I am on shift, away, off."""
    await visit.rooms.board.mark(visit.actor, state)
    return await _page(visit, "parts/board.html") if visit.is_partial else visit.go("/board")


async def _page(visit: Visit, template: str) -> Response:
    view = await visit.rooms.board.view(visit.actor)
    mine = visit.actor.account.name
    standing = next((one for one in view.shift or () if one.who == mine), None)
    return visit.page(
        template, view=view, mine=standing.state.value if standing else Presence.OFF.value,
        states=[state.value for state in Presence], reads=visit.may("view", "call"),
    )  # fmt: skip
