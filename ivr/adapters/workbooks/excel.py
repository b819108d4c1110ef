"""Reports as .xlsx files in memory (fulfils `ports.reports.Workbooks`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

from ivr.adapters.workbooks.appendix3 import write_week
from ivr.adapters.workbooks.month import write_month
from ivr.adapters.workbooks.style import Origin
from ivr.domain.regulation import Regulation
from ivr.domain.report import MonthReport, WeekRow
from ivr.domain.report_words import ReportWords


class ExcelWorkbooks:
    """The workbooks of one municipality."""

    def __init__(self, words: ReportWords, rules: Regulation, municipality: str) -> None:
        self._words = words
        self._rules = rules
        self._municipality = municipality

    def week(self, rows: Sequence[WeekRow], title: str, made_at: datetime) -> bytes:
        """Appendix 3."""
        target = BytesIO()
        write_week(target, rows, self._words, self._origin(title, made_at))
        return target.getvalue()

    def month(self, report: MonthReport, title: str, made_at: datetime) -> bytes:
        """The month for the head."""
        target = BytesIO()
        write_month(target, report, self._words, self._rules, self._origin(title, made_at))
        return target.getvalue()

    def _origin(self, title: str, made_at: datetime) -> Origin:
        return Origin(self._municipality, title, made_at, self._words.footer)
