"""The rooms that need neither a line nor a recogniser: the operators' and the reports'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from ivr.adapters.clock import SystemClock
from ivr.adapters.files.directory import read_directory
from ivr.adapters.files.lexicons import read_lexicon
from ivr.adapters.files.report_words import read_report_words
from ivr.adapters.files.settings import Settings
from ivr.adapters.files.settings_tables import MunicipalityTable
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.adapters.live import LiveSender
from ivr.adapters.mail.server import SmtpSettings
from ivr.adapters.mail.smtp import SmtpPost
from ivr.adapters.storage.archive import ReportArchive
from ivr.adapters.storage.callbacks import DatabaseCallbackBook
from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.intake import DatabaseIntake
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.adapters.storage.notices import DatabaseNoticeBook, DatabaseTroubles
from ivr.adapters.storage.presence import DatabasePresenceBook
from ivr.adapters.storage.report_source import JournalReportSource
from ivr.adapters.storage.talks import DatabaseTalkBook
from ivr.adapters.storage.tallies import DatabaseTallies
from ivr.adapters.storage.vocabularies import keep_vocabulary
from ivr.adapters.workbooks.excel import ExcelWorkbooks
from ivr.adapters.workbooks.read_appendix2 import OlderWorkbooks
from ivr.bootstrap.files import (
    calendar_for,
    directory_of,
    live_folder,
    municipalities_of,
    regulation_of,
    secret,
    tried,
    words_of,
)
from ivr.domain.calendar import WorkingCalendar
from ivr.domain.card import Rulebook
from ivr.domain.compliance import Duties
from ivr.domain.regulation import Regulation
from ivr.domain.report_words import ReportWords
from ivr.domain.vocabulary import Kind
from ivr.errors import SettingsError
from ivr.language.discretion import Covers, Discretion
from ivr.language.morphology import shared_morphology
from ivr.ports import Announce, NoticeBook
from ivr.ports.storage import nobody
from ivr.services.callbacks import CallbackDesk
from ivr.services.clerk import ReportClerk
from ivr.services.filing import Filing
from ivr.services.intake import Intake
from ivr.services.making import Maker
from ivr.services.older_journal import OlderJournal
from ivr.services.papers import Papers
from ivr.services.presence import Shift
from ivr.services.reports import Reports


@dataclass(slots=True)
class CallbackRoom:
    """Where operators work; needs neither a line nor a recogniser."""

    settings: Settings
    rulebook: Rulebook
    engine: Engine
    journal: DatabaseJournal
    book: DatabaseCallbackBook
    talks: DatabaseTalkBook
    troubles: DatabaseTroubles
    presence: DatabasePresenceBook
    announce: LiveSender

    def desk(self) -> CallbackDesk:
        """The operators' verbs."""
        idle = timedelta(minutes=self.settings.desk.idle_minutes)
        return CallbackDesk(self.book, SystemClock(), self.rulebook, idle, self.announce)

    def shift(self, announce: Announce | None = None) -> Shift:
        """Who is at work."""
        desk = self.settings.desk
        telephones = {address: who for who, address in desk.phones.items()}
        return Shift(self.presence, SystemClock(), announce or self.announce, telephones, desk.presence)

    def tallies(self) -> DatabaseTallies:
        """Days in counts."""
        mails, counted_by = self.settings.mail is not None, self.settings.load.counted_by
        duties = Duties(self.rulebook.vocabulary.edition, mails, counted_by)
        return DatabaseTallies(self.engine, self.rulebook.rules, duties)

    def clerk(self, notices: NoticeBook | None = None) -> ReportClerk:
        """Who makes the reports and sends the letters when their time has come."""

        def filings(today: date) -> Sequence[Filing]:
            years = range(today.year, today.year + 1)
            return [
                build_report_desk(self.settings, years, town.key, self.engine).filing() for town in self.settings.served
            ]

        letters = self.settings.notices.addressees if self.settings.mail else nobody
        book = notices or DatabaseNoticeBook(self.engine)
        return ReportClerk(filings, book, SystemClock(), self.announce, letters)

    def dispose(self) -> None:
        """Let go of the database."""
        self.announce.close()
        self.book.dispose()
        self.talks.dispose()
        self.troubles.dispose()
        self.presence.dispose()
        self.journal.dispose()


def rulebook_of(settings: Settings) -> Rulebook:
    """All that a card is judged by, as the files say it now.

    Raises:
        SettingsError: every mistake of every file.
    """
    mistakes: list[str] = []
    rules = tried(lambda: regulation_of(settings), mistakes)
    served = tried(lambda: municipalities_of(settings), mistakes)
    vocabulary = tried(lambda: read_vocabulary(words_of(settings)), mistakes)
    topics = vocabulary.lists[Kind.TOPICS] if vocabulary else {}
    directories = {
        table.key: tried(lambda: read_directory(directory_of(settings, table.key), topics), mistakes)  # noqa: B023
        for table in settings.served
    }
    known = {key: directory for key, directory in directories.items() if directory is not None}
    if not (rules and served and vocabulary) or len(known) < len(directories):
        raise SettingsError(list(dict.fromkeys(mistakes)))
    own = known[settings.municipality.key]
    return Rulebook(rules, served.first.calendar, vocabulary, own, directories=known).with_hours(served)


