"""Reports and papers for programs (clauses 6.2, 16-19)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.domain.letter import Letter, LetterState, ReportKind
from ivr.domain.older_journal import Doubt, Verdict
from ivr.domain.report import Form, Period
from ivr.errors import RuleBroken
from ivr.services.intake import IntakeReport
from ivr.services.intake_desk import IntakeAct
from ivr.services.report_office import REMARKS_AT_MOST, FiledView
from ivr.web.api.caller import FAULTS, PREFIX, Call, Program
from ivr.web.api.shapes import Shape
from ivr.web.reports import XLSX, attached, file_name
from ivr.web.rules import needs

router = APIRouter(prefix=PREFIX, responses=FAULTS)

Id = Annotated[str, Path(pattern="^[0-9a-f]{1,32}$")]
_BODY = {
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}, "required": True,
}  # fmt: skip
_FILE = {200: {"content": {XLSX: {}}, "description": "The workbook"}}


class LetterShape(Shape):
    """A letter with the weekly report."""

    id: str
    recipient: str
    state: LetterState
    tries: int
    reply: str
    sent_at: datetime | None
    settled_by: str | None

    @classmethod
    def of(cls, letter: Letter) -> Self:
        """The letter as JSON."""
        return cls(**{name: getattr(letter, name) for name in cls.model_fields})


class ReportShape(Shape):
    """A report as it was filed; `approved_by` is "" when it went by itself."""

    id: str
    kind: ReportKind
    first: date
    last: date
    edition: int
    made_at: datetime
    due_at: datetime
    rows: int
    sha256: str
    approved_by: str | None
    approved_at: datetime | None
    reported_by: str | None
    reported_at: datetime | None
    remarks: str
    letters: list[LetterShape]

    @classmethod
    def of(cls, view: FiledView) -> Self:
        """The report as JSON."""
        own = {"first", "last", "letters"}
        same = {name: getattr(view.report, name) for name in cls.model_fields if name not in own}
        period = view.report.period
        return cls(**same, first=period.first, last=period.last, letters=[LetterShape.of(one) for one in view.letters])


class Remarks(Shape):
    """The curator's words to the head; null: those of the edition before."""

    remarks: str | None = Field(None, max_length=REMARKS_AT_MOST)


class Settled(Shape):
    """What the addressee said: it came, or it is to be sent again."""

    arrived: bool


class Done(Shape):
    """Whether anything was changed; false: it had been done before."""

    done: bool


class RemarkShape(Shape):
    """What is doubtful about a cell."""

    doubt: Doubt
    column: str
    given: str
    read: str


class RowShape(Shape):
    """A row of the file on which a person should look."""

    sheet: str
    line: int
    verdict: Verdict
    remarks: list[RemarkShape]


class IntakeShape(Shape):
    """What became of the rows of an older journal; `done` is null after a preview."""

    counts: dict[Verdict, int]
    rows: list[RowShape]
    left_out: int
    done: int | None

    @classmethod
    def of(cls, report: IntakeReport) -> Self:
        """The report as JSON."""
        rows = [
            RowShape(
                sheet=row.sheet, line=row.line, verdict=row.verdict,
                remarks=[RemarkShape(doubt=one.doubt, column=one.column, given=one.given, read=one.read)
                         for one in row.remarks],
            ) for row in report.rows
        ]  # fmt: skip
        return cls(counts=dict(report.counts), rows=rows, left_out=report.left_out, done=report.done)


@router.get("/reports", tags=["reports"])
@needs(Deed.LIST, Thing.REPORT)
async def reports(call: Program, kind: ReportKind = ReportKind.WEEK) -> list[ReportShape]:
    """The newest edition of each week or month, the latest first."""
    return [ReportShape.of(view) for view in await call.rooms.reports.office.filed(call.actor, kind)]


@router.get("/reports/{report}", tags=["reports"])
@needs(Deed.VIEW, Thing.REPORT)
async def report(call: Program, report: Id) -> ReportShape:
    """One edition with its letters."""
    return await _one(call, report)


@router.get("/reports/{report}/file", tags=["reports"], response_class=Response, responses=_FILE)  # type: ignore[arg-type]
@needs(Deed.EXPORT, Thing.REPORT)
async def file(call: Program, report: Id) -> Response:
    """The workbook as it was made and sent."""
    found, content = await call.rooms.reports.office.file(call.actor, report)
    return attached(content, file_name(found))


@router.post("/reports/{report}/approve", tags=["reports"])
@needs(Deed.MANAGE, Thing.REPORT)
async def approve(call: Program, report: Id) -> ReportShape:
    """Let the weekly letter go; harmless when it went before."""
    await call.rooms.reports.office.approve(call.actor, report)
    return await _one(call, report)


@router.post("/reports/{report}/correct", tags=["reports"])
@needs(Deed.MANAGE, Thing.REPORT)
async def correct(call: Program, report: Id) -> ReportShape:
    """The next edition of a week, as the journal tells it now, let go at once."""
    return await _one(call, (await call.rooms.reports.office.correct(call.actor, report)).id)


@router.post("/reports/{report}/retell", tags=["reports"])
@needs(Deed.MANAGE, Thing.REPORT)
async def retell(call: Program, report: Id, given: Remarks) -> ReportShape:
    """The next edition of a month, with the curator's words."""
    return await _one(call, (await call.rooms.reports.office.retell(call.actor, report, given.remarks)).id)


@router.post("/reports/{report}/told", tags=["reports"])
@needs(Deed.MANAGE, Thing.REPORT)
async def told(call: Program, report: Id) -> Done:
    """The head has been told of a month (clause 18)."""
    return Done(done=await call.rooms.reports.office.told(call.actor, report))


@router.post("/reports/{report}/letters/{letter}", tags=["reports"])
@needs(Deed.MANAGE, Thing.REPORT)
async def settle(call: Program, report: Id, letter: Id, given: Settled) -> Done:
    """The addressee was asked whether a letter in doubt came."""
    office = call.rooms.reports.office
    return Done(done=await office.settle(call.actor, report, letter, arrived=given.arrived))


@router.get("/papers/{paper}", tags=["reports"], response_class=Response, responses=_FILE)  # type: ignore[arg-type]
@needs(Deed.EXPORT, Thing.REPORT)
async def paper(
    call: Program, paper: Form, period: Annotated[str, Query(max_length=32, examples=["2026-11", "2026-W47"])] = "",
    municipality: Annotated[str, Query(max_length=64)] = "",
) -> Response:  # fmt: skip
    """Any paper of any period: 2026, 2026-11, 2026-W47, 2026-11-23 or 2026-11-01..2026-11-30. A year takes seconds."""
    call.actor.require(Deed.EXPORT, Thing.REPORT)
    try:
        days = Period.parse(period)
    except ValueError as fault:
        raise RuleBroken("17", f"no period: {period!r}", "bad_period") from fault
    made = await call.rooms.reports.papers.at_once(call.actor, paper, days, municipality)
    return attached(made.content, made.name)


@router.post("/older-journals/{act}", tags=["reports"], openapi_extra={"requestBody": _BODY})
@needs(Deed.MANAGE, Thing.MESSAGE)
async def older_journal(call: Program, act: IntakeAct, request: Request) -> IntakeShape:
    """An older journal of messages: looked at, its new rows taken in, or taken back; the body is the workbook."""
    call.actor.require(Deed.MANAGE, Thing.MESSAGE)
    return IntakeShape.of(await call.rooms.reports.intake.at_once(call.actor, await request.body(), act))


async def _one(call: Call, report: str) -> ReportShape:
    return ReportShape.of(await call.rooms.reports.office.one(call.actor, report))
