"""`ivr report`: the appendices, the month for the head, an older journal taken in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ivr.adapters.files.ui import words
from ivr.bootstrap.office import build_report_desk
from ivr.cli.filing import filing_app
from ivr.domain.report import Form, Period
from ivr.errors import SettingsError

_FIRST_YEAR = 2015  # of the public holidays that older rows may need

report_app = typer.Typer(no_args_is_help=True, help=words("report.help"))
report_app.add_typer(filing_app)


def _period(text: str) -> Period:
    try:
        return Period.parse(text)
    except ValueError as fault:
        raise typer.BadParameter(words("report.wrong_period", period=text, why=fault)) from fault


Within = Annotated[Period, typer.Option("--period", parser=_period, help=words("report.period"), metavar="PERIOD")]
Target = Annotated[Path | None, typer.Option(help=words("report.out"))]
Whose = Annotated[str | None, typer.Option(help=words("report.municipality"))]


@report_app.command(help=words("report.load"))
def load(context: typer.Context, period: Within, out: Target = None, municipality: Whose = None) -> None:
    """Appendix 1."""
    _write(context, Form.LOAD, period, out, municipality)


@report_app.command(help=words("report.messages"))
def messages(context: typer.Context, period: Within, out: Target = None, municipality: Whose = None) -> None:
    """Appendix 2."""
    _write(context, Form.MESSAGES, period, out, municipality)


@report_app.command(help=words("report.week"))
def week(context: typer.Context, period: Within, out: Target = None, municipality: Whose = None) -> None:
    """Appendix 3."""
    _write(context, Form.WEEK, period, out, municipality)


@report_app.command(help=words("report.month"))
def month(context: typer.Context, period: Within, out: Target = None, municipality: Whose = None) -> None:
    """The month for the head."""
    _write(context, Form.MONTH, period, out, municipality)


@report_app.command("import", help=words("report.import"))
def take_older_journal(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=words("report.import_file"), exists=True, dir_okay=False)],
    yes: Annotated[bool, typer.Option("--yes", help=words("report.import_yes"))] = False,
    undo: Annotated[bool, typer.Option("--undo", help=words("report.import_undo"))] = False,
    show_all: Annotated[bool, typer.Option("--all", help=words("report.import_all"))] = False,
    municipality: Whose = None,
) -> None:
    """An older journal: a preview line by line, with --yes its new rows taken in, with --undo taken back."""
    from ivr.cli.older_journal import take_back_file, take_in_file

    desk = build_report_desk(context.obj, range(_FIRST_YEAR, datetime.now(UTC).year + 1))
    whose = desk.papers().whose(municipality)
    if undo:
        take_back_file(desk, whose, file)
    else:
        take_in_file(desk, whose, file, keep=yes, show_all=show_all)


def _write(context: typer.Context, form: Form, period: Period, out: Path | None, municipality: str | None) -> None:
    papers = build_report_desk(context.obj, range(period.first.year, period.last.year + 1), municipality or "").papers()
    path = out or Path(papers.file_name(form, period))
    total = papers.size(form, period, municipality)
    with _replacing(path) as target, _bar(total or None) as bar:
        task = bar.add_task(words("report.writing"), total=total or None)
        rows = papers.write(
            form, period, target, municipality=municipality, progress=lambda more: bar.advance(task, more)
        )  # fmt: skip
    typer.echo(words("report.written", path=path, rows=rows))


def _bar(total: int | None) -> Progress:
    """A bar on standard error."""
    counted = (MofNCompleteColumn(), TimeRemainingColumn()) if total else ()
    return Progress(
        TextColumn("{task.description}"), BarColumn(), *counted, console=Console(stderr=True), transient=True
    )


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes its name when it is whole; what stood there stays until then."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as target:
            try:
                yield target
                target.flush()
                written = Path(target.name)
                written.chmod(0o640)
                written.replace(path)
            except BaseException:
                Path(target.name).unlink(missing_ok=True)
                raise
    except OSError as fault:
        raise SettingsError(f"{path}: {fault.strerror}") from fault
