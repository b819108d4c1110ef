"""Reports as .xlsx files (fulfils `ports.reports.Workbooks`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO

from ivr.adapters.workbooks.appendix1 import write_load
from ivr.adapters.workbooks.appendix2 import write_messages
from ivr.adapters.workbooks.appendix3 import write_week
from ivr.adapters.workbooks.month import write_month
from ivr.domain.month import MonthReport
from ivr.domain.regulation import Regulation
from ivr.domain.report import Heading, LoadWeek, MessageRow, WeekRow
from ivr.domain.report_words import ReportWords


class ExcelWorkbooks:
    """Every paper in the words and with the norms of the house."""

    def __init__(self, words: ReportWords, rules: Regulation) -> None:
        self._words = words
        self._rules = rules

    def load(self, target: IO[bytes], weeks: Sequence[LoadWeek], heading: Heading) -> int:
        """Appendix 1."""
        return write_load(target, weeks, self._words, self._rules, heading)

    def messages(self, target: IO[bytes], rows: Iterable[MessageRow], heading: Heading) -> int:
        """Appendix 2."""
        return write_messages(target, rows, self._words, heading)

    def week(self, target: IO[bytes], rows: Iterable[WeekRow], heading: Heading) -> int:
        """Appendix 3."""
        return write_week(target, rows, self._words, heading)

    def month(self, target: IO[bytes], report: MonthReport, heading: Heading) -> int:
        """The month for the head."""
        return write_month(target, report, self._words, self._rules, heading)
