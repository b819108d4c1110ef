"""Reports made, let go and delivered in time: by the clock, or by the curator (clauses 17-19)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from ivr.domain.letter import FiledReport, LetterState, ReportKind
from ivr.domain.notices import Notice, NoticeKind
from ivr.domain.report import Period
from ivr.errors import JournalError, PostError, RuleBroken
from ivr.ports.reports import Archive, Post
from ivr.services.delivery import Delivery, report_notice
from ivr.services.making import Maker

log = logging.getLogger(__name__)

_DAY = timedelta(days=1)
_WEEKS_AT_ONCE = 8
_MONTHS_ASKED_FOR = 3
_STILL_NEWS = timedelta(days=15)  # an older report is sent by a person's word only
_ALARM_BEFORE = timedelta(hours=1)
_TRY_MAIL_BEFORE = timedelta(hours=2)
_TRY_MAIL_FOR = timedelta(minutes=10)
_LEFT_IN_VAIN = timedelta(minutes=5)
_LATEST = 30
_EVERY_EDITION = 200


@dataclass(slots=True)
class Filing:
    """Makes the reports when their time has come and sees their letters off. `sweep` may be called at any moment,

    by any number of processes: what it does is kept in the archive, and done once.

    Attributes:
        recipients: whom the weekly report goes to; none: it is made, and a person takes it from the archive.
        by_itself: the letter leaves at `by_itself_at` on Monday unless the curator let it go before.
    """

    maker: Maker
    archive: Archive
    post: Post | None = None
    recipients: tuple[str, ...] = ()
    by_itself: bool = True
    by_itself_at: time = time(9, 30)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def municipality(self) -> str:
        """Whose reports these are."""
        return self.maker.municipality

    def sweep(self, now: datetime) -> tuple[Notice, ...]:
        """File what is due, let go what may go, deliver what waits; all that people should know by now.

        A step that fails is told of and leaves the others to be made: a faulty month never holds a letter back.

        Raises:
            JournalError: the database is away.
        """
        weekly = (
            self._file_weeks, self._complete_early, self._try_mail, self._let_go, self._deliver, self._remind_of_weeks,
        )  # fmt: skip
        monthly = (self._file_months, self._remind_of_months)
        found: list[Notice] = []
        for step in (*weekly, *monthly):
            try:
                found.extend(step(now))
            except JournalError:
                raise
            except Exception as fault:
                log.error("a step failed", extra={"action": "report_step_failed", "why": type(fault).__name__})
                today = self.maker.moment(self.maker.local(now).date(), time())
                kind = ReportKind.WEEK if step in weekly else ReportKind.MONTH
                found.append(Notice(NoticeKind.REPORT_NOT_MADE, self.municipality, str(kind), today))
        return tuple(found)

    # ------------------------------------------------------------ the curator's verbs

    def approve(self, report: FiledReport, by: str, now: datetime) -> bool:
        """The curator lets a report go; False when it went before.

        Raises:
            RuleBroken: nobody is named to send it to, or there is a newer edition of it.
        """
        if not self.recipients:
            reason = "name the addressees of the weekly report in the settings (mail.weekly_to)"
            raise RuleBroken("19", reason, "no_addressees")
        newest = self.known(report.kind, report.period)
        if newest and newest.edition > report.edition and report.approved_at is None:
            raise RuleBroken("19", f"edition {newest.edition} is newer; let that one go", "newer_edition",
                             edition=newest.edition)  # fmt: skip
        return self.archive.approve(report.id, by, now, self.recipients)

    def correct(self, week: Period, by: str, now: datetime) -> FiledReport:
        """The next edition of a week that was reported otherwise, let go at once (interpretation 14).

        Raises:
            RuleBroken: the week was never reported, or the journal tells the same as before.
        """
        known = self._must_know(ReportKind.WEEK, week)
        report, content = self.maker.week(week, known.edition + 1, now)
        if report.rows_sha256 == known.rows_sha256:
            reason = "the journal tells the same as the report that went; nothing to correct"
            raise RuleBroken("19", reason, "nothing_to_correct")
        self.archive.file(report, content)
        self.approve(report, by, now)
        return report

    def retell(self, month: Period, now: datetime, remarks: str | None = None) -> FiledReport:
        """The next edition of a month, as the journal tells it now.

        Args:
            remarks: the curator's words to the head; None: those of the edition before.

        Raises:
            RuleBroken: the month was not made yet.
        """
        known = self._must_know(ReportKind.MONTH, month)
        said = known.remarks if remarks is None else remarks.strip()
        report, content = self.maker.month(month, known.edition + 1, said, now)
        self.archive.file(report, content)
        return report

    def told(self, month: Period, by: str, now: datetime) -> bool:
        """The head has been told of a month (clause 18); False when that was marked before.

        Raises:
            RuleBroken: the month was not made yet.
        """
        known = self._must_know(ReportKind.MONTH, month)
        editions = self.archive.filed(self.municipality, ReportKind.MONTH, _EVERY_EDITION)
        if any(one.period == month and one.reported_at for one in editions):
            return False
        return self.archive.reported(known.id, by, now)

    def changed(self, report: FiledReport) -> bool:
        """The journal now tells something else than the weekly report that was filed."""
        return self.maker.week_digest(report.period) != report.rows_sha256

    def known(self, kind: ReportKind, period: Period) -> FiledReport | None:
        """The newest edition for a period."""
        filed = self.archive.filed(self.municipality, kind, _EVERY_EDITION)
        return next((report for report in filed if report.period == period), None)

    def _must_know(self, kind: ReportKind, period: Period) -> FiledReport:
        known = self.known(kind, period)
        if known is None:
            facts = {"first": f"{period.first:%d.%m.%Y}", "last": f"{period.last:%d.%m.%Y}"}
            clause = "19" if kind is ReportKind.WEEK else "18"
            raise RuleBroken(clause, f"{period.first} - {period.last} was not made yet", "not_reported", **facts)
        return known

    # ------------------------------------------------------------ making

    def _file_weeks(self, now: datetime) -> Iterator[Notice]:
        """The weeks that have ended since the last report; after a long stop each of them.

        Before the first report an empty week means that the product was not there yet.
        """
        current = Period.week_of(self.maker.local(now).date())
        latest = self.archive.filed(self.municipality, ReportKind.WEEK, at_most=1)
        first = latest[0].period.first + 7 * _DAY if latest else current.first - 7 * _DAY
        first = max(first, current.first - _WEEKS_AT_ONCE * 7 * _DAY)
        while first <= current.first:
            week = Period.week_of(first)
            ready_at = self.maker.week_ready_at(week, by_itself=self.by_itself)
            if ready_at <= now and (latest or self.maker.has_messages(week)):
                yield from self._file(*self.maker.week(week, 1, now), now)
            first += 7 * _DAY

    def _complete_early(self, now: datetime) -> Iterator[Notice]:
        """A week that was prepared before its end gets the messages that came after (interpretations 13, 14)."""
        for report in _newest(self._latest(ReportKind.WEEK))[:2]:
            whole_at = self.maker.week_ready_at(report.period, by_itself=True)
            if report.made_at < whole_at <= now < whole_at + _DAY and self.changed(report):
                yield from self._file(*self.maker.week(report.period, report.edition + 1, now), now)

    def _file_months(self, now: datetime) -> Iterator[Notice]:
        """On the 1st the month before (clause 18, interpretation 12); after a long stop each of the last three."""
        latest = self.archive.filed(self.municipality, ReportKind.MONTH, at_most=1)
        month = Period.month_of(self.maker.local(now).date()).before
        missing = [month]
        if latest:
            months = (month.before.before, month.before, month)
            missing = [one for one in months if one.first > latest[0].period.first]
        for one in missing:
            if self.maker.month_ready_at(one) <= now and (latest or self.maker.has_messages(one)):
                yield from self._file(*self.maker.month(one, 1, "", now), now)

    def _file(self, report: FiledReport, content: bytes, now: datetime) -> Iterator[Notice]:
        if self.archive.file(report, content):
            yield report_notice(NoticeKind.REPORT_READY, report, now)

    # ------------------------------------------------------------ sending

    def _let_go(self, now: datetime) -> Iterator[Notice]:
        """Without the curator's word the letter leaves by itself on Monday (clause 19)."""
        if not (self.by_itself and self.recipients):
            return
        filed = self._latest(ReportKind.WEEK)
        gone = {report.period for report in filed if report.approved_at}
        for report in _newest(filed):
            waiting = report.period not in gone and now < report.due_at + _STILL_NEWS
            if waiting and self.leaves_at(report) <= now and self.archive.approve(report.id, "", now, self.recipients):
                yield report_notice(NoticeKind.REPORT_LEFT, report, now)

    def _try_mail(self, now: datetime) -> Iterator[Notice]:
        """Two hours before the deadline somebody can still mend what keeps the letter from leaving."""
        for report in _newest(self._latest(ReportKind.WEEK))[:1]:
            at = report.due_at - _TRY_MAIL_BEFORE
            if self.post and report.approved_at is None and at <= now < at + _TRY_MAIL_FOR:
                try:
                    self.post.check()
                except PostError:
                    yield report_notice(NoticeKind.MAIL_AWAY, report, report.due_at)

    def leaves_at(self, report: FiledReport) -> datetime:
        """When the letter leaves by itself."""
        return self.maker.moment(report.period.last + _DAY, self.by_itself_at)

    def _deliver(self, now: datetime) -> Iterator[Notice]:
        if self.post:
            yield from Delivery(self.archive, self.post, self.clock).deliver(now)

    # ------------------------------------------------------------ telling

    def _remind_of_weeks(self, now: datetime) -> Iterator[Notice]:
        doubtful = {letter.report for letter in self.archive.find_doubtful(now)}
        filed = self._latest(ReportKind.WEEK)
        newest = _newest(filed)
        for report in filed:
            if report.id in doubtful:
                yield report_notice(NoticeKind.LETTER_IN_DOUBT, report, report.due_at)
            elif self._is_pressing(report, now, is_newest=report in newest) and not self._is_delivered(report):
                yield report_notice(NoticeKind.LETTER_NOT_SENT, report, report.due_at)

    def _is_pressing(self, report: FiledReport, now: datetime, *, is_newest: bool) -> bool:
        """An hour before the deadline; but what leaves by itself is given the time to leave."""
        if not self.recipients:
            return False
        if report.approved_at is None:
            alarm_at = report.due_at - _ALARM_BEFORE
            if self.by_itself:
                alarm_at = max(alarm_at, self.leaves_at(report) + _LEFT_IN_VAIN)
            return is_newest and alarm_at <= now < report.due_at + _STILL_NEWS
        return now >= max(report.due_at - _ALARM_BEFORE, report.approved_at + _LEFT_IN_VAIN)

    def _is_delivered(self, report: FiledReport) -> bool:
        letters = self.archive.letters(report.id)
        return bool(letters) and all(letter.state is LetterState.DELIVERED for letter in letters)

    def _remind_of_months(self, now: datetime) -> Iterator[Notice]:
        """From the morning of the last day until somebody marks that the head was told (interpretation 12)."""
        filed = self._latest(ReportKind.MONTH)
        told = {report.period for report in filed if report.reported_at}
        for report in _newest(filed)[:_MONTHS_ASKED_FOR]:
            due = self.maker.local(report.due_at).date()
            if report.period not in told and self.maker.local(now).date() >= due:
                yield report_notice(NoticeKind.MONTH_NOT_TOLD, report, report.due_at)

    def _latest(self, kind: ReportKind) -> Sequence[FiledReport]:
        return self.archive.filed(self.municipality, kind, _LATEST)


def _newest(filed: Sequence[FiledReport]) -> Sequence[FiledReport]:
    """The newest edition of each period, newest period first."""
    newest: dict[Period, FiledReport] = {}
    for report in filed:
        newest.setdefault(report.period, report)
    return list(newest.values())
