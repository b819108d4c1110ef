"""The console put together: services over the database, the live wire, the intercom, the settings people change."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Protocol

from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from ivr.adapters.clock import SystemClock
from ivr.adapters.files.house_book import FileHouseBook
from ivr.adapters.files.settings import Settings
from ivr.adapters.files.sheet import executor_sheet
from ivr.adapters.files.ui import refusal, words
from ivr.adapters.intercom import IntercomSwitchboard
from ivr.adapters.live import LiveReceiver
from ivr.adapters.speech.own_words import OwnWords
from ivr.adapters.storage.conversations import DatabaseConversations
from ivr.adapters.storage.corrections import DatabaseCorrectionBook
from ivr.adapters.storage.database import looking
from ivr.adapters.storage.outbox import DatabaseOutbox
from ivr.adapters.storage.region import DatabaseRegionBook
from ivr.adapters.storage.register import DatabaseRegister
from ivr.adapters.storage.report_source import JournalReportSource
from ivr.adapters.storage.reviews import DatabaseReviews
from ivr.adapters.storage.worklist import DatabaseWorklist
from ivr.adapters.workbooks.table import write_table
from ivr.bootstrap.access import AccessRoom, build_access_room
from ivr.bootstrap.administration import Follower, Offices
from ivr.bootstrap.files import calendar_stamp, intercoms, live_folder, municipalities_of
from ivr.bootstrap.keeping import act_text, build_keeping_room
from ivr.bootstrap.lamps import lamps_of
from ivr.bootstrap.office import CallbackRoom, build_callback_room, build_report_desk
from ivr.bootstrap.reports import Desks, build_report_rooms
from ivr.bootstrap.voices import Archive, archive_of
from ivr.domain.message import Message
from ivr.domain.municipality import Municipalities, Municipality
from ivr.domain.referral import Referral
from ivr.ports import Clock
from ivr.ports.access import Passwords
from ivr.ports.console import News, Switchboard
from ivr.services.board import LiveBoard
from ivr.services.calling import Calling
from ivr.services.curator import Curator
from ivr.services.listening import Listening
from ivr.services.long_work import Workshop
from ivr.services.papers import Papers
from ivr.services.region import Region
from ivr.services.register import Journals
from ivr.services.reviews import Audit
from ivr.services.setup import Setup
from ivr.services.speech_words import SpeechWords
from ivr.services.webhooks import Webhooks
from ivr.services.workplace import Workplace
from ivr.web.app import create_app
from ivr.web.rooms import KeepingRooms, Manners, Rooms, Town


class Book(Protocol):
    """Something upon the database."""

    def dispose(self) -> None:
        """Let go of it."""


@dataclass(slots=True)
class Console:
    """The web application and what it holds open."""

    app: FastAPI
    rooms: Rooms
    callbacks: CallbackRoom
    access: AccessRoom
    news: News
    books: Sequence[Book]
    recordings: Archive = field(repr=False)
    workshop: Workshop = field(repr=False)

    def dispose(self) -> None:
        """Let go of everything."""
        self.workshop.close()
        if isinstance(self.news, LiveReceiver):
            self.news.close()
        for book in self.books:
            book.dispose()
        self.access.dispose()
        self.recordings.close()
        self.callbacks.dispose()


def build_console(
    settings: Settings, config: Path | None = None, *, passwords: Passwords | None = None, clock: Clock | None = None,
    switchboard: Switchboard | None = None, news: News | None = None,
) -> Console:  # fmt: skip
    """The console upon the database, brought to the newest schema.

    Args:
        config: the installer's settings file, None for the usual one.
        passwords, clock, switchboard, news: others than the real ones, for tests.

    Raises:
        SettingsError: a file or the database is not as it should be.
    """
    clock = clock or SystemClock()
    room = build_callback_room(settings)
    access = build_access_room(settings, room.engine, passwords, clock)
    news = news or LiveReceiver(live_folder(settings))
    worklist, conversations = DatabaseWorklist(room.engine), DatabaseConversations(room.engine)
    corrections, outbox = DatabaseCorrectionBook(room.engine), DatabaseOutbox(room.engine)
    register = DatabaseRegister(room.engine)
    recordings, house = archive_of(settings), FileHouseBook(settings.data, config)
    desk = room.desk()
    desk.clock = clock
    workplace = Workplace(
        desk, worklist, conversations, corrections, access.people, access.log, room.announce,
        settings.municipality.key,
    )  # fmt: skip
    switchboard = switchboard or IntercomSwitchboard(intercoms(settings))
    tallies, reviews = room.tallies(), DatabaseReviews(room.engine)
    region_book = DatabaseRegionBook(room.engine)
    towns = Towns(settings)
    board = _board(settings, room, conversations, access, clock, towns)
    follower = Follower(Offices(settings, config, access.log, clock, desk, conversations), access.door)
    curator = Curator(tallies, conversations, room.rulebook.rules, clock, access.log)
    workshop, served = Workshop(clock), [town.key for town in settings.served]
    region = Region(served, region_book, clock, access.log)
    kept = build_keeping_room(settings, room.engine, clock, recordings)
    rooms = Rooms(
        door=access.door, entrance=access.entrance, people=access.people, log=access.log, workplace=workplace,
        listening=Listening(recordings, conversations, access.log),
        journals=Journals(
            register, conversations, corrections, access.log, clock, lambda town: follower.town(town).zone
        ),
        papers=cache(lambda town: _papers(settings, room, town)),
        calling=Calling(workplace, switchboard, access.log, room.announce, lambda: _telephones(house)),
        board=board, curator=curator, region=region,
        audit=Audit(reviews, conversations, access.log, clock, room.announce),
        webhooks=Webhooks(outbox, access.log, clock),
        setup=Setup(access.people, access.setup_key, settings.municipality.key),
        administration=follower.town("").administration,
        reports=build_report_rooms(Desks(settings, config, room.engine), workshop, access.log, clock),
        keeping=KeepingRooms(kept.keeping, kept.citizens, lambda act, rows: act_text(settings, act, rows)),
        speech=SpeechWords(OwnWords(settings.data / "models", house.model), house, workshop, access.log),
        news=news, clock=clock, words=words, refusal=refusal, town=follower.town,
        ready=lambda: _ready(room), table=write_table,
        sheet=lambda referral, message, topic: _sheet(referral, message, topic, follower.town(message.municipality)),
        vouched_by=settings.sign_in.title if settings.sign_in else "", manners=_manners(settings),
    )  # fmt: skip
    books = (worklist, conversations, corrections, outbox, register, tallies, reviews, region_book, kept)
    return Console(create_app(rooms), rooms, room, access, news, books, recordings, workshop)


@dataclass(slots=True)
class Towns:
    """The municipalities with the hours of now: read anew when a calendar's file has changed."""

    settings: Settings
    _stamp: tuple[float, ...] = ()
    _known: Municipalities | None = None

    def named(self, key: str) -> Municipality:
        """The one with this key."""
        stamp = calendar_stamp(self.settings)
        if self._known is None or stamp != self._stamp:
            self._stamp, self._known = stamp, municipalities_of(self.settings)
        return self._known.named(key)


