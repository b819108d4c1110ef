"""An older journal looked at, taken in, and taken back (clause 16): a preview first, a line for every row, undo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

from ivr.domain.message import Message
from ivr.domain.older_journal import ReadRow, SheetHead, SheetRow, Verdict
from ivr.ports.reports import MessageIntake, OlderFiles, ReportSource
from ivr.services.older_journal import OlderJournal

_QUIET = (Verdict.NEW, Verdict.KNOWN)


@dataclass(slots=True)
class IntakeReport:
    """What became of the rows of a file.

    Attributes:
        heads: the sheets that were read, with the columns that nothing is made of.
        counts: rows by verdict.
        rows: the rows to be shown, in the file's order; `left_out` more were not kept.
        done: how many messages were put into the journal, or taken back; None: it was a preview.
    """

    heads: list[SheetHead] = field(default_factory=list)
    counts: Counter[Verdict] = field(default_factory=Counter)
    rows: list[ReadRow] = field(default_factory=list)
    left_out: int = 0
    done: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """Which rows a report holds.

    Attributes:
        everything: also those without a remark. at_most: None: no limit.
        told: called with each row that is shown, as it comes. progress: with how many more rows were read.
    """

    everything: bool = False
    at_most: int | None = 200
    told: Callable[[ReadRow], object] = lambda _row: None
    progress: Callable[[int], object] = lambda _more: None


@dataclass(slots=True)
class Intake:
    """Takes older journals in.

    Attributes:
        journal_of: the reader of a municipality's rows at a moment.
    """

    files: OlderFiles
    store: MessageIntake
    source: ReportSource
    journal_of: Callable[[str, datetime], OlderJournal]

    def preview(
        self, municipality: str, file: IO[bytes], name: str, now: datetime, shown: Shown | None = None
    ) -> IntakeReport:
        """What would happen; nothing is written.

        Raises:
            RuleBroken: the file is no journal of messages.
        """
        report = IntakeReport()
        for _row in self._judged(municipality, file, name, now, report, shown or Shown()):
            pass
        return report

    def take_in(
        self, municipality: str, file: IO[bytes], name: str, now: datetime, shown: Shown | None = None
    ) -> IntakeReport:
        """Put the new rows into the journal; broken off, it is simply done again: nothing comes twice.

        Raises:
            RuleBroken: the file is no journal of messages. JournalError: the database is away.
        """
        report = IntakeReport()
        report.done = self.store.take_in(
            _messages(self._judged(municipality, file, name, now, report, shown or Shown()), Verdict.NEW)
        )
        return report

    def take_back(self, municipality: str, file: IO[bytes], name: str, now: datetime) -> IntakeReport:
        """Undo `take_in` of the same file: rows that nobody has changed since then leave the journal.

        Raises:
            RuleBroken: the file is no journal of messages. JournalError: the database is away.
        """
        report = IntakeReport()
        known = _messages(self._judged(municipality, file, name, now, report, Shown(at_most=0)), Verdict.KNOWN)
        report.done = self.store.take_back([message.id for message in known])
        return report

    def _judged(
        self, municipality: str, file: IO[bytes], name: str, now: datetime, report: IntakeReport, shown: Shown
    ) -> Iterator[ReadRow]:
        def rows() -> Iterator[SheetRow]:
            for item in self.files.rows(file, name):
                if isinstance(item, SheetHead):
                    report.heads.append(item)
                else:
                    shown.progress(1)
                    yield item

        for row in self.journal_of(municipality, now).judge(rows(), self.source):
            report.counts[row.verdict] += 1
            if shown.everything or row.remarks or row.verdict not in _QUIET:
                self._show(row, report, shown)
            yield row

    @staticmethod
    def _show(row: ReadRow, report: IntakeReport, shown: Shown) -> None:
        if shown.at_most is not None and len(report.rows) >= shown.at_most:
            report.left_out += 1
            return
        report.rows.append(row)
        shown.told(row)


def _messages(rows: Iterable[ReadRow], verdict: Verdict) -> Iterator[Message]:
    return (row.message for row in rows if row.verdict is verdict and row.message)
