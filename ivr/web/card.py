"""The card of one promise: hear it, put it right, call, try, pass on, close (clauses 13, 15, 20-22)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.domain.callback import Callback, CallbackState, Move
from ivr.domain.card import Card
from ivr.domain.vocabulary import MARKED_BY_HAND, AttemptOutcome, Break, Kind, Vocabulary
from ivr.domain.worklist import light
from ivr.services.workplace import CardView
from ivr.web.card_fields import Field, fields_of, value_of
from ivr.web.heard import shown
from ivr.web.moments import YEARS
from ivr.web.rules import needs
from ivr.web.spoken import Spoken
from ivr.web.visit import Known, Visit

router = APIRouter()

Text = Annotated[str, Form(max_length=4000)]
Line = Annotated[str, Form(max_length=200)]
SCRIPT = ("introduce", "matter", "address", "explain", "law_59", "pass_on", "contacts", "result")
"""What the operator goes through in a conversation (clause 20); words in `card.script_*`."""


@router.get("/callbacks/{callback}")
@needs(Deed.VIEW, Thing.CALLBACK)
async def card(visit: Known, callback: str) -> Response:
    """The whole card."""
    return visit.page("card.html", **await _facts(visit, callback))


@router.get("/callbacks/{callback}/acts")
@needs(Deed.VIEW, Thing.CALLBACK)
async def acts(visit: Known, callback: str) -> Response:
    """Its right side, which renews itself."""
    return visit.page("parts/acts.html", **await _facts(visit, callback))


@router.get("/callbacks/{callback}/fields")
@needs(Deed.VIEW, Thing.CALLBACK)
async def fields(visit: Known, callback: str) -> Response:
    """Its fields."""
    return visit.page("parts/fields.html", **await _facts(visit, callback))


@router.post("/callbacks/{callback}/take")
@needs(Deed.WORK, Thing.CALLBACK)
async def take(visit: Known, callback: str) -> Response:
    """Claim it."""
    await visit.rooms.workplace.take(visit.actor, callback)
    return await _done(visit, callback, "taken", "release")


@router.post("/callbacks/{callback}/release")
@needs(Deed.WORK, Thing.CALLBACK)
async def release(visit: Known, callback: str) -> Response:
    """Give it back to all."""
    await visit.rooms.workplace.release(visit.actor, callback)
    return await _done(visit, callback, "released", "take")


@router.post("/callbacks/{callback}/hand-over")
@needs(Deed.WORK, Thing.CALLBACK)
async def hand_over(visit: Known, callback: str, to: Line) -> Response:
    """Give it to a colleague."""
    await visit.rooms.workplace.hand_over(visit.actor, callback, to)
    return await _done(visit, callback, "handed_over")


@router.post("/callbacks/{callback}/call")
@needs(Deed.WORK, Thing.CALLBACK)
async def call(visit: Known, callback: str) -> Response:
    """Ring my telephone, then the citizen's."""
    await visit.rooms.calling.call(visit.actor, callback)
    return await _done(visit, callback, "calling")


@router.post("/callbacks/{callback}/attempts")
@needs(Deed.WORK, Thing.CALLBACK)
async def attempted(visit: Known, callback: str, outcome: Annotated[AttemptOutcome, Form()], at: Line = "") -> Response:
    """An attempt made by another telephone."""
    await visit.rooms.workplace.attempted(visit.actor, callback, outcome, _moment(visit, at))
    return await _done(visit, callback, "attempted")