def build_callback_room(settings: Settings) -> CallbackRoom:
    """The operators' room, its database brought to the newest schema.

    Raises:
        JournalError: the database is away.
        SettingsError: a file or the database is not as it should be; all mistakes at once.
    """
    rulebook = rulebook_of(settings)
    engine = connect(settings.database_url)
    upgrade(engine)
    keep_vocabulary(engine, rulebook.vocabulary)
    return CallbackRoom(
        settings, rulebook, engine, DatabaseJournal(engine), DatabaseCallbackBook(engine), DatabaseTalkBook(engine),
        DatabaseTroubles(engine), DatabasePresenceBook(engine), LiveSender(live_folder(settings)),
    )  # fmt: skip


@dataclass(slots=True)
class ReportDesk:
    """What the reports of a municipality are made with; needs neither a line nor a recogniser."""

    settings: Settings
    whose: MunicipalityTable
    rules: Regulation
    calendar: WorkingCalendar
    words: ReportWords
    engine: Engine

    def reports(self) -> Reports:
        """All reports over the journal."""
        week = self.words.week
        covers = Covers(week.hidden_number, week.hidden_name, frozenset(week.flat_words))
        key = self.whose.key
        lexicon = read_lexicon(words_of(self.settings, key), self.settings.plan_of(key))
        discretion = Discretion(lexicon, shared_morphology(), covers)
        return Reports(self.source(), self.words, self.calendar, discretion, self.rules)

    def source(self) -> JournalReportSource:
        """What the reports read."""
        return JournalReportSource(self.engine, self.calendar, self.settings.load.counted_by)

    def papers(self) -> Papers:
        """Any paper for any period."""
        titles = {town.key: town.title for town in self.settings.served}
        return Papers(self.settings.municipality.key, titles, self.reports(), ExcelWorkbooks(self.words, self.rules))

    def intake(self) -> Intake:
        """What takes older journals in."""

        def journal_of(municipality: str, now: datetime) -> OlderJournal:
            plan = self.settings.plan_of(municipality)
            return OlderJournal(municipality, self.words, self.calendar, plan, now)

        return Intake(OlderWorkbooks(self.words), DatabaseIntake(self.engine), self.source(), journal_of)

    def filing(self) -> Filing:
        """What makes the reports and sends the letters when their time has come."""
        mail, whose = self.settings.mail, self.whose
        workbooks = ExcelWorkbooks(self.words, self.rules)
        maker = Maker(whose.key, whose.title, self.reports(), workbooks, self.rules)
        filing = Filing(maker, ReportArchive(self.engine))
        post = build_post(self.settings, self.words, whose.title)
        if mail is None or post is None:
            return filing
        to = mail.weekly_to if whose == self.settings.municipality else whose.weekly_to
        return replace(filing, post=post, recipients=to, by_itself=mail.by_itself, by_itself_at=mail.by_itself_at)


def build_post(settings: Settings, words: ReportWords, title: str) -> SmtpPost | None:
    """The mail server of the settings, None when there is none.

    Args:
        title: of the municipality whose letters they are.

    Raises:
        SettingsError: its password cannot be read.
    """
    smtp = mail_server(settings)
    return SmtpPost(smtp, words.letter, title) if smtp else None


def mail_server(settings: Settings) -> SmtpSettings | None:
    """Where letters are handed over, None when there is no mail.

    Raises:
        SettingsError: its password cannot be read.
    """
    mail = settings.mail
    if mail is None:
        return None
    return SmtpSettings(
        mail.server, mail.port, mail.security, mail.sender, mail.user, secret(mail.password_file), mail.certificates
    )


def build_report_desk(
    settings: Settings, years: range, municipality: str = "", engine: Engine | None = None
) -> ReportDesk:
    """The desk for reports on these years, its database brought to the newest schema.

    Args:
        municipality: whose reports and hours they are; without it, the house's own.
        engine: a database that is open already.

    Raises:
        JournalError: the database is away.
        SettingsError: a file or the database is not as it should be.
    """
    if engine is None:
        engine = connect(settings.database_url)
        upgrade(engine)
    calendar = calendar_for(settings, range(years.start - 1, years.stop + 1), municipality)
    words = read_report_words()
    keep_vocabulary(engine, words.vocabulary)
    return ReportDesk(settings, settings.named(municipality), regulation_of(settings), calendar, words, engine)
