"""`ivr report import`: what would be taken in, line by line, and then the taking in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import typer

from ivr.adapters.files.ui import words
from ivr.adapters.storage.intake import take_in
from ivr.adapters.workbooks.read_appendix2 import read_rows
from ivr.bootstrap import ReportDesk
from ivr.domain.message import Message
from ivr.domain.older_journal import ReadRow, Verdict
from ivr.domain.report import MESSAGE_COLUMNS
from ivr.domain.report_words import ReportWords
from ivr.services.older_journal import OlderJournal

_SHOWN_AT_MOST = 40
_LONGEST_SHOWN = 60
_QUIET = (Verdict.NEW, Verdict.KNOWN)


def take_in_file(desk: ReportDesk, municipality: str, file: Path, *, keep: bool, show_all: bool) -> None:
    """Judge every row of the file, tell what is doubtful, and keep the new ones when asked."""
    journal = OlderJournal(
        municipality, desk.words, desk.calendar, desk.settings.number_plan, now=datetime.now(UTC)
    )  # fmt: skip
    rows = journal.judge(read_rows(file, desk.words), desk.source())
    report = _Report(desk.words, _SHOWN_AT_MOST if not show_all else None)
    fresh = report.new_messages(rows)
    taken = take_in(desk.engine, fresh) if keep else sum(1 for _ in fresh)
    report.close()
    typer.echo(words("report.taken", count=taken) if keep else words("report.preview"))


class _Report:
    """The report line by line."""

    def __init__(self, said: ReportWords, at_most: int | None) -> None:
        self._said = said
        self._at_most = at_most
        self._counts: Counter[Verdict] = Counter()
        self._doubtful = 0

    def new_messages(self, rows: Iterator[ReadRow]) -> Iterator[Message]:
        """The messages to be kept, while everything doubtful is told."""
        for row in rows:
            self._counts[row.verdict] += 1
            if row.remarks or row.verdict not in _QUIET or self._at_most is None:
                self._tell(row)
            if row.verdict is Verdict.NEW and row.message:
                yield row.message

    def _tell(self, row: ReadRow) -> None:
        self._doubtful += 1
        if self._at_most is not None and self._doubtful > self._at_most:
            return
        older = self._said.older
        typer.echo(words("report.line", sheet=row.sheet, line=row.line, verdict=older.verdicts[row.verdict]))
        for remark in row.remarks:
            column = self._said.messages.columns[MESSAGE_COLUMNS.index(remark.column)]
            given = words("report.given", given=_short(remark.given)) if remark.given.strip() else ""
            given += words("report.read_as", read=_short(remark.read)) if remark.read else ""
            typer.echo(words("report.remark", column=column, doubt=older.remarks[remark.doubt], given=given))

    def close(self) -> None:
        """The sums."""
        if self._at_most is not None and self._doubtful > self._at_most:
            typer.echo(words("report.more_lines", count=self._doubtful - self._at_most))
        for verdict in Verdict:
            if self._counts[verdict]:
                title = self._said.older.verdicts[verdict]
                typer.echo(words("report.total_line", verdict=title, count=self._counts[verdict]))


def _short(text: str) -> str:
    """Enough of what was typed to find it; nothing that a terminal would act upon."""
    line = "".join(c if c.isprintable() else " " for c in text)
    return line if len(line) <= _LONGEST_SHOWN else line[: _LONGEST_SHOWN - 1] + "\u2026"
