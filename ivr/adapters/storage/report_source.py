"""What the reports read from the journal (fulfils `ports.reports.ReportSource`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Engine, Select, and_, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from ivr.adapters.storage import tables
from ivr.adapters.storage.database import looking
from ivr.adapters.storage.intake import TAKEN_IN
from ivr.adapters.storage.vocabularies import kept_titles
from ivr.domain.calendar import WorkingCalendar
from ivr.domain.call import Mode
from ivr.domain.callback import OPEN_STATES
from ivr.domain.contact import Address, PersonName, PhoneNumber
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


class JournalReportSource:
    """Reads pages of the journal, each in a transaction of its own, so that the lines write on meanwhile."""

    def __init__(self, engine: Engine, calendar: WorkingCalendar) -> None:
        self._engine = looking(engine)
        self._calendar = calendar

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
        """The load as the journal itself saw it: calls the machine took, calls given up, attempts to call back."""
        call, attempt, callback = tables.call, tables.attempt, tables.callback
        wanted = _within(call.c.started_at, call.c.municipality, municipality, period, self._zone)
        own = and_(wanted, call.c.why_mode != TAKEN_IN)
        calls = self._read(select(call.c.started_at, call.c.mode, call.c.operator, call.c.operator_at).where(own))
        tried = _within(attempt.c.started_at, callback.c.municipality, municipality, period, self._zone)
        attempts = select(attempt.c.started_at, attempt.c.outcome).join_from(attempt, callback).where(tried)
        days: dict[date, _Counting] = {}
        for row in calls:
            self._day(days, row.started_at).call(row)
        for row in self._read(attempts):
            self._day(days, row.started_at).attempt(row.outcome)
        return [counting.day() for _, counting in sorted(days.items())]

    def promises(self, municipality: str, period: Period) -> Sequence[Promise]:
        """The callbacks that fell due in a period, each with its first attempt."""
        callback, attempt = tables.callback, tables.attempt
        first = func.min(attempt.c.started_at).label("first")
        tried = and_(attempt.c.callback_id == callback.c.id, attempt.c.outcome != AttemptOutcome.ABANDONED)
        wanted = _within(callback.c.due_at, callback.c.municipality, municipality, period, self._zone)
        query = (
            select(callback.c.due_at, callback.c.state, first)
            .select_from(callback.outerjoin(attempt, tried))
            .where(wanted)
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

    def _day(self, days: dict[date, _Counting], moment: datetime) -> _Counting:
        day = moment.astimezone(self._zone).date()
        return days.setdefault(day, _Counting(day))

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


class _Counting:
    """One day being counted."""

    def __init__(self, day: date) -> None:
        self._of = day
        self._rings: list[float] = []
        self._received = self._lost = self._outgoing = self._reached = self._by_machine = self._after_hours = 0

    def call(self, row: Any) -> None:
        """An incoming call; lost when no person answered it (interpretation 9)."""
        if row.mode == Mode.AFTER_HOURS:
            self._after_hours += 1
            return
        self._received += 1
        self._by_machine += row.mode == Mode.OVERFLOW
        self._lost += not row.operator
        if row.operator_at:
            self._rings.append((row.operator_at - row.started_at).total_seconds())

    def attempt(self, outcome: str | None) -> None:
        """A call made to a citizen."""
        self._outgoing += 1
        self._reached += outcome == AttemptOutcome.ANSWERED

    def day(self) -> LoadDay:
        """The figures."""
        return LoadDay(
            self._of, self._received, self._lost, self._outgoing, self._reached, self._by_machine, self._after_hours,
            sum(self._rings) / len(self._rings) if self._rings else None,
        )  # fmt: skip


def _within(
    moment: ColumnElement[Any], whose: ColumnElement[Any], municipality: str, period: Period, zone: ZoneInfo
) -> ColumnElement[bool]:
    begins, ends = period.moments(zone)
    return and_(whose == municipality, moment >= begins, moment < ends)
