"""The house where calls are answered: line, recogniser, prompts, understanding."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.adapters.clock import SystemClock
from ivr.adapters.files.catalog import PromptCatalog
from ivr.adapters.files.lexicons import read_lexicon
from ivr.adapters.files.recordings import WavRecordings
from ivr.adapters.files.settings import Settings, project_root, read_regulation
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.adapters.live import LiveSender
from ivr.adapters.sip.settings import Registration, SipSettings
from ivr.adapters.speech.client import VoskRecognizer
from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.adapters.storage.precedents import DatabaseConfirmedTopics
from ivr.adapters.storage.spool import SpooledJournal
from ivr.adapters.storage.vocabularies import keep_vocabulary
from ivr.bootstrap.files import calendar_of, calendar_stamp, live_folder, tried
from ivr.domain.calendar import WorkingCalendar
from ivr.domain.call import Mode
from ivr.domain.precedent import Precedent
from ivr.domain.regulation import Regulation
from ivr.domain.vocabulary import Kind, Vocabulary
from ivr.errors import SettingsError
from ivr.language.understanding import Understanding
from ivr.ports import Dialler
from ivr.services.admission import Admission
from ivr.services.call_out import CallOut
from ivr.services.callbacks import CallbackDesk
from ivr.services.desk import Operators
from ivr.services.reception import Reception
from ivr.services.transcription import Transcription

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
        seen = calendar_stamp(self.settings)
        if seen == self._calendar_seen:
            return None
        self._calendar_seen = seen
        self.calendar = calendar_of(self.settings)
        return self.calendar

    @property
    def live_folder(self) -> Path:
        """Where those listen who are told what happens."""
        return live_folder(self.settings)

    def journal(self) -> DatabaseJournal:
        """The journal in the database, brought to the newest schema."""
        engine = connect(self.settings.database_url)
        upgrade(engine)
        keep_vocabulary(engine, self.vocabulary)
        return DatabaseJournal(engine)

    async def confirmed(self) -> Sequence[Precedent]:
        """The newest messages whose topics operators have confirmed, of topics that there still are.

        Raises:
            JournalError: the database is away.
        """
        book = DatabaseConfirmedTopics(connect(self.settings.database_url))
        try:
            rows = await book.confirmed(self.settings.municipality.key, self.settings.understanding.precedents)
        finally:
            book.dispose()
        return [row for row in rows if row.topic in self.vocabulary.lists[Kind.TOPICS]]

    async def learn(self) -> int:
        """Let the confirmed messages vote (unless that is switched off); how many do.

        Raises:
            JournalError: the database is away; those that voted before go on.
        """
        if not self.settings.understanding.learn:
            return 0
        rows = await self.confirmed()
        await asyncio.to_thread(self.understand.learn, rows)
        return len(rows)

    def spooled(self, name: str) -> SpooledJournal:
        """The journal that always takes a row; every process has a spool of its own."""
        return SpooledJournal(self.journal(), self.settings.data / "spool" / f"{name}.jsonl")

    def recordings(self) -> WavRecordings:
        """The archive of voices."""
        return WavRecordings(self.settings.data / "recordings")

    def recognizer(self) -> VoskRecognizer:
        """The recogniser's client."""
        return VoskRecognizer(self.settings.speech_addresses)

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
            announce=LiveSender(self.live_folder), engine=name, edition=self.vocabulary.edition,
            dialler=dialler, operators=Operators(desk.operators, desk.in_turn_seconds),
        )  # fmt: skip

    def call_out(
        self, desk: CallbackDesk, dialler: Dialler, recordings: WavRecordings, recognizer: VoskRecognizer
    ) -> CallOut:
        """Attempts on the line, by a click."""
        announce = LiveSender(self.live_folder)
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


def build(settings: Settings) -> House:
    """Read everything the product rests on; all mistakes of all files in one report.

    Raises:
        SettingsError: every mistake found.
    """
    config = project_root() / "config"
    mistakes: list[str] = []
    rules = tried(read_regulation, mistakes)
    calendar = tried(lambda: calendar_of(settings), mistakes)
    lexicon = tried(lambda: read_lexicon(config, settings.number_plan), mistakes)
    catalog = tried(lambda: PromptCatalog(config / "prompts.ru.toml", project_root() / "audio" / "prompts"), mistakes)
    vocabulary = tried(lambda: read_vocabulary(config), mistakes)
    if catalog:
        tried(catalog.load, mistakes)
    if not (rules and calendar and lexicon and catalog and vocabulary) or mistakes:
        raise SettingsError(mistakes)
    return House(settings, rules, calendar, Understanding(lexicon), catalog, vocabulary, calendar_stamp(settings))
