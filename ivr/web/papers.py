"""Papers of any period and municipality: asked for, watched while they are made, taken (clauses 6.2, 16-19)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.domain.letter import ReportKind
from ivr.domain.report import Form as Paper
from ivr.domain.report import Period
from ivr.errors import RuleBroken
from ivr.web.moments import day_of
from ivr.web.rules import needs
from ivr.web.visit import Known, Visit

router = APIRouter()

_DAY = timedelta(days=1)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SPANS: Mapping[str, Callable[[date], Period]] = {
    "last_week": lambda today: Period.week_of(today - 7 * _DAY),
    "this_week": Period.week_of,
    "last_month": lambda today: Period.month_of(today).before,
    "this_month": Period.month_of,
    "this_year": lambda today: Period(date(today.year, 1, 1), today),
    "last_year": lambda today: Period(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
}
"""Periods by name; beside them days that a person names."""
DAYS = "days"
Short = Annotated[str, Form(max_length=64)]


def first_choice(visit: Visit) -> dict[str, str]:
    """What the form says before anybody has chosen."""
    today = _today(visit)
    first = Period.month_of(today).first
    return {"paper": str(Paper.MESSAGES), "span": "last_month", "since": first.isoformat(), "until": today.isoformat(),
            "municipality": ""}  # fmt: skip


@router.post("/reports/papers")
@needs(Deed.EXPORT, Thing.REPORT)
async def begin(
    visit: Known, paper: Paper = Form(Paper.MESSAGES), span: Short = DAYS, since: Short = "",  # noqa: B008
    until: Short = "", municipality: Short = "",
) -> Response:  # fmt: skip
    """Begin a paper; its page tells how far it is."""
    desk = visit.rooms.reports.papers
    try:
        work = await desk.begin(visit.actor, paper, _period(visit, span, since, until), municipality)
    except RuleBroken as fault:
        choice = {"paper": str(paper), "span": span, "since": since, "until": until, "municipality": municipality}
        return await _again(visit, fault, choice)
    return visit.go(f"/reports/papers/{work.id}")


@router.get("/reports/papers/{work}")
@needs(Deed.EXPORT, Thing.REPORT)
async def paper(visit: Known, work: str) -> Response:
    """How far it is; the part renews itself until the file can be taken."""
    found = await visit.rooms.reports.papers.work(visit.actor, work)
    template = "reports/making.html" if visit.is_partial else "reports/paper.html"
    return visit.page(template, work=found, asked=found.about, told=_fault(visit, found.fault))


@router.get("/reports/papers/{work}/file")
@needs(Deed.EXPORT, Thing.REPORT)
async def take(visit: Known, work: str) -> Response:
    """The file."""
    made = await visit.rooms.reports.papers.take(visit.actor, work)
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return Response(made.content, media_type=_XLSX, headers=headers)


@router.post("/reports/papers/{work}/break-off")
@needs(Deed.EXPORT, Thing.REPORT)
async def break_off(visit: Known, work: str) -> Response:
    """It is not wanted any more."""
    await visit.rooms.reports.papers.break_off(visit.actor, work)
    return visit.go("/reports")


async def _again(visit: Visit, fault: RuleBroken, choice: Mapping[str, str]) -> Response:
    rooms = visit.rooms.reports
    weeks, months = [await rooms.office.filed(visit.actor, kind) for kind in (ReportKind.WEEK, ReportKind.MONTH)]
    return visit.page(
        "reports/index.html", 409, weeks=weeks, months=months, now=visit.rooms.clock.now(), choice=choice,
        towns=await rooms.papers.municipalities(visit.actor), fault=visit.rooms.refusal(fault, visit.town.zone),
    )  # fmt: skip


def _period(visit: Visit, span: str, since: str, until: str) -> Period:
    """The days that are wanted.

    Raises:
        RuleBroken: they are no days, or end before they begin.
    """
    if span in SPANS:
        return SPANS[span](_today(visit))
    first, last = day_of(since), day_of(until)
    if first is None or last is None or last < first:
        raise RuleBroken("17", f"no period: {since!r} to {until!r}", "bad_period")
    return Period(first, last)


def _today(visit: Visit) -> date:
    return visit.rooms.clock.now().astimezone(visit.town.zone).date()


def _fault(visit: Visit, fault: Exception | None) -> str:
    """Why it was not made, in words."""
    if fault is None:
        return ""
    if isinstance(fault, RuleBroken):
        return visit.rooms.refusal(fault, visit.town.zone)
    return visit.rooms.words("console.papers.broke")
