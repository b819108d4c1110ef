"""What the reports ask of the world: the journal to read, files to make, an archive, a mail server (clauses 16-19)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import IO, Protocol

from ivr.domain.letter import FiledReport, Letter, ReportKind
from ivr.domain.message import Message
from ivr.domain.month import MonthReport
from ivr.domain.older_journal import SheetHead, SheetRow
from ivr.domain.paper import PaperSheet
from ivr.domain.report import Heading, LoadDay, LoadWeek, MessageRow, Period, Promise, WeekRow
from ivr.domain.vocabulary import Kind


class ReportSource(Protocol):
    """What the reports are made of. Reading may take seconds: never on the loop's thread."""

    def municipalities(self) -> Sequence[str]:
        """Keys of those that have messages."""

    def count(self, municipality: str, period: Period) -> int:
        """How many messages a period has."""

    def messages(self, municipality: str, period: Period) -> Iterator[Message]:
        """Messages by start of call, a few at a time, so that a year needs no more memory than a day."""

    def load(self, municipality: str, period: Period) -> Sequence[LoadDay]:
        """The load of each day that had any."""

    def promises(self, municipality: str, period: Period) -> Sequence[Promise]:
        """The callbacks that fell due in a period."""

    def titles(self, edition: str, kind: Kind) -> Mapping[str, str]:
        """Words for people of an edition of the lists, by key; empty for an edition never kept."""


class Workbooks(Protocol):
    """Papers as .xlsx files; each method writes one and returns how many rows it tells of."""

    def load(self, target: IO[bytes], weeks: Sequence[LoadWeek], heading: Heading) -> int:
        """Appendix 1."""

    def messages(self, target: IO[bytes], rows: Iterable[MessageRow], heading: Heading) -> int:
        """Appendix 2."""

    def week(self, target: IO[bytes], rows: Iterable[WeekRow], heading: Heading) -> int:
        """Appendix 3."""

    def month(self, target: IO[bytes], report: MonthReport, heading: Heading) -> int:
        """The month for the head."""


PaperReader = Callable[[bytes], Sequence[PaperSheet]]
"""A workbook of ours as it is read on a screen."""


class OlderFiles(Protocol):
    """Older journals of messages as people kept them."""

    def rows(self, file: IO[bytes], name: str) -> Iterator[SheetHead | SheetRow]:
        """The head of each sheet that is a journal, and then its rows.

        Raises:
            RuleBroken: the file is no .xlsx workbook, or no sheet of it is a journal.
        """


class MessageIntake(Protocol):
    """Messages that did not come by telephone to this product put into its journal, and out again."""

    def take_in(self, messages: Iterable[Message]) -> int:
        """Keep messages, each with a call that counts in no load; those that are there already stay as they are."""

    def take_back(self, messages: Iterable[str]) -> int:
        """Remove messages that were taken in, by id; how many were there. Others are never touched."""


class Archive(Protocol):
    """The reports that were made, kept as they were, and the letters they go out with. Each method a transaction."""

    def file(self, report: FiledReport, content: bytes) -> bool:
        """Keep a report; False when this edition is kept already."""

    def filed(self, municipality: str, kind: ReportKind, at_most: int = 10) -> Sequence[FiledReport]:
        """The latest reports, newest period and edition first."""

    def find(self, report: str) -> FiledReport | None:
        """By id."""

    def content(self, report: str) -> bytes:
        """The file of a report.

        Raises:
            JournalError: there is no such report.
        """

    def approve(self, report: str, by: str, at: datetime, recipients: Sequence[str]) -> bool:
        """Let a report go to its recipients; False when it was let go before."""

    def reported(self, report: str, by: str, at: datetime) -> bool:
        """The head has been told (clause 18); False when that was marked before."""

    def letters(self, *reports: str) -> Sequence[Letter]:
        """The letters of these reports, by report and addressee."""

    def report_of(self, letter: Letter) -> FiledReport:
        """The report a letter carries."""

    def claim(self, at: datetime, until: datetime) -> Letter | None:
        """A letter whose time has come, for the one who asks and nobody else until then."""

    def hand_over(self, letter: Letter) -> bool:
        """The last word is about to be said; False when somebody else has the letter by now: say nothing."""

    def delivered(self, letter: Letter, reply: str, at: datetime) -> None:
        """The server has taken it."""

    def put_off(self, letter: Letter, why: str, next_try_at: datetime) -> None:
        """It was not taken; try again then."""

    def in_doubt(self, letter: Letter, why: str) -> None:
        """Nobody knows whether it was taken."""

    def find_doubtful(self, at: datetime) -> Sequence[Letter]:
        """Letters being handed over when their sender died are in doubt from now on; all that are in doubt."""

    def settle(self, letter: str, *, arrived: bool, by: str, at: datetime) -> bool:
        """A person has asked the addressee: it arrived, or it is to be sent again. False: it was not in doubt."""


class Post(Protocol):
    """Handing letters to a mail server, over verified TLS only."""

    def send(self, letter: Letter, report: FiledReport, content: bytes, last_word: Callable[[], None]) -> str:
        """Send it; the server's reply.

        Args:
            last_word: called when everything is sent but the mark that makes the server take the letter.

        Raises:
            PostError: the server has not taken it.
            PostUncertain: the mark was sent and no answer came.
        """

    def check(self) -> str:
        """The server would take a letter from us now; its name.

        Raises:
            PostError: it would not.
        """
