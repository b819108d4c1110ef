"""The curator's pages, one a question: do we manage, what do people call about, how well are they heard (clause 17)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.domain.compliance import NOBODY, Clause
from ivr.domain.report import Period
from ivr.domain.vocabulary import Kind
from ivr.errors import RuleBroken
from ivr.services.curator import Keeping, Point, Subjects
from ivr.web import charts
from ivr.web.periods import link, period_of, spans_of
from ivr.web.rules import needs
from ivr.web.visit import Known, Visit

router = APIRouter()

_OF_THE_HOUSE = (Clause.STAFFED, Clause.TOLD, Clause.LETTER)
"""Clauses whose rows are no calls."""
_STRENGTHS = ("strong", "medium", "weak", "against")
Word = Annotated[str, Form(max_length=60)]


@router.get("/curator")
@needs(Deed.VIEW, Thing.REPORT)
async def keeping(visit: Known) -> Response:
    """«Успеваем ли?»: each clause with the rows behind it, the norms over time."""
    period = period_of(visit)
    found = await visit.rooms.curator.keeping(visit.actor, period)
    return _page(visit, "curator/keeping.html", period, found=found, norms=_norms(visit, found))


@router.get("/curator/clauses/{clause}")
@needs(Deed.VIEW, Thing.REPORT)
async def broken(visit: Known, clause: str, page: Annotated[int, Query(ge=0, le=1000)] = 0) -> Response:
    """The rows that broke a clause."""
    period = period_of(visit)
    known = next((one for one in Clause if one.name.lower() == clause), None)
    if known is None:
        raise RuleBroken("17", "there is no such clause", "unknown")
    kept, rows, more = await visit.rooms.curator.broken(visit.actor, period, known, page)
    return _page(
        visit, "curator/clause.html", period, kept=kept, rows=rows, page=page, more=more,
        hour=datetime.fromisoformat if known is Clause.STAFFED else None,
        is_report=known in (Clause.TOLD, Clause.LETTER),
    )  # fmt: skip


@router.get("/curator/subjects")
@needs(Deed.VIEW, Thing.REPORT)
async def subjects(visit: Known) -> Response:
    """«О чём звонят?»"""
    period = period_of(visit)
    found = await visit.rooms.curator.subjects(visit.actor, period)
    return _page(visit, "curator/subjects.html", period, found=found, **_drawn(found))


@router.get("/curator/hearing")
@needs(Deed.VIEW, Thing.REPORT)
async def hearing(visit: Known, taught: str = "") -> Response:
    """«Хорошо ли слышит автоответчик?»"""
    period = period_of(visit, days=365)
    found = await visit.rooms.curator.hearing(visit.actor, period)
    return _page(
        visit, "curator/hearing.html", period, found=found, strengths=_STRENGTHS, taught=taught,
        topics=visit.town.rulebook.vocabulary.titles(Kind.TOPICS),
    )  # fmt: skip


@router.post("/curator/teach")
@needs(Deed.MANAGE, Thing.TOPICS)
async def teach(visit: Known, word: Word, topic: Word, strength: Word = "medium") -> Response:
    """Add a word to a topic's list; it counts from the next message on, and is undone in the topics' history."""
    lists = visit.town.administration.topics
    known = lists.topic(visit.actor, topic)
    if strength not in _STRENGTHS or not word.strip():
        raise RuleBroken("app.2", "there is no word, or no such list", "needs_word")
    old = known.lists.get(strength, "")
    words = [one.strip() for one in old.split(",") if one.strip()]
    new = word.strip().lower()
    if new not in words:
        await lists.keep_topic(visit.actor, topic, {**known.lists, strength: ", ".join([*words, new])})
    return visit.go(f"/curator/hearing?{urlencode({'taught': new})}")


def _page(visit: Visit, template: str, period: Period, **facts: Any) -> Response:
    here, spans = visit.request.url.path, spans_of(visit, period)
    vocabulary = visit.town.rulebook.vocabulary

    def topic(key: str) -> str:
        return vocabulary.title(Kind.TOPICS, key) if key != NOBODY else ""

    return visit.page(
        template, period=period, spans=spans, here=here, now=visit.rooms.clock.now(), topic=topic, nobody=NOBODY,
        link=lambda path, **more: link(path, period, **more), of_the_house=_OF_THE_HOUSE, **facts,
    )  # fmt: skip


def _norms(visit: Visit, found: Keeping) -> list[dict[str, Any]]:
    """The five norms, each with its line."""
    rules = visit.town.rulebook.rules
    known = {
        "lost": rules.lost_share_below, "available": rules.availability_above, "productive": rules.productivity_above,
        "answer": rules.answer_seconds, "handling": rules.handling_minutes * 60,
    }  # fmt: skip
    shown = []
    for key, norm in known.items():
        total, values = getattr(found.total, key), _values(found, key)
        drawn = {"chart": charts.line(values, norm), "values": values, "met": _met(key, total, norm)}
        shown.append({"key": key, "total": total, **drawn})
    return shown


def _values(found: Keeping, key: str) -> list[float | None]:
    points: list[Point] = list(found.points)
    return [getattr(point, key) for point in points]


def _met(key: str, value: float | None, norm: float) -> bool | None:
    if value is None:
        return None
    if key in ("available", "productive"):
        return value > norm
    return value < norm if key == "lost" else value <= norm


def _drawn(found: Subjects) -> dict[str, Any]:
    most = max((count for counts in found.heat.values() for count in counts.values()), default=0)
    return {
        "heat": lambda count: charts.heat(count, most),
        "day_bars": charts.bars([count for _, count in found.days]),
        "hour_bars": charts.bars([one.calls for one in found.needs]),
        "whole": sum(row.count for row in found.topics),
    }
