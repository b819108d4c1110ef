"""«Отчёты»: what is due, what went, with which proof; the curator's word (clauses 18, 19)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.domain.letter import FiledReport, ReportKind
from ivr.errors import RuleBroken
from ivr.services.report_office import REMARKS_AT_MOST
from ivr.web.papers import first_choice
from ivr.web.rules import needs
from ivr.web.visit import Known, Visit

router = APIRouter()

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SAID = ("approved", "approved_before", "corrected", "retold", "told", "told_before", "settled", "not_in_doubt")
Id = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


@router.get("/reports")
@needs(Deed.LIST, Thing.REPORT)
async def reports(visit: Known) -> Response:
    """The latest weeks and months, papers of any period, the older journal."""
    rooms = visit.rooms.reports
    weeks, months = [await rooms.office.filed(visit.actor, kind) for kind in (ReportKind.WEEK, ReportKind.MONTH)]
    towns = await rooms.papers.municipalities(visit.actor) if visit.may("export", "report") else {}
    return visit.page(
        "reports/index.html", weeks=weeks, months=months, towns=towns, now=visit.rooms.clock.now(),
        choice=first_choice(visit), fault="",
    )  # fmt: skip


@router.get("/reports/{report}")
@needs(Deed.VIEW, Thing.REPORT)
async def report(visit: Known, report: Id, said: str = "") -> Response:
    """One report: its sheets, its editions, its letters."""
    return await _page(visit, report, said=said)


@router.get("/reports/{report}/letters")
@needs(Deed.VIEW, Thing.REPORT)
async def letters(visit: Known, report: Id) -> Response:
    """The letters alone; they renew themselves while one is under way."""
    view = await visit.rooms.reports.office.one(visit.actor, report)
    return visit.page("reports/letters.html", view=view, now=visit.rooms.clock.now(), manages=_manages(visit))


@router.get("/reports/{report}/file")
@needs(Deed.EXPORT, Thing.REPORT)
async def file(visit: Known, report: Id) -> Response:
    """The workbook as it was made and sent."""
    found, content = await visit.rooms.reports.office.file(visit.actor, report)
    return attached(content, file_name(found))


@router.post("/reports/{report}/approve")
@needs(Deed.MANAGE, Thing.REPORT)
async def approve(visit: Known, report: Id) -> Response:
    """Let the letter go."""
    try:
        went = await visit.rooms.reports.office.approve(visit.actor, report)
    except RuleBroken as fault:
        return await _refused(visit, report, fault)
    return visit.go(f"/reports/{report}?said={'approved' if went else 'approved_before'}")


@router.post("/reports/{report}/correct")
@needs(Deed.MANAGE, Thing.REPORT)
async def correct(visit: Known, report: Id) -> Response:
    """The next edition of a week, as the journal tells it now."""
    try:
        made = await visit.rooms.reports.office.correct(visit.actor, report)
    except RuleBroken as fault:
        return await _refused(visit, report, fault)
    return visit.go(f"/reports/{made.id}?said=corrected")


@router.post("/reports/{report}/retell")
@needs(Deed.MANAGE, Thing.REPORT)
async def retell(
    visit: Known, report: Id, remarks: Annotated[str, Form(max_length=2 * REMARKS_AT_MOST)] = ""
) -> Response:
    """The next edition of a month, with the curator's words."""
    try:
        made = await visit.rooms.reports.office.retell(visit.actor, report, remarks)
    except RuleBroken as fault:
        return await _refused(visit, report, fault, remarks=remarks)
    return visit.go(f"/reports/{made.id}?said=retold")


@router.post("/reports/{report}/told")
@needs(Deed.MANAGE, Thing.REPORT)
async def told(visit: Known, report: Id) -> Response:
    """The head was told of the month."""
    try:
        marked = await visit.rooms.reports.office.told(visit.actor, report)
    except RuleBroken as fault:
        return await _refused(visit, report, fault)
    return visit.go(f"/reports/{report}?said={'told' if marked else 'told_before'}")


@router.post("/reports/{report}/letters/{letter}")
@needs(Deed.MANAGE, Thing.REPORT)
async def settle(visit: Known, report: Id, letter: str, arrived: Annotated[str, Form()] = "") -> Response:
    """The addressee was asked whether the letter came."""
    office = visit.rooms.reports.office
    settled = await office.settle(visit.actor, report, letter, arrived=arrived == "yes")
    return visit.go(f"/reports/{report}?said={'settled' if settled else 'not_in_doubt'}")


def attached(content: bytes, name: str) -> Response:
    """A workbook that the browser keeps as a file."""
    return Response(content, media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def file_name(report: FiledReport) -> str:
    """What the file of a filed report is called."""
    return f"{report.kind}-{report.period.first}-{report.period.last}-{report.edition}.xlsx"


async def _refused(visit: Visit, report: str, fault: RuleBroken, **given: Any) -> Response:
    if fault.code.startswith("unknown"):
        raise fault
    return await _page(visit, report, fault=fault, **given)


async def _page(
    visit: Visit, report: str, *, said: str = "", fault: RuleBroken | None = None, remarks: str | None = None
) -> Response:
    office = visit.rooms.reports.office
    view = await office.one(visit.actor, report)
    return visit.page(
        f"reports/{view.report.kind}.html", 409 if fault else 200, view=view, report=view.report,
        sheets=await office.preview(visit.actor, report), now=visit.rooms.clock.now(), manages=_manages(visit),
        remarks=view.report.remarks if remarks is None else remarks, most=REMARKS_AT_MOST,
        fault=visit.rooms.refusal(fault, visit.town.zone) if fault else "", said=said if said in _SAID else "",
    )  # fmt: skip


def _manages(visit: Visit) -> bool:
    return visit.may("manage", "report")