def _board(
    settings: Settings, room: CallbackRoom, conversations: DatabaseConversations, access: AccessRoom, clock: Clock,
    towns: Towns,
) -> LiveBoard:  # fmt: skip
    shift = room.shift()
    shift.clock = clock
    lamps = lamps_of(settings, room.troubles, clock)

    def source(town: Municipality) -> JournalReportSource:
        return JournalReportSource(room.engine, town.calendar, settings.load.counted_by)

    return LiveBoard(conversations, source, shift, towns.named, lamps, room.rulebook.rules, clock, access.log)


def _papers(settings: Settings, room: CallbackRoom, municipality: str) -> Papers:
    year = datetime.now(UTC).year
    return build_report_desk(settings, range(year - 5, year + 1), municipality, room.engine).papers()


def _sheet(referral: Referral, message: Message, topic: str, town: Town) -> str:
    return executor_sheet(referral, message, municipality=town.title, topic=topic, zone=town.zone)


def _manners(settings: Settings) -> Manners:
    web = settings.web
    return Manners(web.secure, web.hosts, web.proxies, web.metrics_from)


def _telephones(house: FileHouseBook) -> Mapping[str, str]:
    phones = house.settings()["desk"]["phones"]
    return {str(name): str(address) for name, address in phones.items()} if isinstance(phones, dict) else {}


async def _ready(room: CallbackRoom) -> Mapping[str, bool]:
    def look() -> bool:
        try:
            with looking(room.engine).connect() as db:
                db.execute(select(1))
        except SQLAlchemyError:
            return False
        return True

    return {"database": await asyncio.to_thread(look)}
