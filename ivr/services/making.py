"""The papers that are filed: what week or month, by when, with which edition, and the file itself (clauses 18, 19)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO

from ivr.domain.letter import FiledReport, ReportKind
from ivr.domain.month import month_report_due
from ivr.domain.regulation import Regulation
from ivr.domain.report import Heading, Period
from ivr.ports.reports import Workbooks
from ivr.services.reports import Reports

_AFTER_MIDNIGHT = time(0, 5)
_EARLY = time(12)
_DAY_ENDS = time(23, 59)
_DAY = timedelta(days=1)
_CORRECTED_WITHIN = timedelta(hours=1)
_DAYS_TO_LOOK_BACK = 14


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes reports of one municipality.

    Attributes:
        title: the municipality's full name.
    """

    municipality: str
    title: str
    reports: Reports
    workbooks: Workbooks
    rules: Regulation

    def week(self, week: Period, edition: int, now: datetime) -> tuple[FiledReport, bytes]:
        """The weekly report. A correction is due within the hour."""
        rows = tuple(self.reports.week(self.municipality, week))
        due = self.moment(week.last + _DAY, self.rules.weekly_report_by)
        if edition > 1:
            due = max(due, now + _CORRECTED_WITHIN)
        report = self._report(ReportKind.WEEK, week, edition, now, due)
        file = BytesIO()
        self.workbooks.week(file, rows, self._heading(report))
        return self._with_file(report, file, len(rows), _digest(rows)), file.getvalue()

    def week_digest(self, week: Period) -> str:
        """What the journal tells of a week now."""
        return _digest(tuple(self.reports.week(self.municipality, week)))

    def month(self, month: Period, edition: int, remarks: str, now: datetime) -> tuple[FiledReport, bytes]:
        """The month for the head, with the curator's words."""
        figures = self.reports.month(self.municipality, month, now, remarks)
        report = replace(self._report(ReportKind.MONTH, month, edition, now, self._month_due(month)), remarks=remarks)
        file = BytesIO()
        rows = self.workbooks.month(file, figures, self._heading(report))
        return self._with_file(report, file, rows, _digest(figures)), file.getvalue()

    def week_ready_at(self, week: Period, *, by_itself: bool) -> datetime:
        """Monday 00:05; when a person must let it go and Monday is no working day, the last working day before

        (interpretation 13).
        """
        monday = week.last + _DAY
        calendar = self.reports.calendar
        if by_itself or calendar.hours(monday):
            return self.moment(monday, _AFTER_MIDNIGHT)
        days = (monday - back * _DAY for back in range(1, _DAYS_TO_LOOK_BACK))
        day = next((day for day in days if calendar.hours(day)), None)
        return self.moment(day, _EARLY) if day else self.moment(monday, _AFTER_MIDNIGHT)

    def month_ready_at(self, month: Period) -> datetime:
        """The 1st, after midnight (interpretation 12)."""
        return self.moment(month.last + _DAY, _AFTER_MIDNIGHT)

    def has_messages(self, period: Period) -> bool:
        """The product was there and took some."""
        return self.reports.source.count(self.municipality, period) > 0

    def local(self, moment: datetime) -> datetime:
        """A moment on the town's clock."""
        return moment.astimezone(self.reports.calendar.zone)

    def moment(self, day: date, at: time) -> datetime:
        """A time of a day on the town's clock, UTC."""
        return datetime.combine(day, at, self.reports.calendar.zone).astimezone(UTC)

    def _month_due(self, month: Period) -> datetime:
        nearby = (month.last + ahead * _DAY for ahead in range(-_DAYS_TO_LOOK_BACK, _DAYS_TO_LOOK_BACK))
        working = frozenset(day for day in nearby if self.reports.calendar.hours(day))
        return self.moment(month_report_due(month, working), _DAY_ENDS)

    def _report(self, kind: ReportKind, period: Period, edition: int, now: datetime, due: datetime) -> FiledReport:
        words = self.reports.words
        title = words.dated(period)
        if edition > 1:
            title = f"{title}, {words.week.edition.format(edition=edition)}"
        identity = _sha256(f"{self.municipality} {kind} {period.first} {period.last} {edition}".encode())[:32]
        return FiledReport(identity, self.municipality, kind, period, edition, now, due, title, 0, "", "")

    def _heading(self, report: FiledReport) -> Heading:
        return Heading(self.title, report.title, report.made_at)

    @staticmethod
    def _with_file(report: FiledReport, file: BytesIO, rows: int, digest: str) -> FiledReport:
        return replace(report, rows=rows, sha256=_sha256(file.getvalue()), rows_sha256=digest)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest(figures: object) -> str:
    return _sha256(repr(figures).encode("utf-8", "replace"))
