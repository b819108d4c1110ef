"""Everything is put together here, once, by hand: the only place that knows every class."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine

from ivr.adapters.clock import SystemClock
from ivr.adapters.files.calendar import production_table, read_calendar
from ivr.adapters.files.catalog import PromptCatalog
from ivr.adapters.files.directory import read_directory
from ivr.adapters.files.disk import free_share
from ivr.adapters.files.lexicons import read_lexicon
from ivr.adapters.files.recordings import WavRecordings
from ivr.adapters.files.report_words import read_report_words
from ivr.adapters.files.settings import Settings, project_root, read_regulation
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.adapters.live import LiveSender
from ivr.adapters.mail.smtp import SmtpPost, SmtpSettings
from ivr.adapters.sip.settings import Registration, SipSettings
from ivr.adapters.speech.client import VoskRecognizer
from ivr.adapters.storage.archive import ReportArchive
from ivr.adapters.storage.callbacks import DatabaseCallbackBook
from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.adapters.storage.notices import DatabaseLease, DatabaseNoticeBook
from ivr.adapters.storage.report_source import JournalReportSource
from ivr.adapters.storage.spool import SpooledJournal
from ivr.adapters.storage.vocabularies import keep_vocabulary
from ivr.adapters.supervision import Child
from ivr.adapters.timetable import Sweep, Timetable
from ivr.adapters.workbooks.excel import ExcelWorkbooks
from ivr.domain.calendar import WorkingCalendar
from ivr.domain.call import Mode
from ivr.domain.card import Rulebook
from ivr.domain.regulation import Regulation
from ivr.domain.report_words import ReportWords
from ivr.domain.vocabulary import Kind, Vocabulary
from ivr.errors import SettingsError
from ivr.language.discretion import Covers, Discretion
from ivr.language.morphology import Morphology
from ivr.language.understanding import Understanding
from ivr.ports import Dialler
from ivr.services.admission import Admission
from ivr.services.call_out import CallOut
from ivr.services.callbacks import CallbackDesk
from ivr.services.deadlines import Deadlines
from ivr.services.desk import Operators
from ivr.services.filing import Filing, ReportClerk
from ivr.services.reception import Reception
from ivr.services.reports import Reports
from ivr.services.transcription import Transcription

T = TypeVar("T")

_PORT_STEP = 2
_RTP_STEP = 100


@dataclass(slots=True)
class House:
    """The assembled product of one process."""

    settings: Settings
    rules: Regulation
    calendar: WorkingCalendar
    understand: Understanding
    catalog: PromptCatalog
    vocabulary: Vocabulary
    _calendar_seen: tuple[float, ...] = ()

    def calendar_now(self) -> WorkingCalendar | None:
        """The calendar read anew when its files have changed since the last time; None when they have not."""
        seen = _seen(self.settings)
        if seen == self._calendar_seen:
            return None
        self._calendar_seen = seen
        self.calendar = _read_calendar(self.settings)
        return self.calendar

    @property
    def live_socket(self) -> Path:
        """Where the live board listens."""
        return self.settings.data / "live.sock"

    @property
    def speech_address(self) -> str:
        """The recogniser's socket, or the URL of another's."""
        return speech_address(self.settings)

    def journal(self) -> DatabaseJournal:
        """The journal in the database, brought to the newest schema."""
        engine = connect(self.settings.database_url)
        upgrade(engine)
        keep_vocabulary(engine, self.vocabulary)
        return DatabaseJournal(engine)

    def spooled(self, name: str) -> SpooledJournal:
        """The journal that always takes a row; every process has a spool of its own."""
        return SpooledJournal(self.journal(), self.settings.data / "spool" / f"{name}.jsonl")

    def recordings(self) -> WavRecordings:
        """The archive of voices."""
        return WavRecordings(self.settings.data / "recordings")

    def recognizer(self) -> VoskRecognizer:
        """The recogniser's client."""
        return VoskRecognizer(self.speech_address)

    def reception(
        self,
        name: str,
        journal: SpooledJournal,
        recordings: WavRecordings,
        recognizer: VoskRecognizer,
        dialler: Dialler | None = None,
    ) -> Reception:
        """What an engine answers calls with."""
        forced, desk = self.settings.phone.forced_mode, self.settings.desk
        return Reception(
            admission=Admission(
                [self.settings.whose], self.calendar, Mode(forced) if forced else None, bool(desk.operators)
            ),
            say=self.catalog.load(), understand=self.understand, rules=self.rules, calendar=self.calendar,
            journal=journal, recordings=recordings, recognizer=recognizer, clock=SystemClock(),
            announce=LiveSender(self.live_socket), engine=name, edition=self.vocabulary.edition,
            dialler=dialler, operators=Operators(desk.operators, desk.in_turn_seconds),
        )  # fmt: skip

    def call_out(
        self, desk: CallbackDesk, dialler: Dialler, recordings: WavRecordings, recognizer: VoskRecognizer
    ) -> CallOut:
        """Attempts on the line, by a click."""
        announce = LiveSender(self.live_socket)
        return CallOut(desk, dialler, self.settings.phone.trunk, self.catalog.load(), recognizer, recordings, announce)

    def intercom(self, name: str) -> Path:
        """Where an engine is asked to do something."""
        return self.settings.data / f"{name}.intercom"

    def transcription(
        self, journal: SpooledJournal, recordings: WavRecordings, recognizer: VoskRecognizer
    ) -> Transcription:
        """The sweep that gives late text to messages."""
        edition = self.vocabulary.edition
        return Transcription(journal, recordings, recognizer, self.understand, self.calendar, self.rules, edition)

    def sip(self, number: int) -> SipSettings:
        """Settings of the engine with this number, 1, 2, 3 …"""
        phone = self.settings.phone
        registration = phone.registration
        return SipSettings(
            address=phone.address, port=phone.port + _PORT_STEP * (number - 1) if phone.port else 0,
            tcp=phone.tcp, trusted=phone.trusted, rtp_port=phone.rtp_port + _RTP_STEP * (number - 1),
            no_media_seconds=phone.no_media_seconds,
            tls_port=phone.tls.port + number - 1 if phone.tls else None,
            tls_certificate=phone.tls.certificate if phone.tls else None,
            tls_key=phone.tls.key if phone.tls else None,
            registration=Registration(
                registration.registrar, registration.user,
                registration.password_file.read_text("utf-8").strip(), registration.realm,
            ) if registration else None,
        )  # fmt: skip

    def children(self, config: Path | None) -> list[Child]:
        """The processes of the service: the recogniser (unless another's is used) and the engines."""
        program = [sys.executable, "-m", "ivr.cli.main"]
        named = ["--config", str(config)] if config else []
        children = [
            Child(f"engine-{number}", [*program, *named, "engine", "--number", str(number)])
            for number in range(1, self.settings.phone.engines + 1)
        ]
        if self.settings.speech.url:
            return children
        probe = self.recognizer()

        async def healthy() -> bool:
            return await probe.healthy(seconds=3)

        return [Child("recogniser", [*program, *named, "recogniser"], healthy), *children]


