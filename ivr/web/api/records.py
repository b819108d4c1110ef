"""Messages, calls and recordings for programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.domain.contact import Address, PersonName, PhoneNumber
from ivr.domain.correction import FieldValue
from ivr.errors import RuleBroken
from ivr.web.api.caller import FAULTS, PREFIX, Call, Program, mark, unmark
from ivr.web.api.shapes import (
    CallPage,
    CallShape,
    ConversationShape,
    CorrectionShape,
    MessagePage,
    MessageShape,
    NewValue,
)
from ivr.web.recordings import ranged
from ivr.web.rules import needs

router = APIRouter(prefix=PREFIX, responses=FAULTS)

Id = Annotated[str, Path(pattern="^[0-9a-f]{1,64}$")]
Limit = Annotated[int, Query(ge=1, le=200)]
Before = Annotated[str, Query(max_length=200)]


@router.get("/messages", tags=["messages"])
@needs(Deed.LIST, Thing.MESSAGE)
async def messages(call: Program, before: Before = "", limit: Limit = 50) -> MessagePage:
    """Rows of appendix 2, the newest first; `before` is the `next` of the page before."""
    found = await call.rooms.workplace.messages(call.actor, unmark(before), limit)
    last = mark(found[-1].received_at, found[-1].id) if len(found) == limit else None
    return MessagePage(messages=[MessageShape.of(one) for one in found], next=last)


@router.get("/messages/{message}", tags=["messages"])
@needs(Deed.VIEW, Thing.MESSAGE)
async def message(call: Program, message: Id) -> MessageShape:
    """One row."""
    return MessageShape.of(await call.rooms.workplace.message(call.actor, message))


@router.patch("/messages/{message}", tags=["messages"])
@needs(Deed.WORK, Thing.MESSAGE)
async def correct(call: Program, message: Id, news: NewValue) -> CorrectionShape:
    """Put one field right; both versions are kept."""
    given = news.model_dump(exclude_unset=True)
    if len(given) != 1:
        raise RuleBroken("20.1", "give exactly one field", "no_such_field")
    ((field, _),) = given.items()
    correction = await call.rooms.workplace.correct(call.actor, message, field, _value(call, news, field))
    return CorrectionShape.of(correction)


@router.get("/calls", tags=["calls"])
@needs(Deed.LIST, Thing.CALL)
async def calls(call: Program, before: Before = "", limit: Limit = 50) -> CallPage:
    """Calls, the newest first."""
    found = await call.rooms.workplace.calls(call.actor, unmark(before), limit)
    last = mark(found[-1].started_at, found[-1].id) if len(found) == limit else None
    return CallPage(calls=[CallShape.of(one) for one in found], next=last)


@router.get("/calls/{call_id}", tags=["calls"])
@needs(Deed.VIEW, Thing.CALL)
async def one_call(call: Program, call_id: Id) -> ConversationShape:
    """A call with its turns."""
    return ConversationShape.of(await call.rooms.workplace.conversation(call.actor, call_id))


@router.get("/recordings/{name}", tags=["recordings"], response_class=Response, responses={
    200: {"content": {"audio/wav": {}}}, 206: {"content": {"audio/wav": {}}, "description": "A piece"},
    416: {"description": "The recording ends before that"},
})  # fmt: skip
@needs(Deed.HEAR, Thing.RECORDING)
async def recording(call: Program, name: Id) -> Response:
    """The sound as WAV, by pieces of at most 256 KiB (header `Range`); each piece given is in the access log."""
    return await ranged(call.request, call.rooms.listening, call.actor, name)


def _value(call: Call, news: NewValue, field: str) -> FieldValue:
    given = getattr(news, field)
    if given is None:
        return "" if field == "gist" else None
    if field == "name":
        return PersonName(**given.model_dump())
    if field == "address":
        return Address(**given.model_dump())
    if field == "phone":
        number = call.town.reads_number(given)
        if number is None:
            raise RuleBroken("20.1", "this is no telephone number", "bad_number")
        return PhoneNumber(number)
    return str(given)
