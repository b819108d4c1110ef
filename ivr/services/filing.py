"""Reports made, let go and delivered in time: by the clock, or by the curator (clauses 17-19)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from ivr.domain.letter import FiledReport, Letter, LetterState, ReportKind
from ivr.domain.notices import Notice, NoticeKind
from ivr.domain.regulation import Regulation
from ivr.domain.report import Period, month_report_due
from ivr.errors import PostError, PostUncertain, RuleBroken
from ivr.ports import Addressees, Announce, Clock, NoticeBook
from ivr.ports.reports import Archive, Post, Workbooks
from ivr.ports.storage import nobody
from ivr.services.deadlines import tell
from ivr.services.reports import Reports

_AFTER_MIDNIGHT = time(0, 5)
_EARLY = time(12)
_DAY_ENDS = time(23, 59)
_DAY = timedelta(days=1)
_WEEKS_AT_ONCE = 8
_STILL_NEWS = timedelta(days=15)  # an older report is sent by a person's word only
_CLAIM = timedelta(minutes=15)
_ALARM_BEFORE = timedelta(hours=1)


@dataclass(slots=True)
class Filing:
    """Makes the reports when their time has come and sees their letters off. `sweep` may be called at any moment,

    by any number of processes: what it does is kept in the archive, and done once.

    Attributes:
        recipients: whom the weekly report goes to; none: it is made, and a person takes it from the archive.
        by_itself: the letter leaves at `by_itself_at` on Monday unless the curator let it go before.
    """

    municipality: str
    reports: Reports
    workbooks: Workbooks
    archive: Archive
    rules: Regulation
    post: Post | None = None
    recipients: tuple[str, ...] = ()
    by_itself: bool = True
    by_itself_at: time = time(9, 30)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def sweep(self, now: datetime) -> tuple[Notice, ...]:
        """File what is due, let go what may go, deliver what waits; all that people should know by now."""
        steps = (self._file_weeks, self._file_month, self._let_go, self._deliver, self._remind)
        return tuple(notice for step in steps for notice in step(now))

    def approve(self, report: FiledReport, by: str, now: datetime) -> bool:
        """The curator lets a report go; False when it went before.

        Raises:
            RuleBroken: nobody is named to send it to.
        """
        if not self.recipients:
            raise RuleBroken("19", "name the addressees of the weekly report in the settings (mail.weekly_to)")
        return self.archive.approve(report.id, by, now, self.recipients)

    def correct(self, week: Period, by: str, now: datetime) -> FiledReport:
        """The next edition of a week that was reported otherwise, let go at once (interpretation 14).

        Raises:
            RuleBroken: the week was never reported, or the journal tells the same as before.
        """
        known = self.known(ReportKind.WEEK, week)
        if known is None:
            raise RuleBroken("19", f"the week {week.first} - {week.last} was not reported yet")
        report, content = self._make_week(week, known.edition + 1, now)
        if report.rows_sha256 == known.rows_sha256:
            raise RuleBroken("19", "the journal tells the same as the report that went; nothing to correct")
        self.archive.file(report, content)
        self.approve(report, by, now)
        return report

    def changed(self, report: FiledReport) -> bool:
        """The journal now tells something else than the weekly report that was filed."""
        return _digest(self.reports.week(self.municipality, report.period)) != report.rows_sha256

    def known(self, kind: ReportKind, period: Period) -> FiledReport | None:
        """The newest edition for a period."""
        filed = self.archive.filed(self.municipality, kind, at_most=200)
        return next((report for report in filed if report.period == period), None)

    # ------------------------------------------------------------ making

    def _file_weeks(self, now: datetime) -> Iterator[Notice]:
        """The weeks that have ended since the last report; after a long stop each of them.

        Before the first report an empty week means that the product was not there yet.
        """
        current = Period.week_of(self._local(now).date())
        latest = self.archive.filed(self.municipality, ReportKind.WEEK, at_most=1)
        first = latest[0].period.first + 7 * _DAY if latest else current.first - 7 * _DAY
        first = max(first, current.first - _WEEKS_AT_ONCE * 7 * _DAY)
        while first <= current.first:
            week = Period.week_of(first)
            if self._week_filed_at(week) <= now and (latest or self._has_messages(week)):
                report, content = self._make_week(week, 1, now)
                if self.archive.file(report, content):
                    yield _notice(NoticeKind.REPORT_READY, report, now)
            first += 7 * _DAY

    def _week_filed_at(self, week: Period) -> datetime:
        """Monday 00:05; when a person must let it go and Monday is no working day, the last working day before

        (interpretation 13).
        """
        monday = week.last + _DAY
        calendar = self.reports.calendar
        if self.by_itself or calendar.hours(monday):
            return self._moment(monday, _AFTER_MIDNIGHT)
        day = next(monday - back * _DAY for back in range(1, 15) if calendar.hours(monday - back * _DAY) or back == 14)
        return self._moment(day, _EARLY)

    def _make_week(self, week: Period, edition: int, now: datetime) -> tuple[FiledReport, bytes]:
        rows = self.reports.week(self.municipality, week)
        due = self._moment(week.last + _DAY, self.rules.weekly_report_by)
        report = self._report(ReportKind.WEEK, week, edition, now, due)
        content = self.workbooks.week(rows, report.title, now)
        return replace(report, rows=len(rows), sha256=_sha256(content), rows_sha256=_digest(rows)), content

    def _file_month(self, now: datetime) -> Iterator[Notice]:
        """On the 1st the month before (clause 18, interpretation 12)."""
        month = Period.month_of(self._local(now).date()).before
        ready_at = self._moment(month.last + _DAY, _AFTER_MIDNIGHT)
        latest = self.archive.filed(self.municipality, ReportKind.MONTH, at_most=1)
        if now < ready_at or (latest and latest[0].period == month) or not (latest or self._has_messages(month)):
            return
        figures = self.reports.month(self.municipality, month, now)
        report = self._report(ReportKind.MONTH, month, 1, now, self._month_due(month))
        content = self.workbooks.month(figures, report.title, now)
        digest = hashlib.sha256(repr(figures).encode("utf-8", "replace")).hexdigest()
        report = replace(report, rows=figures.messages.now, sha256=_sha256(content), rows_sha256=digest)
        if self.archive.file(report, content):
            yield _notice(NoticeKind.REPORT_READY, report, now)

    def _has_messages(self, period: Period) -> bool:
        return self.reports.source.count(self.municipality, period) > 0

    def _month_due(self, month: Period) -> datetime:
        nearby = (month.last + ahead * _DAY for ahead in range(-15, 15))
        working = frozenset(day for day in nearby if self.reports.calendar.hours(day))
        return self._moment(month_report_due(month, working), _DAY_ENDS)

    def _report(self, kind: ReportKind, period: Period, edition: int, now: datetime, due: datetime) -> FiledReport:
        words = self.reports.words
        title = words.dates.format(first=f"{period.first:%d.%m.%Y}", last=f"{period.last:%d.%m.%Y}")
        if edition > 1:
            title = f"{title}, {words.week.edition.format(edition=edition)}"
        identity = _sha256(f"{self.municipality} {kind} {period.first} {period.last} {edition}".encode())[:32]
        return FiledReport(identity, self.municipality, kind, period, edition, now, due, title, 0, "", "")

    # ------------------------------------------------------------ sending

    def _let_go(self, now: datetime) -> Iterator[Notice]:
        """Without the curator's word the letter leaves by itself on Monday (clause 19)."""
        if not (self.by_itself and self.recipients):
            return
        for report in self.archive.filed(self.municipality, ReportKind.WEEK):
            at = self._moment(report.period.last + _DAY, self.by_itself_at)
            waiting = report.approved_at is None and report.edition == 1 and now < report.due_at + _STILL_NEWS
            if waiting and at <= now and self.archive.approve(report.id, "", now, self.recipients):
                yield _notice(NoticeKind.REPORT_LEFT, report, now)

    def _deliver(self, now: datetime) -> Iterator[Notice]:
        """Every letter whose time has come, each once."""
        while self.post and (letter := self.archive.claim(now, now + _CLAIM)):
            report = self.archive.report_of(letter)
            yield self._send(self.post, letter, report)

    def _send(self, post: Post, letter: Letter, report: FiledReport) -> Notice:
        def last_word() -> None:
            if not self.archive.hand_over(letter):
                raise PostError("another process has this letter")

        try:
            reply = post.send(letter, report, self.archive.content(report.id), last_word)
        except PostUncertain as fault:
            self.archive.in_doubt(letter, str(fault))
            return _notice(NoticeKind.LETTER_IN_DOUBT, report, report.due_at)
        except PostError as fault:
            self.archive.put_off(letter, str(fault), self.clock() + letter.next_wait)
            return _notice(NoticeKind.LETTER_REFUSED, report, report.due_at)
        at = self.clock()
        self.archive.delivered(letter, reply, at)
        return _notice(NoticeKind.LETTER_LATE if at > report.due_at else NoticeKind.LETTER_DELIVERED, report, at)

    # ------------------------------------------------------------ telling

    def _remind(self, now: datetime) -> Iterator[Notice]:
        doubtful = {letter.report for letter in self.archive.find_doubtful(now)}
        for report in self.archive.filed(self.municipality, ReportKind.WEEK):
            if report.id in doubtful:
                yield _notice(NoticeKind.LETTER_IN_DOUBT, report, report.due_at)
            elif self._is_pressing(report, now) and not self._is_delivered(report):
                yield _notice(NoticeKind.LETTER_NOT_SENT, report, report.due_at)
        for report in self.archive.filed(self.municipality, ReportKind.MONTH, at_most=2):
            if report.reported_at is None and self._local(now).date() >= self._local(report.due_at).date():
                yield _notice(NoticeKind.MONTH_NOT_TOLD, report, report.due_at)

    def _is_pressing(self, report: FiledReport, now: datetime) -> bool:
        wanted = report.approved_at is not None or now < report.due_at + _STILL_NEWS
        return bool(self.recipients) and wanted and now >= report.due_at - _ALARM_BEFORE

    def _is_delivered(self, report: FiledReport) -> bool:
        letters = self.archive.letters(report.id)
        return bool(letters) and all(letter.state is LetterState.DELIVERED for letter in letters)

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.reports.calendar.zone)

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.reports.calendar.zone).astimezone(UTC)


@dataclass(slots=True)
class ReportClerk:
    """Sweeps the filing off the loop's thread, and tells each thing once.

    Attributes:
        filing_of: the filing with the calendar of a day.
        letters: who is written to of each notice.
    """

    filing_of: Callable[[date], Filing]
    notices: NoticeBook
    clock: Clock
    announce: Announce
    letters: Addressees = nobody
    _today: date | None = None
    _filing: Filing | None = None

    async def sweep(self) -> int:
        """One turn; how much is news."""
        now = self.clock.now()
        found = await asyncio.to_thread(self._sweep, now)
        return await tell(found, self.notices, self.announce, now, self.letters)

    def _sweep(self, now: datetime) -> tuple[Notice, ...]:
        if self._filing is None or self._today != now.date():
            self._filing, self._today = self.filing_of(now.date()), now.date()
        return self._filing.sweep(now)


def _notice(kind: NoticeKind, report: FiledReport, at: datetime) -> Notice:
    return Notice(kind, report.municipality, f"{report.kind} {report.period.first} {report.edition}", at)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest(rows: object) -> str:
    return _sha256(repr(rows).encode("utf-8", "replace"))
