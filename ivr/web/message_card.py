"""The card of a message that nothing was promised for: heard, read, put right (clauses 15, 20)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.domain.vocabulary import Kind
from ivr.services.register import Record
from ivr.web.card_fields import fields_of, value_of
from ivr.web.heard import shown
from ivr.web.rules import needs
from ivr.web.visit import Known, Visit

router = APIRouter()


@router.get("/messages/{message}")
@needs(Deed.VIEW, Thing.MESSAGE)
async def card(visit: Known, message: str) -> Response:
    """The card; where something was promised, the promise's."""
    record = await visit.rooms.journals.record(visit.actor, message)
    if isinstance(record, str):
        return visit.go(f"/callbacks/{record}")
    return visit.page("message.html", **_facts(visit, record))


@router.post("/messages/{message}/{field}")
@needs(Deed.WORK, Thing.MESSAGE)
async def correct(visit: Known, message: str, field: str) -> Response:
    """Put a field right."""
    form = {name: str(value) for name, value in (await visit.request.form()).items() if isinstance(value, str)}
    value = value_of(field, form, visit.town.reads_number)
    correction = await visit.rooms.workplace.correct(visit.actor, message, field, value)
    return await _done(visit, message, "corrected", f"/messages/{message}/undo/{correction.id}", field)


@router.post("/messages/{message}/undo/{correction}")
@needs(Deed.WORK, Thing.MESSAGE)
async def undo(visit: Known, message: str, correction: str) -> Response:
    """Put back what stood there."""
    await visit.rooms.workplace.undo(visit.actor, message, correction)
    return await _done(visit, message, "undone")


async def _done(visit: Visit, message: str, said: str, undo: str = "", field: str = "") -> Response:
    record = await visit.rooms.journals.record(visit.actor, message)
    if isinstance(record, str) or not visit.is_partial:
        return visit.go(f"/messages/{message}")
    facts: dict[str, Any] = {"said": visit.rooms.words(f"console.card.said_{said}"), "undo": undo}
    facts |= {"fault": None, "undo_target": "#fields"} | _facts(visit, record)
    return visit.page("parts/righted.html", trigger={"wrote": {"form": field}}, **facts)


def _facts(visit: Visit, record: Record) -> dict[str, Any]:
    vocabulary, message = visit.town.rulebook.vocabulary, record.message
    return {
        "message": message, "now": record.now, "base": f"/messages/{message.id}", "earlier": record.earlier,
        "conversation": shown(record.conversation, message) if record.conversation else None,
        "fields": fields_of(message, record.conversation, record.corrections, vocabulary),
        "topics": vocabulary.titles(Kind.TOPICS), "works": visit.actor.may(Deed.WORK, Thing.MESSAGE),
        "topic_title": lambda topic: vocabulary.title(Kind.TOPICS, topic),
        "status_title": vocabulary.title(Kind.STATUSES, message.status),
        "result": vocabulary.title(Kind.RESULTS, message.result),
        "outcome": vocabulary.title(Kind.OUTCOMES, message.outcome),
    }  # fmt: skip
