"""`ivr report import`: what would be taken in, line by line, then the taking in, and the way back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from ivr.adapters.files.ui import words
from ivr.bootstrap.office import ReportDesk
from ivr.domain.older_journal import ReadRow, Verdict
from ivr.domain.report import MESSAGE_COLUMNS
from ivr.domain.report_words import ReportWords
from ivr.services.intake import IntakeReport, Shown

_SHOWN_AT_MOST = 40
_LONGEST_SHOWN = 60


def take_in_file(desk: ReportDesk, municipality: str, file: Path, *, keep: bool, show_all: bool) -> None:
    """Judge every row of the file, tell what is doubtful, and keep the new ones when asked."""
    said = desk.words
    intake = desk.intake()
    act = intake.take_in if keep else intake.preview
    columns = (SpinnerColumn(), TextColumn("{task.description}: {task.completed}"))
    with file.open("rb") as opened, Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words("report.reading"), total=None)
        shown = Shown(
            everything=show_all, at_most=None if show_all else _SHOWN_AT_MOST, told=lambda row: _tell(row, said),
            progress=lambda more: bar.advance(task, more),
        )  # fmt: skip
        report = act(municipality, opened, file.name, datetime.now(UTC), shown)
    _close(report, said)
    typer.echo(words("report.preview") if report.done is None else words("report.taken", count=report.done))


def take_back_file(desk: ReportDesk, municipality: str, file: Path) -> None:
    """What the file brought leaves the journal, where nobody has changed it since."""
    with file.open("rb") as opened:
        report = desk.intake().take_back(municipality, opened, file.name, datetime.now(UTC))
    typer.echo(words("report.taken_back", count=report.done))


def _tell(row: ReadRow, said: ReportWords) -> None:
    older = said.older
    typer.echo(words("report.line", sheet=_short(row.sheet), line=row.line, verdict=older.verdicts[row.verdict]))
    for remark in row.remarks:
        column = said.messages.columns[MESSAGE_COLUMNS.index(remark.column)]
        given = words("report.given", given=_short(remark.given)) if remark.given.strip() else ""
        given += words("report.read_as", read=_short(remark.read)) if remark.read else ""
        typer.echo(words("report.remark", column=column, doubt=older.remarks[remark.doubt], given=given))


def _close(report: IntakeReport, said: ReportWords) -> None:
    """The sums."""
    if report.left_out:
        typer.echo(words("report.more_lines", count=report.left_out))
    for head in report.heads:
        if head.unread:
            unread = "; ".join(_short(title) for title in head.unread)
            typer.echo(words("report.unread", sheet=_short(head.sheet), columns=unread))
    for verdict in Verdict:
        if report.counts[verdict]:
            title = said.older.verdicts[verdict]
            typer.echo(words("report.total_line", verdict=title, count=report.counts[verdict]))


def _short(text: str) -> str:
    """Enough of what was typed to find it; nothing that a terminal would act upon."""
    line = "".join(c if c.isprintable() else " " for c in text)
    return line if len(line) <= _LONGEST_SHOWN else line[: _LONGEST_SHOWN - 1] + "\u2026"
