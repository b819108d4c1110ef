"""An older journal of messages: brought as a file, looked at line by line, taken in, taken back (clause 16)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.datastructures import UploadFile
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.domain.older_journal import ReadRow, Verdict
from ivr.domain.report import MESSAGE_COLUMNS
from ivr.errors import RuleBroken
from ivr.services.intake_desk import FILE_AT_MOST, IntakeAct
from ivr.services.long_work import Work
from ivr.web.rules import needs
from ivr.web.visit import Known, Visit

router = APIRouter()

_CUT = 120


@router.get("/reports/older-journal")
@needs(Deed.MANAGE, Thing.MESSAGE)
async def form(visit: Known) -> Response:
    """Where a file is brought."""
    visit.actor.require(Deed.MANAGE, Thing.MESSAGE)
    return _form(visit)


@router.post("/reports/older-journal")
@needs(Deed.MANAGE, Thing.MESSAGE)
async def bring(visit: Known) -> Response:
    """Look at it; nothing is written."""
    visit.actor.require(Deed.MANAGE, Thing.MESSAGE)
    file = (await visit.request.form()).get("file")
    named = file.filename or "" if isinstance(file, UploadFile) else ""
    content = await file.read(FILE_AT_MOST + 1) if isinstance(file, UploadFile) else b""
    try:
        work = await visit.rooms.reports.intake.bring(visit.actor, named, content)
    except RuleBroken as fault:
        return _form(visit, fault)
    return visit.go(f"/reports/older-journal/{work.id}")


@router.get("/reports/older-journal/{work}")
@needs(Deed.MANAGE, Thing.MESSAGE)
async def brought(visit: Known, work: str) -> Response:
    """How far it is, and what was found."""
    found = await visit.rooms.reports.intake.work(visit.actor, work)
    if visit.is_partial and not found.goes_on:
        return visit.go(f"/reports/older-journal/{work}")
    template = "reports/reading.html" if visit.is_partial else "reports/brought.html"
    return visit.page(template, work=found, file=found.about, **_found(visit, found))


@router.post("/reports/older-journal/{work}")
@needs(Deed.MANAGE, Thing.MESSAGE)
async def act(
    visit: Known, work: str, act: Annotated[IntakeAct, Form()] = IntakeAct.PREVIEW,
    everything: Annotated[str, Form(max_length=3)] = "",
) -> Response:  # fmt: skip
    """Take its new rows in, take them back, or look at it again."""
    intake = visit.rooms.reports.intake
    try:
        begun = await intake.act(visit.actor, work, act, everything=everything == "yes")
    except RuleBroken as fault:
        if fault.code.startswith("unknown"):
            return _form(visit, fault)
        raise
    return visit.go(f"/reports/older-journal/{begun.id}")


@router.post("/reports/older-journal/{work}/break-off")
@needs(Deed.MANAGE, Thing.MESSAGE)
async def break_off(visit: Known, work: str) -> Response:
    """Stop; rows that are in the journal already stay, and can be taken back."""
    (await visit.rooms.reports.intake.work(visit.actor, work)).break_off()
    return visit.go(f"/reports/older-journal/{work}")


def _form(visit: Visit, fault: RuleBroken | None = None) -> Response:
    sentence = visit.rooms.refusal(fault, visit.town.zone) if fault else ""
    status = (404 if fault.code.startswith("unknown") else 409) if fault else 200
    return visit.page("reports/older_journal.html", status, fault=sentence, megabytes=FILE_AT_MOST // 1024**2)


def _found(visit: Visit, work: Work) -> dict[str, Any]:
    """The report of a file in words."""
    report, words = work.result, visit.rooms.reports.words
    told = ""
    if work.fault is not None:
        known = isinstance(work.fault, RuleBroken)
        told = visit.rooms.refusal(work.fault, visit.town.zone) if known else ""  # type: ignore[arg-type]
        told = told or visit.rooms.words("console.older_journal.broke")
    if report is None:
        return {"report": None, "told": told, "rows": [], "sums": [], "new": 0, "known": 0}
    sums = [(verdict, words.older.verdicts[verdict], report.counts[verdict]) for verdict in Verdict]
    return {
        "report": report, "told": told, "sums": [one for one in sums if one[2]],
        "rows": [_line(visit, row) for row in report.rows],
        "new": report.counts[Verdict.NEW], "known": report.counts[Verdict.KNOWN],
    }  # fmt: skip


def _line(visit: Visit, row: ReadRow) -> dict[str, Any]:
    """A row of the file: what was read, what becomes of it, what is doubtful."""
    words = visit.rooms.reports.words
    remarks = [
        (words.messages.columns[MESSAGE_COLUMNS.index(remark.column)], words.older.remarks[remark.doubt],
         remark.given.strip()[:_CUT], remark.read[:_CUT])
        for remark in row.remarks
    ]  # fmt: skip
    return {
        "sheet": row.sheet, "line": row.line, "verdict": row.verdict, "title": words.older.verdicts[row.verdict],
        "remarks": remarks, "row": row.row,
    }  # fmt: skip
