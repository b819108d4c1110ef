"""«Хорошо ли разговариваем?»: the queue of recordings, the checklist, questions to operators (clauses 17, 20)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.domain.review import CHECKLIST, Grade, Why
from ivr.domain.vocabulary import Kind
from ivr.web.heard import shown
from ivr.web.rules import needs
from ivr.web.visit import Known

router = APIRouter()

Text = Annotated[str, Form(max_length=2000)]


@router.get("/curator/reviews")
@needs(Deed.LIST, Thing.REVIEW)
async def queue(visit: Known, chosen: int | None = None) -> Response:
    """What waits to be listened to, and what was."""
    audit = visit.rooms.audit
    waiting, done = await audit.queue(visit.actor, done=False), await audit.queue(visit.actor, done=True)
    scores = [one.score for one, _ in done if one.score is not None]
    return visit.page(
        "curator/reviews.html", waiting=waiting, done=done, rules=[why.value for why in Why], chosen=chosen,
        mean=sum(scores) / len(scores) if scores else None, now=visit.rooms.clock.now(),
        topic=lambda key: visit.town.rulebook.vocabulary.title(Kind.TOPICS, key),
    )  # fmt: skip


@router.post("/curator/reviews")
@needs(Deed.MANAGE, Thing.REVIEW)
async def draw(visit: Known, why: Annotated[Why, Form()], count: Annotated[int, Form(ge=1, le=50)] = 5) -> Response:
    """Choose some more."""
    chosen = await visit.rooms.audit.draw(visit.actor, why, count)
    return visit.go(f"/curator/reviews?chosen={chosen}")


@router.get("/curator/reviews/{review}")
@needs(Deed.VIEW, Thing.REVIEW)
async def one(visit: Known, review: str, said: str = "") -> Response:
    """Listen, and grade."""
    view = await visit.rooms.audit.view(visit.actor, review)
    vocabulary = visit.town.rulebook.vocabulary
    facts: dict[str, Any] = {
        "review": view.review, "message": view.message, "checklist": CHECKLIST, "marks": [one.value for one in Grade],
        "conversation": shown(view.conversation, view.message) if view.conversation else None,
        "topic": vocabulary.title(Kind.TOPICS, view.message.topic), "now": visit.rooms.clock.now(),
        "result": vocabulary.title(Kind.RESULTS, view.message.result), "said": said if said in _SAID else "",
    }  # fmt: skip
    return visit.page("curator/review.html", **facts)


_SAID = ("graded", "asked")


@router.post("/curator/reviews/{review}/grades")
@needs(Deed.MANAGE, Thing.REVIEW)
async def grade(visit: Known, review: str) -> Response:
    """The checklist, filled in."""
    form = await visit.request.form()
    grades = {point: str(form[point]) for point in CHECKLIST if form.get(point)}
    await visit.rooms.audit.grade(visit.actor, review, grades, str(form.get("note", "")))
    return visit.go(f"/curator/reviews/{review}?said=graded")


@router.post("/curator/reviews/{review}/question")
@needs(Deed.MANAGE, Thing.REVIEW)
async def ask(visit: Known, review: str, question: Text) -> Response:
    """Ask the operator."""
    await visit.rooms.audit.ask(visit.actor, review, question)
    return visit.go(f"/curator/reviews/{review}?said=asked")


@router.get("/questions")
@needs(Deed.WORK, Thing.REVIEW)
async def questions(visit: Known) -> Response:
    """What the curator asks me."""
    found = await visit.rooms.audit.questions(visit.actor)
    return visit.page("questions.html", questions=found, now=visit.rooms.clock.now())


@router.post("/questions/{review}")
@needs(Deed.WORK, Thing.REVIEW)
async def answer(visit: Known, review: str, text: Text) -> Response:
    """My answer."""
    await visit.rooms.audit.answer(visit.actor, review, text)
    return visit.go("/questions")
