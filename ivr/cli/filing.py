"""`ivr report …`: the reports that were filed, their letters, and the curator's word (clauses 17-19)."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ivr.adapters.files.settings import Settings
from ivr.adapters.files.ui import words
from ivr.bootstrap.office import build_report_desk
from ivr.domain.letter import FiledReport, ReportKind
from ivr.domain.notices import Notice
from ivr.domain.report import Period
from ivr.services.filing import Filing

filing_app = typer.Typer()

Which = Annotated[str, typer.Argument(help=words("report.period"), metavar="PERIOD")]
Who = Annotated[str, typer.Option("--who", help=words("report.who"))]
_ME = getpass.getuser()


def _filing(settings: Settings) -> Filing:
    year = datetime.now(UTC).year
    return build_report_desk(settings, range(year, year + 1)).filing()


def _period(text: str) -> Period:
    try:
        return Period.parse(text)
    except ValueError as fault:
        raise typer.BadParameter(words("report.wrong_period", period=text, why=fault)) from fault


def _report(filing: Filing, period: str, *kinds: ReportKind) -> FiledReport:
    for kind in kinds or tuple(ReportKind):
        if report := filing.known(kind, _period(period)):
            return report
    raise typer.BadParameter(words("report.not_filed", period=period))


def _moment(filing: Filing, moment: datetime | None) -> str:
    return f"{moment.astimezone(filing.maker.reports.calendar.zone):%d.%m.%Y %H:%M}" if moment else ""


@filing_app.command(help=words("report.filed"))
def filed(context: typer.Context) -> None:
    """What was made, who let it go, what the mail server said."""
    filing = _filing(context.obj)
    newest = filing.archive.filed(filing.municipality, ReportKind.WEEK, at_most=1)
    for kind in ReportKind:
        for report in filing.archive.filed(filing.municipality, kind):
            facts = {"edition": report.edition, "rows": report.rows, "due": _moment(filing, report.due_at)}
            typer.echo(words(f"report.kinds.{kind}", title=report.title, **facts))
            typer.echo(f"    SHA-256 {report.sha256}")
            if report.approved_at:
                by = report.approved_by or words("report.by_itself")
                typer.echo(words("report.sent_by", by=by, at=_moment(filing, report.approved_at)))
            if kind is ReportKind.WEEK and report in newest and filing.changed(report):
                typer.echo(words("report.journal_changed"))
            if report.reported_at:
                typer.echo(words("report.told_by", by=report.reported_by, at=_moment(filing, report.reported_at)))
            for line in _letters(filing, report):
                typer.echo(f"    {line}")


def _letters(filing: Filing, report: FiledReport) -> list[str]:
    lines = []
    for letter in filing.archive.letters(report.id):
        late = words("report.late") if letter.late(report) else ""
        state = words(f"report.letters.{letter.state}", at=_moment(filing, letter.sent_at), late=late, id=letter.id)
        lines.append(f"{letter.recipient}: {state} {letter.reply}".strip())
    return lines


@filing_app.command(help=words("report.approve"))
def approve(context: typer.Context, period: Which, who: Who = _ME) -> None:
    """The curator lets a weekly report go."""
    filing = _filing(context.obj)
    now = datetime.now(UTC)
    went = filing.approve(_report(filing, period, ReportKind.WEEK), who, now)
    typer.echo(words("report.approved" if went else "report.approved_before"))
    _tell(filing.sweep(now))


@filing_app.command(help=words("report.correct"))
def correct(context: typer.Context, period: Which, who: Who = _ME) -> None:
    """The next edition of a weekly report."""
    filing = _filing(context.obj)
    now = datetime.now(UTC)
    report = filing.correct(_period(period), who, now)
    typer.echo(words("report.corrected", edition=report.edition))
    _tell(filing.sweep(now))


@filing_app.command(help=words("report.settle"))
def settle(
    context: typer.Context,
    letter: Annotated[str, typer.Argument(help=words("report.letter"))],
    arrived: Annotated[bool, typer.Option("--arrived/--again", help=words("report.arrived"))],
    who: Who = _ME,
) -> None:
    """A person has asked the addressee whether a letter came."""
    done = _filing(context.obj).archive.settle(letter, arrived=arrived, by=who, at=datetime.now(UTC))
    typer.echo(words("report.settled" if done else "report.not_in_doubt"))


@filing_app.command(help=words("report.retell"))
def retell(
    context: typer.Context,
    period: Which,
    remarks: Annotated[str | None, typer.Option("--words", help=words("report.remarks"))] = None,
) -> None:
    """The month once more, with the curator's words."""
    report = _filing(context.obj).retell(_period(period), datetime.now(UTC), remarks)
    typer.echo(words("report.retold", edition=report.edition))


@filing_app.command(help=words("report.told"))
def told(context: typer.Context, period: Which, who: Who = _ME) -> None:
    """The head has been told (clause 18)."""
    marked = _filing(context.obj).told(_period(period), who, datetime.now(UTC))
    typer.echo(words("report.marked" if marked else "report.marked_before"))


@filing_app.command(help=words("report.kept"))
def kept(context: typer.Context, period: Which, out: Annotated[Path, typer.Option(help=words("report.out"))]) -> None:
    """The file as it was made and sent."""
    filing = _filing(context.obj)
    report = _report(filing, period)
    out.write_bytes(filing.archive.content(report.id))
    typer.echo(words("report.written", path=out, rows=report.rows))


@filing_app.command(help=words("report.sweep"))
def sweep(context: typer.Context) -> None:
    """Do once what has come due."""
    _tell(_filing(context.obj).sweep(datetime.now(UTC)))


def _tell(notices: tuple[Notice, ...]) -> None:
    for notice in notices:
        typer.echo(f"{notice.subject}: {words(f'report.notices.{notice.kind}')}")
