"""Callbacks and attempts for programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from ivr.domain.access import Deed, Thing
from ivr.domain.card import Card
from ivr.domain.case import Case
from ivr.domain.worklist import Shown
from ivr.web.api.caller import FAULTS, PREFIX, Call, Program
from ivr.web.api.shapes import (
    Answer,
    AttemptShape,
    CallbackPage,
    CallbackRow,
    CallbackShape,
    CardShape,
    CaseShape,
    MessageShape,
    NewAttempt,
    Receiver,
)
from ivr.web.callbacks import mark_of, place_of
from ivr.web.rules import needs

router = APIRouter(prefix=f"{PREFIX}/callbacks", tags=["callbacks"], responses=FAULTS)

Id = Annotated[str, Path(pattern="^[0-9a-f]{1,32}$")]


@router.get("")
@needs(Deed.LIST, Thing.CALLBACK)
async def callbacks(
    call: Program,
    shown: Shown = Shown.ALL,
    words: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[str, Query(max_length=200)] = "",
) -> CallbackPage:
    """The list, by the deadline that counts now; `after` is the `next` of the page before."""
    page = await call.rooms.workplace.page(call.actor, shown, words, place_of(after))
    rows = [
        CallbackRow(callback=CallbackShape.of(row.callback, page.now), message=MessageShape.of(row.message))
        for row in page.rows
    ]
    return CallbackPage(rows=rows, next=mark_of(page.next) or None)


@router.get("/{callback}")
@needs(Deed.VIEW, Thing.CALLBACK)
async def callback(call: Program, callback: Id) -> CaseShape:
    """One promise with its messages and attempts."""
    view = await call.rooms.workplace.card(call.actor, callback)
    return CaseShape.of(view.case, view.now)


@router.post("/{callback}/take")
@needs(Deed.WORK, Thing.CALLBACK)
async def take(call: Program, callback: Id) -> CaseShape:
    """Claim it for the account of the key."""
    return _case(call, await call.rooms.workplace.take(call.actor, callback))


@router.post("/{callback}/release")
@needs(Deed.WORK, Thing.CALLBACK)
async def release(call: Program, callback: Id) -> CaseShape:
    """Give it back to all."""
    return _case(call, await call.rooms.workplace.release(call.actor, callback))


@router.post("/{callback}/hand-over")
@needs(Deed.WORK, Thing.CALLBACK)
async def hand_over(call: Program, callback: Id, to: Receiver) -> CaseShape:
    """Give it to a colleague."""
    return _case(call, await call.rooms.workplace.hand_over(call.actor, callback, to.name))


@router.get("/{callback}/attempts", tags=["attempts"])
@needs(Deed.VIEW, Thing.CALLBACK)
async def attempts(call: Program, callback: Id) -> list[AttemptShape]:
    """Its attempts, oldest first."""
    return [AttemptShape.of(one) for one in await call.rooms.workplace.attempts(call.actor, callback)]


@router.post("/{callback}/attempts", status_code=201, tags=["attempts"])
@needs(Deed.WORK, Thing.CALLBACK)
async def attempted(call: Program, callback: Id, made: NewAttempt) -> CaseShape:
    """Mark an attempt made by another telephone."""
    return _case(call, await call.rooms.workplace.attempted(call.actor, callback, made.outcome, made.started_at))


@router.post("/{callback}/close")
@needs(Deed.WORK, Thing.CALLBACK)
async def close(call: Program, callback: Id, card: CardShape) -> CaseShape:
    """Fill in the card: closed, planned, passed on, or closed without contact, as its result says."""
    whole = Card(**card.model_dump())
    return _case(call, await call.rooms.workplace.close(call.actor, callback, whole))


@router.post("/{callback}/answer")
@needs(Deed.WORK, Thing.CALLBACK)
async def answer(call: Program, callback: Id, given: Answer) -> CaseShape:
    """Write down what the executor answered."""
    return _case(call, await call.rooms.workplace.executor_answered(call.actor, callback, given.text))


def _case(call: Call, case: Case) -> CaseShape:
    return CaseShape.of(case, call.rooms.clock.now())
