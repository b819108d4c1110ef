"""What the reports read from the journal (fulfils `ports.reports.ReportSource`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Engine, Select, and_, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from ivr.adapters.storage import tables
from ivr.adapters.storage.database import looking
from ivr.adapters.storage.ledger import legs
from ivr.adapters.storage.vocabularies import kept_titles
from ivr.domain.attempt import Failing
from ivr.domain.calendar import WorkingCalendar
from ivr.domain.callback import OPEN_STATES, Origin
from ivr.domain.contact import Address, PersonName, PhoneNumber
from ivr.domain.counting import CountedBy, count_load
from ivr.domain.message import Message
from ivr.domain.report import LoadDay, Period, Promise
from ivr.domain.vocabulary import AttemptOutcome, Kind
from ivr.errors import JournalError

_PAGE = 2000
_SAME = (
    "id", "municipality", "received_at", "topic", "caller_number", "gist", "repeated", "outcome", "operator",
    "executor", "result", "comment", "planned_at", "reason", "status", "edition",
)  # fmt: skip
_NAME = ("surname", "name", "patronymic")
_ADDRESS = ("locality", "street", "house", "flat")
_UNTIL_NAME, _UNTIL_ADDRESS = len(_SAME), len(_SAME) + len(_NAME)
_NEVER_DIALLED = [
    failing.value for failing in Failing if failing not in (Failing.OPERATOR_LEFT, Failing.LOST)
]  # fmt: skip
_NO_ATTEMPT = (AttemptOutcome.ABANDONED.value, AttemptOutcome.RETRACTED.value)


class JournalReportSource:
    """Reads pages of the journal, each in a transaction of its own, so that the lines write on meanwhile."""

    def __init__(self, engine: Engine, calendar: WorkingCalendar, counted_by: CountedBy = CountedBy.HOUSE) -> None:
        self._engine = looking(engine)
        self._calendar = calendar
        self._counted_by = counted_by

    def municipalities(self) -> Sequence[str]:
        """Keys of those that have messages."""
        table = tables.message
        return [row[0] for row in self._read(select(table.c.municipality).distinct().order_by(table.c.municipality))]

    def count(self, municipality: str, period: Period) -> int:
        """How many messages a period has."""
        wanted = _within(tables.message.c.received_at, tables.message.c.municipality, municipality, period, self._zone)
        return int(self._read(select(func.count()).select_from(tables.message).where(wanted))[0][0])

    def messages(self, municipality: str, period: Period) -> Iterator[Message]:
        """By start of call, page after page; of each what a report tells, not what the recogniser thought of it."""
        table = tables.message
        wanted = _within(table.c.received_at, table.c.municipality, municipality, period, self._zone)
        columns = (table.c[name] for name in (*_SAME, *_NAME, *_ADDRESS, "phone", "attempted_at"))
        query = select(*columns).where(wanted).order_by(table.c.received_at, table.c.id).limit(_PAGE)
        page = self._read(query)
        while page:
            yield from map(_told, page)
            last = page[-1]
            later = or_(
                table.c.received_at > last.received_at,
                and_(table.c.received_at == last.received_at, table.c.id > last.id),
            )
            page = self._read(query.where(later)) if len(page) == _PAGE else []

    def load(self, municipality: str, period: Period) -> Sequence[LoadDay]:
        """The load as the ledger of legs has it."""
        begins, ends = period.moments(self._zone)
        try:
            with self._engine.connect() as db:
                return count_load(legs(db, municipality, begins, ends), self._calendar, self._counted_by)
        except SQLAlchemyError as fault:
            raise JournalError(f"the database did not answer: {type(fault).__name__}") from fault

    def promises(self, municipality: str, period: Period) -> Sequence[Promise]:
        """The callbacks that fell due in a period, each with its first attempt; no cards of operators' calls."""
        callback, attempt = tables.callback, tables.attempt
        first = func.min(attempt.c.started_at).label("first")
        tried = and_(attempt.c.callback_id == callback.c.id, attempt.c.outcome.not_in(_NO_ATTEMPT))
        wanted = _within(callback.c.due_at, callback.c.municipality, municipality, period, self._zone)
        query = (
            select(callback.c.due_at, callback.c.state, first)
            .select_from(callback.outerjoin(attempt, tried))
            .where(wanted, callback.c.origin == Origin.PROMISE.value)
            .group_by(callback.c.id)
        )
        open_states = [state.value for state in OPEN_STATES]
        return [Promise(row.due_at, row.first, row.state in open_states) for row in self._read(query)]

    def titles(self, edition: str, kind: Kind) -> Mapping[str, str]:
        """Words for people of an edition of the lists."""
        return kept_titles(self._engine, edition, kind)

    @property
    def _zone(self) -> ZoneInfo:
        return self._calendar.zone

    def _read(self, query: Select[Any]) -> Sequence[Any]:
        try:
            with self._engine.connect() as connection:
                return connection.execute(query).all()
        except SQLAlchemyError as fault:
            raise JournalError(f"the database did not answer: {type(fault).__name__}") from fault


def _told(row: Any) -> Message:
    """The message of a row, as far as a report tells it."""
    same, name, address = row[:_UNTIL_NAME], row[_UNTIL_NAME:_UNTIL_ADDRESS], row[_UNTIL_ADDRESS:-2]
    phone, attempted_at = row[-2:]
    return Message(
        **dict(zip(_SAME, same, strict=True)),
        name=PersonName(*name) if any(name) else None,
        address=Address(*address) if any(address) else None,
        phone=PhoneNumber(phone) if phone else None,
        attempted_at=tuple(map(datetime.fromisoformat, attempted_at)),
    )


def _within(
    moment: ColumnElement[Any], whose: ColumnElement[Any], municipality: str, period: Period, zone: ZoneInfo
) -> ColumnElement[bool]:
    begins, ends = period.moments(zone)
    return and_(whose == municipality, moment >= begins, moment < ends)