@router.post("/callbacks/{callback}/close")
@needs(Deed.WORK, Thing.CALLBACK)
async def close(
    visit: Known,
    callback: str,
    result: Line,
    outcome: Line = "",
    comment: Text = "",
    reason: Text = "",
    planned: Line = "",
    executor: Line = "",
    repeated: Line = "",
    earlier: Line = "",
    broken_off: Annotated[Break | None, Form()] = None,
) -> Response:
    """Fill in the card."""
    whole = Card(
        result, outcome or None, None, comment, reason, _moment(visit, planned), executor or None,
        {"yes": True, "no": False}.get(repeated), earlier or None if repeated == "yes" else None,
        broken_off.value if broken_off else None,
    )  # fmt: skip
    case = await visit.rooms.workplace.close(visit.actor, callback, whole)
    over = case.callback.state in (CallbackState.CLOSED, CallbackState.NO_CONTACT)
    return await _done(visit, callback, "closed" if over else f"now_{case.callback.state}", "reopen" if over else "")


@router.post("/callbacks/{callback}/reopen")
@needs(Deed.WORK, Thing.CALLBACK)
async def reopen(visit: Known, callback: str) -> Response:
    """Undo the closing."""
    await visit.rooms.workplace.reopen(visit.actor, callback)
    return await _done(visit, callback, "reopened")


@router.post("/callbacks/{callback}/undo")
@needs(Deed.WORK, Thing.CALLBACK)
async def undo_step(visit: Known, callback: str) -> Response:
    """Take back the last step: an attempt that was marked by mistake, or what the card did."""
    await visit.rooms.workplace.undo_step(visit.actor, callback)
    return await _done(visit, callback, "taken_back")


@router.get("/callbacks/{callback}/sheet")
@needs(Deed.WORK, Thing.CALLBACK)
async def sheet(visit: Known, callback: str) -> Response:
    """The sheet that goes to the executor, as a file that prints."""
    case = await visit.rooms.workplace.asked(visit.actor, callback)
    assert case.latest is not None
    topic = visit.town.rulebook.vocabulary.title(Kind.TOPICS, case.latest.topic)
    page = visit.rooms.sheet(case.referrals[-1], case.latest, topic)
    headers = {"Content-Disposition": f'attachment; filename="sheet-{case.callback.id[:8]}.html"'}
    return Response(page, media_type="text/html; charset=utf-8", headers=headers)


@router.post("/callbacks/{callback}/answer")
@needs(Deed.WORK, Thing.CALLBACK)
async def answer(visit: Known, callback: str, text: Text) -> Response:
    """What the executor answered."""
    await visit.rooms.workplace.executor_answered(visit.actor, callback, text)
    return await _done(visit, callback, "answered")


@router.post("/callbacks/{callback}/messages/{message}/{field}")
@needs(Deed.WORK, Thing.MESSAGE)
async def correct(visit: Known, callback: str, message: str, field: str) -> Response:
    """Put a field right."""
    form = {name: str(value) for name, value in (await visit.request.form()).items() if isinstance(value, str)}
    value = value_of(field, form, visit.town.reads_number)
    correction = await visit.rooms.workplace.correct(visit.actor, message, field, value)
    undo = f"/callbacks/{callback}/messages/{message}/undo/{correction.id}"
    return await _done(visit, callback, "corrected", undo=undo, template="parts/corrected.html", field=field)


@router.post("/callbacks/{callback}/messages/{message}/undo/{correction}")
@needs(Deed.WORK, Thing.MESSAGE)
async def undo(visit: Known, callback: str, message: str, correction: str) -> Response:
    """Put back what stood there."""
    await visit.rooms.workplace.undo(visit.actor, message, correction)
    return await _done(visit, callback, "undone", template="parts/corrected.html")


async def _done(
    visit: Visit, callback: str, said: str, verb: str = "", *, undo: str = "", template: str = "parts/acted.html",
    field: str = "",
) -> Response:  # fmt: skip
    """The changed parts of the card, what was done in words, and the way back; the draft of the form is done with."""
    if not visit.is_partial:
        return visit.go(f"/callbacks/{callback}")
    facts = await _facts(visit, callback)
    facts |= {
        "fault": None, "said": visit.rooms.words(f"console.card.said_{said}"),
        "undo": undo or (f"/callbacks/{callback}/{verb}" if verb else ""),
        "undo_target": "#fields" if undo else "#acts",
    }  # fmt: skip
    drafts = {"closed": "close", "attempted": "attempt", "answered": "answer", "corrected": field}
    wrote = "close" if said.startswith("now_") else drafts.get(said, "")
    return visit.page(template, trigger={"wrote": {"form": wrote}}, **facts)


