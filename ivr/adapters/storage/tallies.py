"""Days in counts (fulfils `ports.curator.Tallies`): counted by a sweep, added up by the pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, select

from ivr.adapters.storage import tables
from ivr.adapters.storage.curator_tables import breach, counted_day, tally
from ivr.adapters.storage.database import Transactions, insert_or_replace
from ivr.adapters.storage.day_counts import NO_DUTIES, count_day
from ivr.domain.calendar import WorkingCalendar
from ivr.domain.compliance import Breach, Clause, Duties, Kind
from ivr.domain.regulation import Regulation
from ivr.domain.report import Period

_BREACHES_AT_MOST = 20_000
_SETTLED = timedelta(days=9)
"""Deadlines of a day and answers to them lie no farther away than this, so that its counts stay as they are then."""
_AGAIN = timedelta(hours=6)


class DatabaseTallies:
    """Counts of days; each day is counted in a transaction of its own."""

    def __init__(self, engine: Engine, rules: Regulation, duties: Duties = NO_DUTIES) -> None:
        self._transactions = Transactions(engine)
        self._rules, self._duties = rules, duties

    async def count(self, municipality: str, day: date, calendar: WorkingCalendar, now: datetime) -> int:
        """Count a day anew; how many counts it has."""

        def look(db: Connection) -> Any:
            return count_day(db, municipality, day, calendar, self._rules, now, self._duties)

        counted = await self._transactions.read(look)
        mine = {"municipality": municipality, "day": day}
        week = Period.week_of(day).first
        rows = [{**mine, "kind": kind.value, "key": key, "week": week, "count": count}
                for (kind, key), count in counted.counts.items()]  # fmt: skip
        worst: dict[tuple[str, str], Breach] = {}
        for one in counted.breaches:
            known = worst.get((one.clause, one.subject))
            if known is None or (one.late or timedelta()) > (known.late or timedelta()):
                worst[one.clause, one.subject] = one
        broken = [{**mine, "clause": one.clause.value, "subject": one.subject,
                   "late_seconds": one.late.total_seconds() if one.late else None}
                  for one in worst.values()]  # fmt: skip

        def keep(db: Connection) -> int:
            for table, found in ((tally, rows), (breach, broken)):
                db.execute(delete(table).where(table.c.municipality == municipality, table.c.day == day))
                if found:
                    db.execute(table.insert(), found)
            insert_or_replace(db, counted_day, {**mine, "at": now})
            return len(rows)

        return await self._transactions.write(keep)

    async def waiting(self, municipality: str, today: date, now: datetime, limit: int) -> Sequence[date]:
        """Days to be counted, the latest first: those never counted, those not settled yet, those put right since."""

        def read(db: Connection) -> list[date]:
            call, mine = tables.call.c, counted_day.c.municipality == municipality
            first = db.execute(select(func.min(call.started_at)).where(call.municipality == municipality)).scalar()
            rows = db.execute(select(counted_day.c.day, counted_day.c.at).where(mine))
            known = {row.day: row.at for row in rows}
            if first is None:
                return []
            touched = _touched(db, municipality, now - timedelta(days=1))
            found: list[date] = []
            day = today
            while day >= first.date() - timedelta(days=1) and len(found) < limit:
                if _is_stale(known.get(day), day, today, now, touched.get(day)):
                    found.append(day)
                day -= timedelta(days=1)
            return found

        return await self._transactions.read(read)

    async def sums(self, municipality: str, period: Period, kinds: Sequence[Kind]) -> Sequence[tuple[str, str, float]]:
        """Each kind is one stretch of the primary key."""
        query = select(tally.c.kind, tally.c.key, func.sum(tally.c.count)).where(*_mine(municipality, period))
        query = query.where(tally.c.kind.in_([kind.value for kind in kinds])).group_by(tally.c.kind, tally.c.key)
        return await self._rows(query, lambda row: (row[0], row[1], row[2]))

    async def series(
        self, municipality: str, period: Period, kind: Kind, *, weekly: bool = False
    ) -> Sequence[tuple[date, str, float]]:
        """Day (or Monday), key, count of a kind, oldest first."""
        when = tally.c.week if weekly else tally.c.day
        query = select(when, tally.c.key, func.sum(tally.c.count)).where(*_mine(municipality, period))
        query = query.where(tally.c.kind == kind.value).group_by(when, tally.c.key).order_by(when)
        return await self._rows(query, lambda row: (row[0], row[1], row[2]))

    async def breaches(
        self, municipality: str, period: Period, clause: Clause, limit: int = 100, offset: int = 0
    ) -> Sequence[tuple[date, Breach]]:
        """Rows that broke a clause, the latest first."""
        mine = (breach.c.municipality == municipality, breach.c.clause == clause.value)
        query = select(breach).where(*mine, breach.c.day >= period.first, breach.c.day <= period.last)
        query = query.order_by(breach.c.day.desc(), breach.c.subject).limit(limit).offset(offset)

        def told(row: Any) -> tuple[date, Breach]:
            late = None if row.late_seconds is None else timedelta(seconds=row.late_seconds)
            return row.day, Breach(clause, row.subject, late)

        return await self._rows(query, told)

    async def counted_at(self, municipality: str, day: date) -> datetime | None:
        """When a day was counted last."""
        query = select(counted_day.c.at).where(counted_day.c.municipality == municipality, counted_day.c.day == day)
        return await self._transactions.read(lambda db: db.execute(query).scalar())

    async def _rows(self, query: Any, told: Callable[[Any], Any]) -> Sequence[Any]:
        return await self._transactions.read(lambda db: [told(row) for row in db.execute(query)])

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


def _mine(municipality: str, period: Period) -> tuple[Any, ...]:
    return tally.c.municipality == municipality, tally.c.day >= period.first, tally.c.day <= period.last


def _touched(db: Connection, municipality: str, since: datetime) -> dict[date, datetime]:
    """Days whose messages were put right lately, and when."""
    correction, message = tables.correction.c, tables.message.c
    query = select(message.received_at, correction.at).join_from(tables.correction, tables.message)
    found: dict[date, datetime] = {}
    for row in db.execute(query.where(correction.at >= since, message.municipality == municipality)):
        day = row.received_at.date()
        for near in (day, day + timedelta(days=1)):  # the local day may be the next one
            found[near] = max(row.at, found.get(near, row.at))
    return found


def _is_stale(at: datetime | None, day: date, today: date, now: datetime, touched: datetime | None) -> bool:
    if at is None or day == today:
        return True
    if touched and touched > at:
        return True
    return today - day <= _SETTLED and now - at >= (_AGAIN if today - day > timedelta(days=1) else timedelta(minutes=5))
