"""The rooms that need neither a line nor a recogniser: the operators' and the reports'."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine

from ivr.adapters.clock import SystemClock
from ivr.adapters.courier import HttpCourier
from ivr.adapters.files.directory import read_directory
from ivr.adapters.files.disk import free_share
from ivr.adapters.files.lexicons import read_lexicon
from ivr.adapters.files.report_words import read_report_words
from ivr.adapters.files.settings import Settings, project_root, read_regulation
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.adapters.live import LiveSender
from ivr.adapters.mail.smtp import SmtpPost, SmtpSettings
from ivr.adapters.storage.archive import ReportArchive
from ivr.adapters.storage.callbacks import DatabaseCallbackBook
from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.intake import DatabaseIntake
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.adapters.storage.notices import DatabaseLease, DatabaseNoticeBook
from ivr.adapters.storage.outbox import DatabaseOutbox
from ivr.adapters.storage.report_source import JournalReportSource
from ivr.adapters.storage.vocabularies import keep_vocabulary
from ivr.adapters.timetable import Sweep, Timetable
from ivr.adapters.workbooks.excel import ExcelWorkbooks
from ivr.adapters.workbooks.read_appendix2 import OlderWorkbooks
from ivr.bootstrap.files import calendar_for, live_folder, secret, tried
from ivr.domain.calendar import WorkingCalendar
from ivr.domain.card import Rulebook
from ivr.domain.regulation import Regulation
from ivr.domain.report_words import ReportWords
from ivr.domain.vocabulary import Kind
from ivr.errors import SettingsError
from ivr.language.discretion import Covers, Discretion
from ivr.language.morphology import shared_morphology
from ivr.services.callbacks import CallbackDesk
from ivr.services.clerk import ReportClerk
from ivr.services.deadlines import Deadlines
from ivr.services.filing import Filing
from ivr.services.intake import Intake
from ivr.services.making import Maker
from ivr.services.older_journal import OlderJournal
from ivr.services.papers import Papers
from ivr.services.reports import Reports
from ivr.services.webhooks import Letters


@dataclass(slots=True)
class CallbackRoom:
    """Where operators work; needs neither a line nor a recogniser."""

    settings: Settings
    rulebook: Rulebook
    engine: Engine
    journal: DatabaseJournal
    book: DatabaseCallbackBook
    announce: LiveSender

    def desk(self) -> CallbackDesk:
        """The operators' verbs."""
        idle = timedelta(minutes=self.settings.desk.idle_minutes)
        return CallbackDesk(self.book, SystemClock(), self.rulebook, idle, self.announce)

    def timetable(self, node: str) -> Timetable:
        """The sweeps over the journal; of all nodes upon one database one makes them."""
        deadlines = Deadlines(
            municipality=self.settings.municipality.key, journal=self.journal, notices=DatabaseNoticeBook(self.engine),
            clock=SystemClock(), rules=self.rulebook.rules, calendar=self.rulebook.calendar,
            announce=self.announce, free_share=lambda: free_share(self.settings.data),
        )  # fmt: skip
        sweeps = (
            Sweep("callbacks", 20, deadlines.watch_callbacks),
            Sweep("claims", 60, self.desk().sweep),
            Sweep("house", 300, deadlines.watch_house),
            Sweep("reports", 60, self.clerk().sweep),
            Sweep("webhooks", 5, Letters(DatabaseOutbox(self.engine), HttpCourier(), SystemClock()).sweep),
        )
        return Timetable(sweeps, DatabaseLease(self.engine), SystemClock(), node)

    def clerk(self) -> ReportClerk:
        """Who makes the reports and sends the letters when their time has come."""

        def filing(today: date) -> Filing:
            return build_report_desk(self.settings, range(today.year, today.year + 1)).filing()

        return ReportClerk(filing, DatabaseNoticeBook(self.engine), SystemClock(), self.announce)

    def dispose(self) -> None:
        """Let go of the database."""
        self.announce.close()
        self.book.dispose()
        self.journal.dispose()


