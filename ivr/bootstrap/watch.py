"""The timetable put together: what is looked at, how often, and who is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from ivr.adapters.clock import SystemClock
from ivr.adapters.courier import HttpCourier
from ivr.adapters.files.calendar import production_table
from ivr.adapters.files.disk import free_share
from ivr.adapters.files.notice_words import notice_line
from ivr.adapters.files.production import known_until
from ivr.adapters.files.settings import Settings
from ivr.adapters.files.ui import words
from ivr.adapters.mail.notices import NoticeWords, SmtpNotices
from ivr.adapters.sip.probe import answers, host_and_port, is_reachable
from ivr.adapters.storage.leader import BEAT_SECONDS, lease_of
from ivr.adapters.storage.notice_letters import DatabaseNoticeLetters
from ivr.adapters.storage.notices import DatabaseNoticeBook
from ivr.adapters.storage.outbox import DatabaseOutbox
from ivr.adapters.storage.search_index import index_old
from ivr.adapters.storage.tallies import DatabaseTallies
from ivr.adapters.timetable import Sweep, Timetable
from ivr.bootstrap.files import calendar_stamp, municipalities_of
from ivr.bootstrap.keeping import build_keeping_room
from ivr.bootstrap.office import CallbackRoom, mail_server
from ivr.domain.municipality import Municipalities
from ivr.ports.storage import nobody
from ivr.services.callbacks import CallbackDesk
from ivr.services.curator import DayCounting
from ivr.services.deadlines import Deadlines
from ivr.services.notice_post import NoticePost
from ivr.services.webhooks import Letters


class Book(Protocol):
    """Holds the database open."""

    def dispose(self) -> None:
        """Let go of it."""


@dataclass(slots=True)
class Watch:
    """The timetable of one node, and what has to know the hours.

    Attributes:
        deadlines: who is told of what, for each municipality.
    """

    settings: Settings
    timetable: Timetable
    desk: CallbackDesk
    deadlines: Sequence[Deadlines]
    books: Sequence[Book]
    served: Municipalities
    _calendar_seen: tuple[float, ...] = ()

    def follow_calendar(self) -> bool:
        """Read the calendars anew when their files have changed; whether they have. (Every node, leader or not.)"""
        seen = calendar_stamp(self.settings)
        if seen == self._calendar_seen:
            return False
        self._calendar_seen = seen
        self.served = municipalities_of(self.settings)
        self.desk.follow(self.served)
        for town in self.deadlines:
            town.follow(self.served.named(town.municipality).calendar)
        return True

    def dispose(self) -> None:
        """Let go of the database."""
        for book in self.books:
            book.dispose()


def build_watch(room: CallbackRoom, node: str) -> Watch:
    """The sweeps over the journal; of all nodes upon one database one makes them."""
    settings, clock, desk = room.settings, SystemClock(), room.desk()
    sender, served = notice_sender(room), municipalities_of(settings)
    notices, lease = DatabaseNoticeBook(room.engine), lease_of(room.engine)
    letters, outbox = DatabaseNoticeLetters(room.engine), DatabaseOutbox(room.engine)
    neighbours, kept = _neighbours(settings, sender), build_keeping_room(settings, room.engine)
    deadlines = [
        Deadlines(
            municipality=town.key, callbacks=room.book, notices=notices, troubles=room.troubles, clock=clock,
            rules=room.rulebook.rules, calendar=town.calendar, announce=room.announce,
            free_share=lambda: free_share(settings.data), known_until=lambda: known_until(production_table()),
            neighbours=neighbours if town is served.first else {},
            letters=settings.notices.addressees if sender else nobody,
        ) for town in served.served
    ]  # fmt: skip
    sweeps = [
        Sweep("callbacks", 20, _each(deadlines, Deadlines.watch_callbacks)),
        Sweep("claims", 20, desk.sweep),
        Sweep("trunk", 20, partial(deadlines[0].watch_neighbours, "trunk")),
        Sweep("mail", 300, partial(deadlines[0].watch_neighbours, "mail")),
        Sweep("house", 300, _each(deadlines, Deadlines.watch_house)),
        Sweep("reports", 60, room.clerk(notices).sweep),
        Sweep("retention", 600, kept.retention.sweep),
        Sweep("webhooks", 5, Letters(outbox, HttpCourier(), clock).sweep),
    ]
    beat = BEAT_SECONDS if room.engine.dialect.name == "postgresql" else 20.0
    if sender:
        sweeps.append(Sweep("letters", 20, NoticePost(letters, sender, clock).sweep))
    timetable = Timetable(sweeps, lease, clock, node, beat_seconds=beat)
    tallies = room.tallies()
    watch = Watch(settings, timetable, desk, deadlines, (notices, lease, letters, outbox, tallies, kept), served)
    watch.timetable.sweeps = (*sweeps, *_shift_sweeps(room, watch), *_page_sweeps(room, watch, tallies))
    return watch


def _each(towns: Sequence[Deadlines], look: Callable[[Deadlines], Awaitable[int]]) -> Callable[[], Awaitable[int]]:
    async def look_at_all() -> int:
        return sum([await look(town) for town in towns])

    return look_at_all


def _shift_sweeps(room: CallbackRoom, watch: Watch) -> Sequence[Sweep]:
    """Who is at work (clause 9): too few are told of, telephones are followed where the settings say so."""
    shift, least = room.shift(), room.rulebook.rules.operators_at_least

    async def enough() -> int:
        since = [await shift.few_since(town, least) for town in watch.served.served]
        return sum([await town.watch_shift(few) for town, few in zip(watch.deadlines, since, strict=True)])

    async def phones() -> int:
        return sum([await shift.follow_phones(town, is_reachable) for town in watch.served.served])

    sweeps = [Sweep("shift", 20, enough)]
    return [*sweeps, Sweep("phones", 30, phones)] if watch.settings.desk.probe_phones else sweeps


def _page_sweeps(room: CallbackRoom, watch: Watch, tallies: DatabaseTallies) -> Sequence[Sweep]:
    """What the journal's search and the curator's pages live on: words of old rows, days in counts."""
    counting = DayCounting(tallies, SystemClock())

    async def count() -> int:
        return sum([await counting.sweep(town.key, town.calendar) for town in watch.served.served])

    async def index() -> int:
        return await asyncio.to_thread(index_old, room.engine)

    return Sweep("tallies", 60, count), Sweep("words", 5, index)


def notice_sender(room: CallbackRoom) -> SmtpNotices | None:
    """Who hands letters about notices over, None when there is no mail."""
    mail, zone = mail_server(room.settings), room.rulebook.calendar.zone
    if mail is None:
        return None
    whose = " ".join(room.settings.municipality.title.split())
    how = NoticeWords(
        lambda count: words("notices.letter_subject", count=count), lambda notice: notice_line(notice, zone),
        lambda lines: words("notices.letter_body", municipality=whose, lines=lines),
    )  # fmt: skip
    return SmtpNotices(mail, how)


def _neighbours(settings: Settings, sender: SmtpNotices | None) -> Mapping[str, Callable[[], Awaitable[bool]]]:
    """The PBX by OPTIONS, the mail server by a greeting."""
    phone = settings.phone
    addresses = {phone.trunk, phone.registration.registrar if phone.registration else ""} - {""}
    known = {address: host_and_port(address) for address in sorted(addresses)} if phone.watch_trunk else {}
    asked: dict[str, Callable[[], Awaitable[bool]]] = {
        f"trunk:{address}"[:64]: partial(answers, *where) for address, where in known.items() if where
    }
    if sender:
        asked["mail"] = partial(asyncio.to_thread, sender.works)
    return asked
