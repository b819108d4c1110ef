"""The curator's pages, one a question: do we manage, what do people call about, how well are they heard (clause 17)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.domain.compliance import NOBODY, Clause
from ivr.domain.report import Period
from ivr.domain.vocabulary import Kind
from ivr.errors import RuleBroken
from ivr.services.curator import Keeping, Point, Subjects, lately
from ivr.web import charts
from ivr.web.rules import needs
from ivr.web.visit import Known, Visit

router = APIRouter()

_SPANS = {"week": 7, "month": 30, "quarter": 91, "year": 365}
_LONGEST_DAYS = 1100
_OF_THE_HOUSE = (Clause.STAFFED, Clause.TOLD, Clause.LETTER)
"""Clauses whose rows are no calls."""
_STRENGTHS = ("strong", "medium", "weak", "against")
Word = Annotated[str, Form(max_length=60)]


@router.get("/curator")
@needs(Deed.VIEW, Thing.REPORT)
async def keeping(visit: Known) -> Response:
    """«Успеваем ли?»: each clause with the rows behind it, the norms over time."""
    period = _period(visit)
    found = await visit.rooms.curator.keeping(visit.actor, period)
    return _page(visit, "curator/keeping.html", period, found=found, norms=_norms(visit, found))


@router.get("/curator/clauses/{clause}")
@needs(Deed.VIEW, Thing.REPORT)
async def broken(visit: Known, clause: str, page: Annotated[int, Query(ge=0, le=1000)] = 0) -> Response:
    """The rows that broke a clause."""
    period = _period(visit)
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
    period = _period(visit)
    found = await visit.rooms.curator.subjects(visit.actor, period)
    return _page(visit, "curator/subjects.html", period, found=found, **_drawn(found))


@router.get("/curator/hearing")
@needs(Deed.VIEW, Thing.REPORT)
async def hearing(visit: Known, taught: str = "") -> Response:
    """«Хорошо ли слышит автоответчик?»"""
    period = _period(visit, days=365)
    found = await visit.rooms.curator.hearing(visit.actor, period)
    return _page(
        visit, "curator/hearing.html", period, found=found, strengths=_STRENGTHS, taught=taught,
        topics=visit.rooms.rulebook.vocabulary.titles(Kind.TOPICS),
    )  # fmt: skip


@router.post("/curator/teach")
@needs(Deed.MANAGE, Thing.TOPICS)
async def teach(visit: Known, word: Word, topic: Word, strength: Word = "medium") -> Response:
    """Add a word to a topic's list; it counts from the next message on, and is undone in the topics' history."""
    lists = visit.rooms.administration.topics
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
    today = visit.rooms.clock.now().astimezone(visit.rooms.zone).date()
    here = visit.request.url.path
    spans = [
        {"key": key, "path": _link(here, lately(today, days)), "on": period == lately(today, days)}
        for key, days in _SPANS.items()
    ]
    vocabulary = visit.rooms.rulebook.vocabulary

    def topic(key: str) -> str:
        return vocabulary.title(Kind.TOPICS, key) if key != NOBODY else ""

    return visit.page(
        template, period=period, spans=spans, here=here, now=visit.rooms.clock.now(), topic=topic, nobody=NOBODY,
        link=lambda path, **more: _link(path, period, **more), of_the_house=_OF_THE_HOUSE, **facts,
    )  # fmt: skip


def _link(path: str, period: Period, **more: object) -> str:
    return f"{path}?{urlencode({'from': period.first, 'to': period.last, **more})}"


def _period(visit: Visit, days: int = 30) -> Period:
    """The days asked for; what is no date is the last days."""
    today = visit.rooms.clock.now().astimezone(visit.rooms.zone).date()
    given: Mapping[str, str] = visit.request.query_params
    try:
        first, last = date.fromisoformat(given["from"]), date.fromisoformat(given["to"])
    except (KeyError, ValueError):
        return lately(today, days)
    first, last = min(first, last), max(first, last)
    if last.year > today.year + 1 or first.year < 2000:
        return lately(today, days)
    return Period(max(first, last - timedelta(days=_LONGEST_DAYS)), last)


def _norms(visit: Visit, found: Keeping) -> list[dict[str, Any]]:
    """The five norms, each with its line."""
    rules = visit.rooms.rulebook.rules
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
