"""The house where calls are answered: line, recogniser, prompts, understanding."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ivr.adapters.clock import SystemClock
from ivr.adapters.files.catalog import PromptCatalog
from ivr.adapters.files.layers import Layers
from ivr.adapters.files.lexicons import lexicon_files, read_lexicon
from ivr.adapters.files.settings import Settings
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.adapters.live import LiveSender
from ivr.adapters.sip.settings import Registration, SipSettings
from ivr.adapters.speech.client import VoskRecognizer
from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.adapters.storage.precedents import DatabaseConfirmedTopics
from ivr.adapters.storage.spool import SpooledJournal
from ivr.adapters.storage.vocabularies import keep_vocabulary
from ivr.bootstrap.admission import admission_of, operators_of
from ivr.bootstrap.files import (
    calendar_stamp,
    catalog_of,
    live_folder,
    municipalities_of,
    regulation_of,
    secret,
    tried,
    words_of,
    words_stamp,
)
from ivr.bootstrap.office import CallbackRoom
from ivr.bootstrap.voices import Archive, archive_of
from ivr.dialogue.prompts import Prompts
from ivr.domain.calendar import WorkingCalendar
from ivr.domain.municipality import Municipalities
from ivr.domain.precedent import Precedent
from ivr.domain.regulation import Regulation
from ivr.domain.traffic import Limits, Traffic
from ivr.domain.vocabulary import Kind, Vocabulary
from ivr.errors import SettingsError
from ivr.language.understanding import Understanding
from ivr.ports import Dialler, Recordings, TalkBook
from ivr.services.call_out import CallOut
from ivr.services.cards import Cards
from ivr.services.closing import Closing
from ivr.services.local import Local, Locals
from ivr.services.reception import Reception
from ivr.services.rescue import TalkRescue
from ivr.services.transcription import Transcription

_PORT_STEP = 2


_RTP_STEP = 100
_ON_ITS_WAY = 720  # sweeps of 5 s: a recording of another machine may be an hour late


@dataclass(frozen=True, slots=True)
class Shared:
    """Voices and words of other municipalities, by what they are made of."""

    voices: dict[object, Prompts] = field(default_factory=dict)
    words: dict[object, Understanding] = field(default_factory=dict)


@dataclass(slots=True)
class House:
    """The assembled product of one process."""

    settings: Settings
    rules: Regulation
    municipalities: Municipalities
    understand: Understanding
    catalog: PromptCatalog
    vocabulary: Vocabulary
    locals: Locals = field(default_factory=dict)
    _shared: Shared | None = None
    _calendar_seen: tuple[float, ...] = ()
    _words_seen: tuple[float, ...] = ()

    @property
    def calendar(self) -> WorkingCalendar:
        """The calendar of the first municipality."""
        return self.municipalities.first.calendar

    def hours_now(self) -> Municipalities | None:
        """The calendars read anew when their files have changed since the last time; None when they have not."""
        seen = calendar_stamp(self.settings)
        if seen == self._calendar_seen:
            return None
        self._calendar_seen = seen
        self.municipalities = municipalities_of(self.settings)
        return self.municipalities

    def words_now(self) -> bool:
        """The word lists and the voice read anew when people have changed them since the last time.

        Raises:
            SettingsError: they cannot be used; what was read before stays.
        """
        seen = words_stamp(self.settings)
        if seen == self._words_seen:
            return False
        self._words_seen = seen
        catalog = catalog_of(self.settings)
        say = catalog.load()
        understand = Understanding(read_lexicon(words_of(self.settings), self.settings.number_plan))
        self.locals, self._shared = locals_of(self.settings, Local(say, understand), self._shared)
        self.understand, self.catalog = understand, catalog
        return True

    @property
    def live_folder(self) -> Path:
        """Where those listen who are told what happens."""
        return live_folder(self.settings)

    def journal(self) -> DatabaseJournal:
        """The journal in the database, brought to the newest schema.

        Raises:
            JournalError: the database is away.
            SettingsError: it cannot be used.
        """
        engine = connect(self.settings.database_url)
        upgrade(engine)
        keep_vocabulary(engine, self.vocabulary)
        return DatabaseJournal(engine)

    async def confirmed(self, municipality: str = "") -> Sequence[Precedent]:
        """The newest messages whose topics operators have confirmed, of topics that there still are.

        Args:
            municipality: whose; without it the house's own.

        Raises:
            JournalError: the database is away.
        """
        book = DatabaseConfirmedTopics(connect(self.settings.database_url))
        try:
            town = municipality or self.settings.municipality.key
            rows = await book.confirmed(town, self.settings.understanding.precedents)
        finally:
            book.dispose()
        return [row for row in rows if row.topic in self.vocabulary.lists[Kind.TOPICS]]

    async def learn(self) -> int:
        """Let the confirmed messages vote, each municipality's over its own words (unless that is switched off); how
        many do. Who has the house's own words has its votes too.

        Raises:
            JournalError: the database is away; those that voted before go on.
        """
        if not self.settings.understanding.learn:
            return 0
        learners = {id(local.understand): (key, local.understand) for key, local in self.locals.items()}
        learners[id(self.understand)] = ("", self.understand)
        learnt = 0
        for key, understand in learners.values():
            rows = await self.confirmed(key)
            await asyncio.to_thread(understand.learn, rows)
            learnt += len(rows)
        return learnt

    def spooled(self, name: str) -> SpooledJournal:
        """The journal that always takes a row; every process has a spool of its own."""
        return SpooledJournal(self.journal(), self.settings.data / "spool" / f"{name}.jsonl")

    def recordings(self) -> Archive:
        """The archive of voices."""
        return archive_of(self.settings)

    def recognizer(self) -> VoskRecognizer:
        """The recogniser's client."""
        return VoskRecognizer(self.settings.speech_addresses)

    def reception(
        self,
        name: str,
        journal: SpooledJournal,
        recordings: Recordings,
        recognizer: VoskRecognizer,
        dialler: Dialler | None = None,
        room: CallbackRoom | None = None,
    ) -> Reception:
        """What an engine answers calls with.

        Args:
            room: where promises are kept; without it nobody keeps count of who is at work.
        """
        announce, clock, edition = LiveSender(self.live_folder), SystemClock(), self.vocabulary.edition
        shift, desk = (room.shift(announce), room.desk()) if room else (None, None)
        minutes = self.settings.desk.after_call_minutes
        return Reception(
            admission=admission_of(self.settings, self.municipalities, self.rules),
            say=self.catalog.load(), understand=self.understand, rules=self.rules,
            journal=journal, recordings=recordings, recognizer=recognizer, clock=clock, announce=announce,
            closing=Closing(
                journal, self.municipalities, self.rules, self.understand, clock, announce, edition, self.locals
            ),
            cards=Cards(journal, self.rules, clock, edition, desk, shift, minutes),
            dialler=dialler, operators=operators_of(self.settings), shift=shift,
            traffic=Traffic(Limits(**self.settings.phone.limits.model_dump())), engine=name, locals=self.locals,
        )  # fmt: skip

    def call_out(
        self, name: str, room: CallbackRoom, dialler: Dialler, recordings: Recordings, recognizer: VoskRecognizer
    ) -> CallOut:
        """Attempts on the line, by a click."""
        desk = self.settings.desk
        return CallOut(
            room.desk(), dialler, self.settings.phone.trunk, self.catalog.load(), recognizer, recordings, room.talks,
            room.announce, name, desk.calls_per_person, desk.calls_per_day, self.locals,
        )  # fmt: skip

    def intercom(self, name: str) -> Path:
        """Where an engine is asked to do something."""
        return self.settings.data / f"{name}.intercom"

    def transcription(
        self, journal: SpooledJournal, recordings: Recordings, recognizer: VoskRecognizer, talks: TalkBook
    ) -> Transcription:
        """The sweep that gives late text to messages and talks."""
        edition = self.vocabulary.edition
        patience = _ON_ITS_WAY if self.settings.storage.s3 else 0
        return Transcription(
            journal, talks, recordings, recognizer, self.understand, self.municipalities, self.rules, edition, patience,
            locals=self.locals,
        )  # fmt: skip

    def rescue(self, room: CallbackRoom, recordings: Recordings) -> TalkRescue:
        """Who ends the attempts that a killed engine left open."""
        return TalkRescue(room.desk(), room.talks, recordings)

    def sip(self, number: int) -> SipSettings:
        """Settings of the engine with this number, 1, 2, 3 …

        Raises:
            SettingsError: the password of the registration cannot be read.
        """
        phone = self.settings.phone
        registration = phone.registration
        return SipSettings(
            address=phone.address, port=phone.port + _PORT_STEP * (number - 1) if phone.port else 0,
            tcp=phone.tcp, trusted=phone.trusted, rtp_port=phone.rtp_port + _RTP_STEP * (number - 1),
            no_media_seconds=phone.no_media_seconds,
            tls_port=phone.tls.port + _PORT_STEP * (number - 1) if phone.tls else None,
            tls_certificate=phone.tls.certificate if phone.tls else None,
            tls_key=phone.tls.key if phone.tls else None,
            registration=Registration(
                registration.registrar, registration.user,
                secret(registration.password_file, "phone.registration"), registration.realm,
            ) if registration else None,
            transfer_hosts=self._exchange_hosts(),
        )  # fmt: skip

    def _exchange_hosts(self) -> tuple[str, ...]:
        """Where the telephones of the house are: nowhere else is a caller handed over to."""
        desk, served = self.settings.desk, self.municipalities.served
        addresses = (*desk.operators, *desk.phones.values(), *(one for town in served for one in town.operators))
        return tuple({re.split(r"[:;>]", address.rpartition("@")[2])[0].lower() for address in addresses})