def timetable_child(config: Path | None) -> Child:
    """The process of the timetable."""
    named = ["--config", str(config)] if config else []
    return Child("timetable", [sys.executable, "-m", "ivr.cli.main", *named, "timetable"])


def speech_address(settings: Settings) -> str:
    """The recogniser's socket, or the URL of another's."""
    return settings.speech.url or str(settings.data / "speech.sock")


@dataclass(slots=True)
class CallbackRoom:
    """Where operators work; needs neither a line nor a recogniser."""

    settings: Settings
    rulebook: Rulebook
    engine: Engine
    journal: DatabaseJournal
    book: DatabaseCallbackBook

    def desk(self) -> CallbackDesk:
        """The operators' verbs."""
        idle = timedelta(minutes=self.settings.desk.idle_minutes)
        return CallbackDesk(self.book, SystemClock(), self.rulebook, idle)

    def timetable(self, node: str) -> Timetable:
        """The sweeps over the journal; of all nodes upon one database one makes them."""
        deadlines = Deadlines(
            municipality=self.settings.municipality.key, journal=self.journal, notices=DatabaseNoticeBook(self.engine),
            clock=SystemClock(), rules=self.rulebook.rules, calendar=self.rulebook.calendar,
            announce=LiveSender(self.settings.data / "live.sock"), free_share=lambda: free_share(self.settings.data),
        )  # fmt: skip
        sweeps = (
            Sweep("callbacks", 20, deadlines.watch_callbacks),
            Sweep("claims", 60, self.desk().sweep),
            Sweep("house", 300, deadlines.watch_house),
            Sweep("reports", 60, self.clerk().sweep),
        )
        return Timetable(sweeps, DatabaseLease(self.engine), SystemClock(), node)

    def clerk(self) -> ReportClerk:
        """Who makes the reports and sends the letters when their time has come."""

        def filing(today: date) -> Filing:
            return build_report_desk(self.settings, range(today.year, today.year + 1)).filing()

        announce = LiveSender(self.settings.data / "live.sock")
        return ReportClerk(filing, DatabaseNoticeBook(self.engine), SystemClock(), announce)

    def dispose(self) -> None:
        """Let go of the database."""
        self.book.dispose()
        self.journal.dispose()


