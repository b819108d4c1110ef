"""The room of what is kept and destroyed: terms, holds, acts, one person's data (clause 6.3, 152-FZ)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from ivr.adapters.clock import SystemClock
from ivr.adapters.files.dossier import ZipDossiers
from ivr.adapters.files.settings import Settings
from ivr.adapters.files.ui import words
from ivr.adapters.storage.access_log import DatabaseAccessBook
from ivr.adapters.storage.conversations import DatabaseConversations
from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.erasure import DatabaseErasure, Derived
from ivr.adapters.storage.keeping import DatabaseActBook, DatabaseHoldBook
from ivr.adapters.storage.refused import forget_refused
from ivr.adapters.storage.search_index import NAME as INDEX
from ivr.adapters.storage.search_index import forget_words
from ivr.bootstrap.administration import number_in
from ivr.bootstrap.files import calendar_of, municipalities_of, regulation_of
from ivr.bootstrap.voices import Archive, archive_of
from ivr.domain.retention import Act, Destroyed, Term
from ivr.language.lexicon import NumberPlan
from ivr.ports import Clock, Recordings
from ivr.services.audit import AccessLog
from ivr.services.citizen import CitizenData
from ivr.services.listening import Listening
from ivr.services.retention import Keeping, Retention

DERIVED: Mapping[str, Derived] = {INDEX: {"message": forget_words}}
"""By the name of a derived table (a full-text index): what brings it up to date when rows of a table are erased."""


@dataclass(slots=True)
class KeepingRoom:
    """What becomes of citizens' data."""

    retention: Retention
    keeping: Keeping
    citizens: CitizenData
    listening: Listening
    books: tuple[DatabaseErasure, DatabaseActBook, DatabaseHoldBook, DatabaseAccessBook, DatabaseConversations]
    recordings: Archive | None

    def dispose(self) -> None:
        """Let go of the database."""
        for book in self.books:
            book.dispose()
        if self.recordings:
            self.recordings.close()


def build_keeping_room(
    settings: Settings, engine: Engine, clock: Clock | None = None, recordings: Recordings | None = None
) -> KeepingRoom:
    """The room upon a database of the newest schema.

    Args:
        recordings: the archive of voices, where somebody has it open already.

    Raises:
        SettingsError: the calendar's or the regulation's file is wrong.
    """
    clock, own = clock or SystemClock(), None
    if recordings is None:
        recordings = own = archive_of(settings)
    derived = {table: work for one in DERIVED.values() for table, work in one.items()}
    erasure = DatabaseErasure.over(engine, recordings.remove, derived)
    acts, holds, book = DatabaseActBook(engine), DatabaseHoldBook(engine), DatabaseAccessBook(engine)
    log, spool = AccessLog(book, clock), settings.data / "spool"
    retention = Retention(
        erasure, acts, recordings, log, clock, lambda: terms_of(settings), lambda before: forget_refused(spool, before),
    )  # fmt: skip
    conversations = DatabaseConversations(engine)
    dossiers = ZipDossiers(recordings, words, calendar_of(settings).zone)
    citizens = CitizenData(erasure, retention, dossiers, log, clock, lambda text: forms_of(text, settings.number_plan))
    return KeepingRoom(
        retention, Keeping(holds, acts, log, clock), citizens, Listening(recordings, conversations, log),
        (erasure, acts, holds, book, conversations), own,
    )  # fmt: skip


def terms_of(settings: Settings) -> Mapping[str, Term]:
    """How long rows are kept, by municipality; "" is for those that are served no longer.

    Raises:
        SettingsError: a calendar's or the regulation's file is wrong.
    """
    usual, served = regulation_of(settings).retention_days, municipalities_of(settings)
    zones = {town.key: town.calendar.zone for town in served.served}
    terms = {town.key: Term(town.retention_days or usual, zones[town.key]) for town in settings.served}
    return {**terms, "": Term(usual, served.first.calendar.zone)}


def open_keeping_room(settings: Settings) -> KeepingRoom:
    """The same for a command, the database brought to the newest schema.

    Raises:
        JournalError: the database is away.
        SettingsError: a file or the database is not as it should be.
    """
    engine = connect(settings.database_url)
    upgrade(engine)
    return build_keeping_room(settings, engine)


def forms_of(text: str, plan: NumberPlan) -> Sequence[str]:
    """A number as people write it, in all the forms in which exchanges tell it; none: it is no number."""
    number = number_in(text, plan)
    if number is None:
        return ()
    digits = number.lstrip("+")
    forms = [number, digits, f"8{digits[1:]}", digits[1:]]
    local = [digits[1:].removeprefix(code) for code in (plan.local_code, plan.regional_code)]
    return tuple(dict.fromkeys((*forms, *(short for short in local if number_in(short, plan) == number))))


def act_text(settings: Settings, act: Act, rows: Sequence[Destroyed]) -> str:
    """The paper of an act: what the order of Roskomnadzor No. 179 asks for, then line by line what was destroyed."""
    terms = terms_of(settings)
    term = terms.get(act.municipality, terms[""])
    zone = term.zone
    titles = {town.key: town.title for town in settings.served}

    def at(moment: datetime | None) -> str:
        return f"{moment.astimezone(zone):%d.%m.%Y %H:%M:%S}" if moment else ""

    counts = "\n".join(f"  {words(f'keeping.thing.{name}')}: {count}" for name, count in act.counts.items())
    by = act.by or words("keeping.by_itself")
    head = words(
        "keeping.paper", act=act.id, title=" ".join(titles.get(act.municipality, act.municipality).split()),
        begun=at(act.begun_at), ended=at(act.ended_at), by=by, rule=words(f"keeping.rule.{act.rule}"), why=act.why,
        counts=counts, digest=act.digest, days=term.days,
    )  # fmt: skip
    cells = ((words(f"keeping.thing.{row.thing}"), row.key, at(row.of), at(row.at), str(row.sounds)) for row in rows)
    lines = map("\t".join, cells)
    return "\n".join([head, words("keeping.paper_columns"), *lines, ""])
