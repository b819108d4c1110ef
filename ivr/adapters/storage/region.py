"""All municipalities at a glance (fulfils `ports.curator.RegionBook`): three questions, however many they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, case, func, select

from ivr.adapters.storage import tables
from ivr.adapters.storage.curator_tables import tally
from ivr.adapters.storage.database import Transactions
from ivr.domain.compliance import Kind, TownCounts, added
from ivr.domain.letter import LetterState, ReportKind
from ivr.domain.report import Period

_Weeks = Mapping[date, Mapping[str, set[str | None]]]
"""By the end of a week and the report that tells of it: the states of its letters; None: there is no letter."""


class DatabaseRegionBook:
    """Sums by municipality, in one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    async def counts(
        self, towns: Sequence[str], period: Period, kinds: Sequence[Kind], now: datetime
    ) -> Mapping[str, TownCounts]:
        """Of each, nothing included."""

        def read(db: Connection) -> Mapping[str, TownCounts]:
            sums, owed, letters = _sums(db, towns, period, kinds), _owed(db, towns, now), _letters(db, towns, period)
            return {
                town: TownCounts(added(sums[town]), *owed.get(town, (0, 0)), *_sent(letters[town])) for town in towns
            }

        return await self._transactions.read(read)

    def dispose(self) -> None:
        """Let go of the database."""
        self._transactions.dispose()


def _sums(
    db: Connection, towns: Sequence[str], period: Period, kinds: Sequence[Kind]
) -> Mapping[str, Sequence[tuple[str, str, float]]]:
    what = tally.c.municipality, tally.c.kind, tally.c.key
    query = (
        select(*what, func.sum(tally.c.count))
        .where(tally.c.municipality.in_(towns), tally.c.kind.in_([kind.value for kind in kinds]))
        .where(tally.c.day >= period.first, tally.c.day <= period.last)
        .group_by(*what)
    )
    found: dict[str, list[tuple[str, str, float]]] = defaultdict(list)
    for town, kind, key, count in db.execute(query):
        found[town].append((kind, key, count))
    return found


def _owed(db: Connection, towns: Sequence[str], now: datetime) -> Mapping[str, tuple[int, int]]:
    """Open promises by municipality, and how many of them are late."""
    callback = tables.callback.c
    late = func.sum(case((callback.act_by < now, 1), else_=0))
    query = (
        select(callback.municipality, func.count(), late)
        .where(callback.municipality.in_(towns), callback.is_open.is_(True))
        .group_by(callback.municipality)
    )
    return {town: (count, int(overdue)) for town, count, overdue in db.execute(query)}


def _letters(db: Connection, towns: Sequence[str], period: Period) -> Mapping[str, _Weeks]:
    """By municipality."""
    report, letter = tables.report, tables.letter
    query = (
        select(report.c.municipality, report.c.last, report.c.id, letter.c.state)
        .outerjoin_from(report, letter, letter.c.report_id == report.c.id)
        .where(report.c.municipality.in_(towns), report.c.kind == ReportKind.WEEK.value)
        .where(report.c.last >= period.first, report.c.last <= period.last)
    )
    found: dict[str, Any] = defaultdict(lambda: defaultdict(lambda: defaultdict(set)))
    for town, week, edition, state in db.execute(query):
        found[town][week][edition].add(state)
    return found


def _sent(weeks: _Weeks) -> tuple[int, int]:
    """Weeks that a report was made of, and those of which every addressee has an edition."""
    everywhere = {LetterState.DELIVERED.value}
    return len(weeks), sum(any(states == everywhere for states in editions.values()) for editions in weeks.values())