def build_callback_room(settings: Settings) -> CallbackRoom:
    """The operators' room, its database brought to the newest schema.

    Raises:
        SettingsError: a file or the database is not as it should be; all mistakes at once.
    """
    year = datetime.now(UTC).year
    mistakes: list[str] = []
    rules = _tried(read_regulation, mistakes)
    calendar = _tried(lambda: read_calendar(range(year - 1, year + 3)), mistakes)
    vocabulary = _tried(lambda: read_vocabulary(project_root() / "config"), mistakes)
    topics = vocabulary.lists[Kind.TOPICS] if vocabulary else {}
    directory = _tried(lambda: read_directory(project_root() / "config", topics), mistakes)
    if not (rules and calendar and vocabulary and directory):
        raise SettingsError(mistakes)
    engine = connect(settings.database_url)
    upgrade(engine)
    keep_vocabulary(engine, vocabulary)
    rulebook = Rulebook(rules, calendar, vocabulary, directory)
    return CallbackRoom(settings, rulebook, engine, DatabaseJournal(engine), DatabaseCallbackBook(engine))


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
        return Reports(self.source(), self.words, self.calendar, Discretion(lexicon, Morphology(), covers))

    def source(self) -> JournalReportSource:
        """What the reports read."""
        return JournalReportSource(self.engine, self.calendar)

    def filing(self) -> Filing:
        """What makes the reports and sends the letters when their time has come."""
        mail, whose = self.settings.mail, self.settings.municipality
        filing = Filing(
            whose.key, self.reports(), ExcelWorkbooks(self.words, self.rules, whose.title),
            ReportArchive(self.engine), self.rules,
        )  # fmt: skip
        if mail is None:
            return filing
        settings = SmtpSettings(
            mail.server, mail.port, mail.security, mail.sender, mail.user, _secret(mail.password_file),
            mail.certificates,
        )  # fmt: skip
        post = SmtpPost(settings, self.words.letter, whose.title)
        return replace(
            filing, post=post, recipients=mail.weekly_to, by_itself=mail.by_itself, by_itself_at=mail.by_itself_at
        )


def _secret(file: Path | None) -> str:
    """A password from its file.

    Raises:
        SettingsError: the file cannot be read.
    """
    try:
        return file.read_text("utf-8").strip() if file else ""
    except OSError as fault:
        raise SettingsError(f"mail.password_file: {file}: {fault.strerror}") from fault


def build_report_desk(settings: Settings, years: range) -> ReportDesk:
    """The desk for reports on these years, its database brought to the newest schema.

    Raises:
        SettingsError: a file or the database is not as it should be.
    """
    engine = connect(settings.database_url)
    upgrade(engine)
    calendar = read_calendar(range(years.start - 1, years.stop + 1), orders=orders_file(settings))
    words = read_report_words()
    keep_vocabulary(engine, words.vocabulary)
    return ReportDesk(settings, read_regulation(), calendar, words, engine)


def orders_file(settings: Settings) -> Path:
    """Where people's orders about single days are kept ("closed today")."""
    return settings.data / "orders.toml"


def _read_calendar(settings: Settings) -> WorkingCalendar:
    year = datetime.now(UTC).year
    return read_calendar(range(year - 1, year + 3), orders=orders_file(settings))


def _seen(settings: Settings) -> tuple[float, ...]:
    """When the calendar's files were last changed."""
    files = (project_root() / "config" / "calendar.toml", production_table(), orders_file(settings))
    return tuple(file.stat().st_mtime if file.exists() else 0.0 for file in files)


def build(settings: Settings) -> House:
    """Read everything the product rests on; all mistakes of all files in one report.

    Raises:
        SettingsError: every mistake found.
    """
    config = project_root() / "config"
    mistakes: list[str] = []
    rules = _tried(read_regulation, mistakes)
    calendar = _tried(lambda: _read_calendar(settings), mistakes)
    lexicon = _tried(lambda: read_lexicon(config, settings.number_plan), mistakes)
    catalog = _tried(lambda: PromptCatalog(config / "prompts.ru.toml", project_root() / "audio" / "prompts"), mistakes)
    vocabulary = _tried(lambda: read_vocabulary(config), mistakes)
    if catalog:
        _tried(catalog.load, mistakes)
    if not (rules and calendar and lexicon and catalog and vocabulary) or mistakes:
        raise SettingsError(mistakes)
    return House(settings, rules, calendar, Understanding(lexicon), catalog, vocabulary, _seen(settings))


def _tried(read: Callable[[], T], mistakes: list[str]) -> T | None:
    try:
        return read()
    except SettingsError as fault:
        mistakes.extend(fault.mistakes)
        return None