def build(settings: Settings) -> House:
    """Read everything the product rests on; all mistakes of all files in one report.

    Raises:
        SettingsError: every mistake found.
    """
    config, mistakes = words_of(settings), list[str]()
    rules = tried(lambda: regulation_of(settings), mistakes)
    municipalities = tried(lambda: municipalities_of(settings), mistakes)
    lexicon = tried(lambda: read_lexicon(config, settings.number_plan), mistakes)
    catalog = tried(lambda: catalog_of(settings), mistakes)
    vocabulary = tried(lambda: read_vocabulary(config), mistakes)
    say = tried(catalog.load, mistakes) if catalog else None
    understand = Understanding(lexicon) if lexicon else None
    others = tried(lambda: locals_of(settings, Local(say, understand)), mistakes) if say and understand else None
    if not (rules and municipalities and understand and catalog and vocabulary) or others is None or mistakes:
        raise SettingsError(mistakes)
    return House(
        settings, rules, municipalities, understand, catalog, vocabulary, *others, calendar_stamp(settings),
        words_stamp(settings),
    )  # fmt: skip


def locals_of(settings: Settings, own: Local, before: Shared | None = None) -> tuple[Locals, Shared]:
    """The voice and the words of the other municipalities; what is the same as somebody's is the very same, and what
    has not changed since it was read before is not read again.

    Raises:
        SettingsError: every mistake of their files.
    """
    mistakes: list[str] = []
    old = before or Shared()
    now = Shared({}, {(_stamped(words_of(settings)), settings.number_plan): own.understand})
    found: dict[str, Local] = {}
    for table in settings.municipalities:
        say = tried(lambda: _voice(settings, table.key, own.say, old, now), mistakes)  # noqa: B023
        understand = tried(lambda: _words(settings, table.key, old, now), mistakes)  # noqa: B023
        if say and understand:
            found[table.key] = Local(say, understand)
    if mistakes:
        raise SettingsError(list(dict.fromkeys(mistakes)))
    return found, now


def _voice(settings: Settings, municipality: str, own: Prompts, old: Shared, now: Shared) -> Prompts:
    catalog = catalog_of(settings, municipality)
    made_of = catalog.made_of
    if made_of not in now.voices:
        now.voices[made_of] = old.voices.get(made_of) or catalog.load(own)
    return now.voices[made_of]


def _words(settings: Settings, municipality: str, old: Shared, now: Shared) -> Understanding:
    config, plan = words_of(settings, municipality), settings.plan_of(municipality)
    made_of = _stamped(config), plan
    if made_of not in now.words:
        now.words[made_of] = old.words.get(made_of) or Understanding(read_lexicon(config, plan))
    return now.words[made_of]


def _stamped(config: Layers) -> tuple[tuple[Path, float], ...]:
    """The files of a lexicon as they are now."""
    return tuple((path, path.stat().st_mtime if path.exists() else 0.0) for path in lexicon_files(config))