def build_callback_room(settings: Settings) -> CallbackRoom:
    """The operators' room, its database brought to the newest schema.

    Raises:
        SettingsError: a file or the database is not as it should be; all mistakes at once.
    """
    year = datetime.now(UTC).year
    mistakes: list[str] = []
    rules = tried(read_regulation, mistakes)
    calendar = tried(lambda: calendar_for(settings, range(year - 1, year + 3)), mistakes)
    vocabulary = tried(lambda: read_vocabulary(project_root() / "config"), mistakes)
    topics = vocabulary.lists[Kind.TOPICS] if vocabulary else {}
    directory = tried(lambda: read_directory(project_root() / "config", topics), mistakes)
    if not (rules and calendar and vocabulary and directory):
        raise SettingsError(mistakes)
    engine = connect(settings.database_url)
    upgrade(engine)
    keep_vocabulary(engine, vocabulary)
    rulebook = Rulebook(rules, calendar, vocabulary, directory)
    announce = LiveSender(live_folder(settings))
    return CallbackRoom(settings, rulebook, engine, DatabaseJournal(engine), DatabaseCallbackBook(engine), announce)


@dataclass(slots=True)
class ReportDesk:
    """What the reports are made with; needs neither a line nor a recogniser."""

    settings: Settings
    rules: Regulation
    calendar: WorkingCalendar
    words: ReportWords
    engine: Engine

    def reports(self) -> Reports:
        """All reports over the journal."""
        week = self.words.week
        covers = Covers(week.hidden_number, week.hidden_name, frozenset(week.flat_words))
        lexicon = read_lexicon(project_root() / "config", self.settings.number_plan)
        discretion = Discretion(lexicon, shared_morphology(), covers)
        return Reports(self.source(), self.words, self.calendar, discretion, self.rules)

    def source(self) -> JournalReportSource:
        """What the reports read."""
        return JournalReportSource(self.engine, self.calendar)

    def papers(self) -> Papers:
        """Any paper for any period."""
        whose = self.settings.municipality
        titles = {whose.key: whose.title, **whose.others}
        return Papers(whose.key, titles, self.reports(), ExcelWorkbooks(self.words, self.rules))

    def intake(self) -> Intake:
        """What takes older journals in."""

        def journal_of(municipality: str, now: datetime) -> OlderJournal:
            return OlderJournal(municipality, self.words, self.calendar, self.settings.number_plan, now)

        return Intake(OlderWorkbooks(self.words), DatabaseIntake(self.engine), self.source(), journal_of)

    def filing(self) -> Filing:
        """What makes the reports and sends the letters when their time has come."""
        mail, whose = self.settings.mail, self.settings.municipality
        workbooks = ExcelWorkbooks(self.words, self.rules)
        maker = Maker(whose.key, whose.title, self.reports(), workbooks, self.rules)
        filing = Filing(maker, ReportArchive(self.engine))
        post = build_post(self.settings, self.words)
        if mail is None or post is None:
            return filing
        return replace(
            filing, post=post, recipients=mail.weekly_to, by_itself=mail.by_itself, by_itself_at=mail.by_itself_at
        )


def build_post(settings: Settings, words: ReportWords) -> SmtpPost | None:
    """The mail server of the settings, None when there is none.

    Raises:
        SettingsError: its password cannot be read.
    """
    mail = settings.mail
    if mail is None:
        return None
    smtp = SmtpSettings(
        mail.server, mail.port, mail.security, mail.sender, mail.user, secret(mail.password_file), mail.certificates
    )  # fmt: skip
    return SmtpPost(smtp, words.letter, settings.municipality.title)


def build_report_desk(settings: Settings, years: range, engine: Engine | None = None) -> ReportDesk:
    """The desk for reports on these years, its database brought to the newest schema.

    Raises:
        SettingsError: a file or the database is not as it should be.
    """
    if engine is None:
        engine = connect(settings.database_url)
        upgrade(engine)
    calendar = calendar_for(settings, range(years.start - 1, years.stop + 1))
    words = read_report_words()
    keep_vocabulary(engine, words.vocabulary)
    return ReportDesk(settings, read_regulation(), calendar, words, engine)
