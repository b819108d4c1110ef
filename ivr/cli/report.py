"""`ivr report`: the appendices, the month for the head, an older journal taken in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ivr.adapters.files.settings import Settings
from ivr.adapters.files.ui import words
from ivr.adapters.workbooks.style import Origin
from ivr.bootstrap import ReportDesk, build_report_desk
from ivr.cli.filing import filing_app
from ivr.domain.report import Period

T = TypeVar("T")

_FIRST_YEAR = 2015  # of the public holidays that older rows may need

app = typer.Typer(no_args_is_help=True, help=words("report.help"))
app.add_typer(filing_app)


def _period(text: str) -> Period:
    try:
        return Period.parse(text)
    except ValueError as fault:
        raise typer.BadParameter(words("report.wrong_period", period=text, why=fault)) from fault


Within = Annotated[Period, typer.Option("--period", parser=_period, help=words("report.period"), metavar="PERIOD")]
Target = Annotated[Path | None, typer.Option(help=words("report.out"))]
Whose = Annotated[str | None, typer.Option(help=words("report.municipality"))]


@app.command(help=words("report.load"))
def load(context: typer.Context, period: Within, out: Target = None, municipality: Whose = None) -> None:
    """Appendix 1."""
    from ivr.adapters.workbooks.appendix1 import write_load

    desk, whose, path = _begin(context.obj, period, municipality, out, "load")
    weeks = desk.reports().load(whose, period)
    write_load(path, weeks, desk.words, desk.rules, _origin(desk, period))
    _done(path, sum(len(week.days) for week in weeks))


@app.command(help=words("report.messages"))
def messages(context: typer.Context, period: Within, out: Target = None, municipality: Whose = None) -> None:
    """Appendix 2."""
    from ivr.adapters.workbooks.appendix2 import write_messages

    desk, whose, path = _begin(context.obj, period, municipality, out, "messages")
    reports = desk.reports()
    rows = _shown(reports.messages(whose, period), reports.source.count(whose, period))
    _done(path, write_messages(path, rows, desk.words, _origin(desk, period)))


@app.command(help=words("report.week"))
def week(context: typer.Context, period: Within, out: Target = None, municipality: Whose = None) -> None:
    """Appendix 3."""
    from ivr.adapters.workbooks.appendix3 import write_week

    desk, whose, path = _begin(context.obj, period, municipality, out, "week")
    _done(path, write_week(path, desk.reports().week(whose, period), desk.words, _origin(desk, period)))


@app.command(help=words("report.month"))
def month(context: typer.Context, period: Within, out: Target = None, municipality: Whose = None) -> None:
    """The month for the head."""
    from ivr.adapters.workbooks.month import write_month

    desk, whose, path = _begin(context.obj, period, municipality, out, "month")
    report = desk.reports().month(whose, period, datetime.now(UTC))
    write_month(path, report, desk.words, desk.rules, _origin(desk, period))
    _done(path, report.messages.now)


@app.command("import", help=words("report.import"))
def take_older_journal(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=words("report.import_file"), exists=True, dir_okay=False)],
    yes: Annotated[bool, typer.Option("--yes", help=words("report.import_yes"))] = False,
    show_all: Annotated[bool, typer.Option("--all", help=words("report.import_all"))] = False,
    municipality: Whose = None,
) -> None:
    """An older journal: a preview line by line, and with --yes its new rows taken in."""
    from ivr.cli.older_journal import take_in_file

    desk = build_report_desk(context.obj, range(_FIRST_YEAR, datetime.now(UTC).year + 1))
    take_in_file(desk, municipality or context.obj.municipality.key, file, keep=yes, show_all=show_all)


def _begin(
    settings: Settings, period: Period, municipality: str | None, out: Path | None, kind: str
) -> tuple[ReportDesk, str, Path]:
    desk = build_report_desk(settings, range(period.first.year, period.last.year + 1), municipality or "")
    path = out or Path(f"{kind}-{period.first}-{period.last}.xlsx")
    path.parent.mkdir(parents=True, exist_ok=True)
    return desk, municipality or settings.municipality.key, path


def _origin(desk: ReportDesk, period: Period) -> Origin:
    title = words("report.title", first=f"{period.first:%d.%m.%Y}", last=f"{period.last:%d.%m.%Y}")
    return Origin(desk.settings.municipality.title, title, datetime.now(UTC), desk.words.footer)


def _shown(rows: Iterable[T], total: int) -> Iterator[T]:
    """The rows as they pass, with a bar on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield from progress.track(rows, total=total, description=words("report.writing"))


def _done(path: Path, rows: int) -> None:
    typer.echo(words("report.written", path=path, rows=rows))