async def _facts(visit: Visit, callback: str) -> dict[str, Any]:
    rooms, book = visit.rooms, visit.town.rulebook
    view = await rooms.workplace.card(visit.actor, callback)
    vocabulary = book.vocabulary
    mine = view.case.callback.holder == visit.actor.account.name
    works = visit.actor.may(Deed.WORK, Thing.CALLBACK)
    return {
        "view": view, "callback": view.case.callback, "message": view.message, "now": view.now,
        "light": light(view.case.callback, view.now), "mine": mine, "works": works,
        "conversations": _conversations(view), "fields": _fields(view, vocabulary),
        "base": f"/callbacks/{callback}/messages/{view.message.id}",
        "vocabulary": vocabulary, "topics": vocabulary.titles(Kind.TOPICS), "results": vocabulary.lists[Kind.RESULTS],
        "outcomes": vocabulary.lists[Kind.OUTCOMES], "breaks": vocabulary.titles(Kind.BREAKS),
        "tried": [(outcome.value, vocabulary.title(Kind.ATTEMPTS, outcome)) for outcome in MARKED_BY_HAND],
        "attempt_title": lambda outcome: vocabulary.title(Kind.ATTEMPTS, outcome),
        "topic_title": lambda topic: vocabulary.title(Kind.TOPICS, topic),
        "executors": book.directory.executors, "attempts_at_most": book.rules.repeat_attempts + 1,
        "proposed": book.directory.proposed(view.message.topic), "script": SCRIPT,
        "colleagues": [one for one in await rooms.people.colleagues(visit.actor) if one != view.case.callback.holder],
        "reasons": _reasons(visit, view.case.callback), "story": lambda move: _story(visit, move),
        "step": rooms.calling.steps.get(callback, ""), "target": _target(visit, view),
    }  # fmt: skip


def _conversations(view: CardView) -> list[dict[str, Any]]:
    """The calls, the latest first."""
    by_call = {message.id: message for message in view.case.messages}
    return [shown(one, by_call.get(one.call.id)) for one in reversed(view.conversations)]


def _fields(view: CardView, vocabulary: Vocabulary) -> list[Field]:
    """The fields of the latest message."""
    message = view.message
    conversation = next((one for one in view.conversations if one.call.id == message.id), None)
    return fields_of(message, conversation, view.corrections, vocabulary)


def _reasons(visit: Visit, callback: Callback) -> list[str]:
    """The deadline explained, day by day."""
    spoken = Spoken(visit.rooms.words, visit.town.zone)
    parts = [code.partition(":") for code in callback.because]
    return [
        visit.rooms.words(f"console.card.because_{kind}", day=spoken.date(date.fromisoformat(day)))
        for kind, _, day in parts
    ]


def _story(visit: Visit, move: Move) -> str:
    """A step of the promise's life in words."""
    kind, _, name = move.why.partition(":")
    key = f"console.card.move_{kind}"
    told = visit.rooms.words(key, name=name)
    return told if told != key else visit.rooms.words(f"console.card.state_{move.after}")


def _target(visit: Visit, view: CardView) -> datetime | None:
    """A call missed in working hours is to be answered within the hour; the law gives longer (interpretation 3)."""
    callback, book = view.case.callback, visit.town.rulebook
    if view.case.attempts or not book.calendar.is_open(callback.created_at):
        return None
    return callback.created_at + timedelta(minutes=book.rules.card_within_minutes)


def _moment(visit: Visit, text: str) -> datetime | None:
    """A local time as the browser writes it; None for an empty field."""
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.year not in YEARS:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=visit.town.zone)
