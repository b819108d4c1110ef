"""The room of those who look after the house: settings, hours, words, voices, models."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ivr.adapters.files.calendar import FileOrderBook
from ivr.adapters.files.directory import FileDirectoryBook
from ivr.adapters.files.house_book import VERSIONS, FileHouseBook
from ivr.adapters.files.settings import Settings, read_settings
from ivr.adapters.files.topic_book import FileTopicBook
from ivr.adapters.files.versions import FileVersions
from ivr.adapters.files.voice_book import FileVoiceBook
from ivr.bootstrap.access import session_rules
from ivr.bootstrap.files import (
    calendar_file,
    calendar_stamp,
    catalog_of,
    directory_of,
    orders_file,
    town_folder,
    words_of,
    words_stamp,
)
from ivr.bootstrap.office import rulebook_of
from ivr.domain.card import Rulebook
from ivr.errors import SettingsError
from ivr.language.lexicon import NumberPlan
from ivr.language.phones import complete
from ivr.ports import Clock
from ivr.ports.console import Conversations
from ivr.services.access import Door
from ivr.services.audit import AccessLog
from ivr.services.callbacks import CallbackDesk
from ivr.services.executors import ExecutorDirectory
from ivr.services.hours import WorkingHours
from ivr.services.house import HouseSettings
from ivr.services.topic_lists import TopicWordLists
from ivr.services.voice import Voice
from ivr.web.rooms import Administration, Town

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Offices:
    """Where the files of each municipality are looked after; made when they are first asked for.

    Attributes:
        desk: knows the rulebook as it is now.
        follow: reads anew what has changed.
    """

    settings: Settings
    config: Path | None
    log: AccessLog
    clock: Clock
    desk: CallbackDesk
    conversations: Conversations
    follow: Callable[[], None] = lambda: None
    _known: dict[str, Administration] = field(default_factory=dict)

    def of(self, municipality: str) -> Administration:
        """Those of one municipality that is served."""
        if municipality not in self._known:
            self._known[municipality] = self._made(municipality)
        return self._known[municipality]

    def _made(self, key: str) -> Administration:
        settings, table = self.settings, self.settings.named(key)
        house = FileHouseBook(town_folder(settings, key), self.config, calendar_file(table.calendar))
        versions = FileVersions(town_folder(settings, key) / VERSIONS)

        def rulebook() -> Rulebook:
            return self.desk.rulebook.of(key)

        return Administration(
            house=HouseSettings(house, self.log),
            hours=WorkingHours(house, FileOrderBook(orders_file(settings, key)), self.log, self.clock, rulebook),
            voice=Voice(FileVoiceBook(lambda: catalog_of(settings, key)), versions, self.log),
            topics=TopicWordLists(
                FileTopicBook(words_of(settings, key), settings.plan_of(key)), versions, self.conversations, self.log
            ),
            directory=ExecutorDirectory(FileDirectoryBook(directory_of(settings, key)), versions, self.log, rulebook),
            follow=self.follow,
        )  # fmt: skip


@dataclass(slots=True)
class Follower:
    """Lets the console work by what the files say now, whoever has changed them: a page, a command, an editor."""

    offices: Offices
    door: Door
    _seen: tuple[float, ...] = field(default=())
    _now: Settings = field(init=False)

    def __post_init__(self) -> None:
        self._seen, self._now = self._stamp(), self.offices.settings
        self.offices.follow = self.look

    def town(self, key: str) -> Town:
        """A municipality as its people see it now; the house's own for none, or for one that is served no longer."""
        table = self._now.named(key)
        plan = self._now.plan_of(table.key)
        return Town(
            table.key, table.title, self.offices.desk.rulebook.of(table.key), lambda text: number_in(text, plan),
            self.offices.of(table.key),
        )  # fmt: skip

    def look(self) -> None:
        """Read anew when something has changed; files that cannot be read now are looked at again next time."""
        seen = self._stamp()
        if seen == self._seen:
            return
        try:
            settings = read_settings(self.offices.config)
            rulebook = rulebook_of(settings)
        except SettingsError as fault:
            log.error("the changed files cannot be used: %s", fault, extra={"action": "rulebook_refused"})
            return
        self._seen, self._now = seen, settings
        self.offices.desk.rulebook = rulebook
        self.door.rules = session_rules(settings)

    def _stamp(self) -> tuple[float, ...]:
        return (*calendar_stamp(self.offices.settings), *words_stamp(self.offices.settings))


def number_in(text: str, plan: NumberPlan) -> str | None:
    """A number as people write it, with or without its signs, E.164; None: it is none."""
    digits = "".join(letter for letter in text if letter in "0123456789")
    number = complete(digits, plan) if all(letter in "0123456789+-() \u00a0." for letter in text) else None
    return number.e164 if number else None
