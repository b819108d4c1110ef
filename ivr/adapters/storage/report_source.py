"""What the reports read from the journal (fulfils `ports.reports.ReportSource`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Engine, Select, and_, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from ivr.adapters.storage import tables
from ivr.adapters.storage.database import looking
from ivr.adapters.storage.ledger import legs
from ivr.adapters.storage.rows import message_of
from ivr.adapters.storage.vocabularies import kept_titles
from ivr.domain.calendar import WorkingCalendar
from ivr.domain.call import Mode
from ivr.domain.callback import OPEN_STATES
from ivr.domain.counting import CountedBy, count_load
from ivr.domain.message import Message
from ivr.domain.report import LoadDay, Period, Promise
from ivr.domain.vocabulary import AttemptOutcome, Kind
from ivr.errors import JournalError

_PAGE = 2000


class JournalReportSource:
    """Reads pages of the journal, each in a transaction of its own, so that the lines write on meanwhile."""

    def __init__(self, engine: Engine, calendar: WorkingCalendar, counted_by: CountedBy = CountedBy.HOUSE) -> None:
        self._engine = looking(engine)
        self._calendar = calendar
        self._counted_by = counted_by

    def count(self, municipality: str, period: Period) -> int:
        """How many messages a period has."""
        wanted = _within(tables.message.c.received_at, tables.message.c.municipality, municipality, period, self._zone)
        return int(self._read(select(func.count()).select_from(tables.message).where(wanted))[0][0])

    def messages(self, municipality: str, period: Period) -> Iterator[Message]:
        """By start of call, page after page."""
        table = tables.message
        wanted = _within(table.c.received_at, table.c.municipality, municipality, period, self._zone)
        query = select(table).where(wanted).order_by(table.c.received_at, table.c.id).limit(_PAGE)
        page = self._read(query)
        while page:
            yield from (message_of(row._mapping) for row in page)
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
        callback, attempt, call = tables.callback, tables.attempt, tables.call
        first = func.min(attempt.c.started_at).label("first")
        tried = and_(attempt.c.callback_id == callback.c.id, attempt.c.outcome != AttemptOutcome.ABANDONED)
        wanted = _within(callback.c.due_at, callback.c.municipality, municipality, period, self._zone)
        query = (
            select(callback.c.due_at, callback.c.state, first)
            .select_from(callback.outerjoin(attempt, tried).outerjoin(call, call.c.id == callback.c.id))
            .where(wanted, or_(call.c.id.is_(None), call.c.operator == "", call.c.mode == Mode.OVERFLOW.value))
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


def _within(
    moment: ColumnElement[Any], whose: ColumnElement[Any], municipality: str, period: Period, zone: ZoneInfo
) -> ColumnElement[bool]:
    begins, ends = period.moments(zone)
    return and_(whose == municipality, moment >= begins, moment < ends)
