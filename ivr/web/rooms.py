"""All that the pages may use: services, and what they need of the world. Put together in `ivr.bootstrap`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from ivr.domain.card import Rulebook
from ivr.domain.message import Message
from ivr.domain.referral import Referral
from ivr.domain.report_words import ReportWords
from ivr.domain.retention import Act, Destroyed
from ivr.errors import RuleBroken
from ivr.ports import Clock
from ivr.ports.access import Words
from ivr.ports.console import News
from ivr.services.access import Door
from ivr.services.audit import AccessLog
from ivr.services.board import LiveBoard
from ivr.services.calling import Calling
from ivr.services.citizen import CitizenData
from ivr.services.curator import Curator
from ivr.services.entrance import Entrance
from ivr.services.executors import ExecutorDirectory
from ivr.services.hours import WorkingHours
from ivr.services.house import HouseSettings
from ivr.services.intake_desk import IntakeDesk
from ivr.services.listening import Listening
from ivr.services.paper_desk import PaperDesk
from ivr.services.papers import Papers
from ivr.services.people import People
from ivr.services.region import Region
from ivr.services.register import Journals
from ivr.services.report_office import ReportOffice
from ivr.services.retention import Keeping
from ivr.services.reviews import Audit
from ivr.services.setup import Setup
from ivr.services.speech_words import SpeechWords
from ivr.services.topic_lists import TopicWordLists
from ivr.services.voice import Voice
from ivr.services.webhooks import Webhooks
from ivr.services.workplace import Workplace


@dataclass(frozen=True, slots=True)
class Manners:
    """How the console behaves towards browsers.

    Attributes:
        secure: cookies for HTTPS only.
        hosts: names it answers to; empty: all.
        proxies: whose X-Forwarded-For and -Proto are believed.
        metrics_from: who may read the metrics.
    """

    secure: bool = True
    hosts: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    metrics_from: tuple[str, ...] = ("127.0.0.1", "::1")


@dataclass(slots=True)
class Administration:
    """What people with the right to it look after the house with.

    Attributes:
        follow: read anew what has been changed in files, by whomever; called often.
    """

    house: HouseSettings
    hours: WorkingHours
    voice: Voice
    topics: TopicWordLists
    directory: ExecutorDirectory
    follow: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Town:
    """A municipality as its people see it.

    Attributes:
        rulebook: by its own hours and executors.
        reads_number: a telephone number as its people write it, E.164; None when it is none.
    """

    key: str
    title: str
    rulebook: Rulebook
    reads_number: Callable[[str], str | None]
    administration: Administration

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone."""
        return self.rulebook.calendar.zone


@dataclass(slots=True)
class ReportRooms:
    """Where reports are made, let go and taken; `words` are those of the forms."""

    office: ReportOffice
    papers: PaperDesk
    intake: IntakeDesk
    words: ReportWords


@dataclass(slots=True)
class KeepingRooms:
    """What becomes of citizens' data.

    Attributes:
        paper: an act with all that it names as the text to be printed and signed.
    """

    keeping: Keeping
    citizens: CitizenData
    paper: Callable[[Act, Sequence[Destroyed]], str]


@dataclass(slots=True)
class Rooms:
    """The services behind the pages.

    Attributes:
        words: texts for people by dotted key.
        refusal: a broken rule as a sentence for people.
        town: a municipality by its key, as it is now; "": the house's own.
        administration: that of the house's own.
        vouched_by: what people call the organisation's own sign-in, "" where there is none.
        ready: whether the database answers.
        papers: what writes workbooks of a municipality; made when it is first asked for.
        table: a title, heads and rows as a workbook.
        sheet: a question, its message and the topic's title as the page that goes to the executor.
    """

    door: Door
    entrance: Entrance
    people: People
    log: AccessLog
    workplace: Workplace
    listening: Listening
    journals: Journals
    papers: Callable[[str], Papers]
    calling: Calling
    board: LiveBoard
    curator: Curator
    region: Region
    audit: Audit
    webhooks: Webhooks
    setup: Setup
    administration: Administration
    reports: ReportRooms
    keeping: KeepingRooms
    speech: SpeechWords
    news: News
    clock: Clock
    words: Words
    refusal: Callable[[RuleBroken, ZoneInfo], str]
    town: Callable[[str], Town]
    ready: Callable[[], Awaitable[Mapping[str, bool]]]
    table: Callable[[str, Sequence[str], Sequence[Sequence[Any]]], bytes]
    sheet: Callable[[Referral, Message, str], str]
    vouched_by: str = ""
    manners: Manners = field(default_factory=Manners)
