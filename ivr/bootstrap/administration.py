"""The room of those who look after the house: settings, hours, words, voices, models."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path

from ivr.adapters.files.calendar import FileOrderBook
from ivr.adapters.files.directory import FileDirectoryBook
from ivr.adapters.files.house_book import VERSIONS, FileHouseBook
from ivr.adapters.files.settings import Settings, read_settings
from ivr.adapters.files.topic_book import FileTopicBook
from ivr.adapters.files.versions import FileVersions
from ivr.adapters.files.voice_book import FileVoiceBook
from ivr.adapters.speech.own_words import OwnWords
from ivr.bootstrap.access import session_rules
from ivr.bootstrap.files import calendar_stamp, catalog_of, orders_file, words_of, words_stamp
from ivr.bootstrap.office import rulebook_of
from ivr.domain.card import Rulebook
from ivr.errors import SettingsError
from ivr.language.lexicon import NumberPlan
from ivr.language.phones import complete
from ivr.ports import Clock
from ivr.ports.console import Conversations
from ivr.services.audit import AccessLog
from ivr.services.callbacks import CallbackDesk
from ivr.services.executors import ExecutorDirectory
from ivr.services.hours import WorkingHours
from ivr.services.house import HouseSettings
from ivr.services.long_work import Workshop
from ivr.services.speech_words import SpeechWords
from ivr.services.topic_lists import TopicWordLists
from ivr.services.voice import Voice
from ivr.web.rooms import Administration, Rooms

log = logging.getLogger(__name__)


def build_administration(
    settings: Settings,
    house: FileHouseBook,
    access_log: AccessLog,
    clock: Clock,
    desk: CallbackDesk,
    conversations: Conversations,
    workshop: Workshop,
) -> Administration:
    """Services over the files of the data folder.

    Args:
        desk: knows the rulebook as it is now.
    """

    def rulebook() -> Rulebook:
        return desk.rulebook

    orders = FileOrderBook(orders_file(settings))
    versions = FileVersions(settings.data / VERSIONS)
    topics = FileTopicBook(words_of(settings), settings.number_plan)
    return Administration(
        house=HouseSettings(house, access_log), hours=WorkingHours(house, orders, access_log, clock, rulebook),
        voice=Voice(FileVoiceBook(lambda: catalog_of(settings)), versions, access_log),
        topics=TopicWordLists(topics, versions, conversations, access_log),
        directory=ExecutorDirectory(FileDirectoryBook(words_of(settings)), versions, access_log, rulebook),
        speech=SpeechWords(OwnWords(settings.data / "models", house.model), house, workshop, access_log),
    )  # fmt: skip


@dataclass(slots=True)
class Follower:
    """Lets the console work by what the files say now, whoever has changed them: a page, a command, an editor."""

    settings: Settings
    config: Path | None
    rooms: Rooms
    _seen: tuple[float, ...] = field(default=())

    def __post_init__(self) -> None:
        self._seen = self._stamp()

    def look(self) -> None:
        """Read anew when something has changed; files that cannot be read now are looked at again next time."""
        seen = self._stamp()
        if seen == self._seen:
            return
        try:
            settings = read_settings(self.config)
            rulebook = rulebook_of(settings)
        except SettingsError as fault:
            log.error("the changed files cannot be used: %s", fault, extra={"action": "rulebook_refused"})
            return
        self._seen, rooms = seen, self.rooms
        rooms.rulebook = rooms.workplace.desk.rulebook = rulebook
        rooms.door.rules = session_rules(settings)
        rooms.reads_number = lambda text: number_in(text, settings.number_plan)

    def _stamp(self) -> tuple[float, ...]:
        return (*calendar_stamp(self.settings), *words_stamp(self.settings))


def number_in(text: str, plan: NumberPlan) -> str | None:
    """A number as people write it, with or without its signs, E.164; None: it is none."""
    digits = "".join(letter for letter in text if letter in "0123456789")
    number = complete(digits, plan) if all(letter in "0123456789+-() \u00a0." for letter in text) else None
    return number.e164 if number else None
