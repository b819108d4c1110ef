"""What the house is told of itself: settings, words and sounds that people change in the console."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from ivr.domain.calendar import Order
from ivr.domain.directory import Executor
from ivr.domain.phrase import Fault, Phrase
from ivr.domain.topic_lists import Mistake, TopicLists
from ivr.domain.version import Version
from ivr.language.facts import Certain
from ivr.language.local_words import WordKind

Tables = Mapping[str, Mapping[str, object]]
"""Values by table and key; None: what the installer's file says."""


class Versions(Protocol):
    """All that was ever kept under a name, each content with who made it."""

    def of(self, what: str) -> Sequence[Version]:
        """The newest first."""

    def content(self, what: str, number: int) -> bytes:
        """The content of a version.

        Raises:
            RuleBroken: there is no such version.
        """

    def keep(self, what: str, content: bytes, by: str, note: str) -> Version:
        """A new version; on the disk when this returns."""


class VoiceBook(Protocol):
    """The recorded phrases; people's own hide the installer's."""

    def phrases(self) -> Sequence[Phrase]:
        """All of them, as they are heard now."""

    def faults(self) -> Sequence[Fault]:
        """What is wrong with some. May take a second: never on the loop's thread."""

    def file(self, name: str, *, installed: bool = False) -> bytes:
        """The WAV file that is heard, or the installer's."""

    def keep(self, name: str, blob: bytes, says: str) -> bytes:
        """Put a WAV file of any rate in place of a phrase; the file as it is kept.

        Raises:
            RuleBroken: the file will not do.
        """

    def put_back(self, name: str, content: bytes, says: str) -> None:
        """Put a file that was kept before in place of a phrase."""

    def forget(self, name: str) -> None:
        """From now on the installer's voice is heard."""


class TopicBook(Protocol):
    """The file with the words of the topics; people's own hides the installer's."""

    def text(self) -> str:
        """The file that holds."""

    def installed(self) -> str:
        """The installer's."""

    def topics(self) -> Sequence[TopicLists]:
        """In the regulation's order."""

    def with_topic(self, key: str, lists: Mapping[str, str]) -> str:
        """The whole file with other lists of one topic."""

    def mistakes(self, text: str) -> Sequence[Mistake]:
        """What is wrong with such a file."""

    def keep(self, text: str) -> None:
        """From now on this holds."""

    def forget(self) -> None:
        """From now on the installer's holds."""

    def reader(self, text: str) -> Callable[[str], Sequence[Certain[str]]]:
        """What finds the topics of a message with such a file. Takes a second: never on the loop's thread."""


class DirectoryBook(Protocol):
    """The file of executors; people's own hides the installer's."""

    def text(self) -> str:
        """The file that holds."""

    def keep(self, executors: Sequence[Executor]) -> str:
        """From now on these; the file's text."""

    def put_back(self, text: str | None) -> None:
        """A text that was kept before holds again; None: the installer's."""


class OrderBook(Protocol):
    """People's orders about single days ("closed today")."""

    def orders(self) -> Mapping[date, Order]:
        """By day."""

    def keep(self, day: date, order: Order | None) -> None:
        """Give an order about a day, in place of the one before; None takes it back.

        Raises:
            SettingsError: the hours are no hours.
        """


@dataclass(frozen=True, slots=True)
class SpeechModel:
    """The recogniser's model, as far as its words are concerned.

    Attributes:
        letters: with which a word can be spelled; "": it takes no words, since it is "fixed" or stands "elsewhere".
        words: that people have added, with what they name.
    """

    name: str
    letters: str = ""
    words: Mapping[str, WordKind] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True, slots=True)
class Taught:
    """What an addition did.

    Attributes:
        model: folder of the new model, "" when every form was known.
        added, known: forms of the words.
    """

    model: str
    added: Sequence[str]
    known: Sequence[str]


class SpeechModels(Protocol):
    """The model in use, and copies of it with more words."""

    def now(self) -> SpeechModel:
        """The one in use."""

    def add(self, words: Mapping[str, WordKind], forms: Mapping[str, str]) -> Taught:
        """Make a copy that knows more words. Takes seconds: never on the loop's thread.

        Args:
            words: with what they name, to be told by `now` afterwards.
            forms: of these words, each with its class in the grammar.

        Raises:
            SettingsError: the model takes none, or the tools are missing.
        """


class HouseBook(Protocol):
    """Settings changed by people, over those of the installer's files; every version is kept."""

    def settings(self) -> Tables:
        """What holds now, by table: "municipality", "phone", "desk", "mail" …"""

    def week(self) -> Mapping[str, str]:
        """Hours of each weekday ("monday": "09:00-18:00", "closed")."""

    def days(self) -> Mapping[str, str]:
        """Local days that people have set: "2026-12-31": "closed"."""

    def change(self, by: str, tables: Tables) -> None:
        """Change values of tables.

        Raises:
            SettingsError: the product could not work with them; nothing is changed.
            RuleBroken: a password that they name is there no more; nothing is changed.
        """

    def change_week(self, by: str, week: Mapping[str, str]) -> None:
        """Change the hours.

        Raises:
            SettingsError: they are no hours; nothing is changed.
        """

    def change_days(self, by: str, days: Mapping[str, str]) -> None:
        """Change the local days, all at once.

        Raises:
            SettingsError: no dates, or no hours; nothing is changed.
        """

    def keep_secret(self, name: str, secret: str) -> str:
        """Keep a password where only the service reads it; the path for the settings. It is never shown again.

        The one in use stays: the settings that are to name this one may yet be refused.
        """

    def forget_secrets(self, name: str) -> None:
        """Forget all passwords kept under this table's name but the one that the settings name now."""

    def history(self) -> Sequence[Version]:
        """Versions of the changed settings, the newest first."""

    def values(self, number: int) -> Tables:
        """What a version says: only what people had changed; of number 0 nothing.

        Raises:
            RuleBroken: there is no such version.
        """

    def restore(self, by: str, number: int) -> None:
        """Put a version back, as a new one; number 0: the installer's file alone.

        Raises:
            RuleBroken: there is no such version, or a password that it names is there no more.
            SettingsError: the product could not work with it now; nothing is changed.
        """
