"""All municipalities side by side, for the region's curator: sums and shares, never a row, a name or a word."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.compliance import Clause, Kept, Kind, added
from ivr.domain.letter import LetterState, ReportKind
from ivr.domain.report import Period
from ivr.domain.worklist import WorkQuery
from ivr.ports import Clock
from ivr.ports.console import Worklist
from ivr.ports.curator import Tallies
from ivr.ports.reports import Archive
from ivr.services.audit import AccessLog
from ivr.services.curator import Point, kept_of, point_of

_EVERY_EDITION = 200
_COUNTED = (Kind.KEPT, Kind.OF, Kind.LOAD)


@dataclass(frozen=True, slots=True)
class TownSums:
    """One municipality, or all of them.

    Attributes:
        key: "" for the region as a whole.
        total: the period as one point. clauses: in the regulation's order.
        owed, overdue: open callbacks at this moment, and those whose deadline is over.
        weeks, sent: weekly reports made of weeks that ended in the period, and those that every addressee has.
    """

    key: str
    total: Point
    clauses: Sequence[Kept]
    owed: int
    overdue: int
    weeks: int
    sent: int


@dataclass(slots=True)
class Region:
    """Adds up what was counted of each municipality.

    Attributes:
        towns: keys of all that are served.
    """

    towns: Sequence[str]
    tallies: Tallies
    worklist: Worklist
    archive: Archive
    clock: Clock
    log: AccessLog

    async def sums(self, actor: Actor, period: Period, deed: Deed = Deed.VIEW) -> tuple[Sequence[TownSums], TownSums]:
        """Each municipality, and the region as a whole.

        Args:
            deed: whether they are looked at or taken as a file.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(deed, Thing.REGION)
        note = self.log.note_once if deed is Deed.VIEW else self.log.note
        await note(actor, deed, Thing.REGION, facts={"period": f"{period.first}..{period.last}"})
        counted = {town: added(await self.tallies.sums(town, period, _COUNTED)) for town in self.towns}
        rows = [await self._row(town, period, counted[town]) for town in self.towns]
        whole = {kind.value: _whole(sums[kind] for sums in counted.values()) for kind in _COUNTED}
        owed, overdue, weeks, sent = (sum(getattr(row, name) for row in rows) for name in _SUMMED)
        total = TownSums("", point_of(period.last, whole[Kind.LOAD]), _clauses(whole), owed, overdue, weeks, sent)
        return rows, total

    async def _row(self, town: str, period: Period, sums: Mapping[str, Mapping[str, float]]) -> TownSums:
        open_now = await self.worklist.counts(WorkQuery(town, self.clock.now()))
        weeks, sent = await asyncio.to_thread(self._letters, town, period)
        load = point_of(period.last, sums[Kind.LOAD])
        return TownSums(town, load, _clauses(sums), open_now.all, open_now.overdue, weeks, sent)

    def _letters(self, town: str, period: Period) -> tuple[int, int]:
        filed = self.archive.filed(town, ReportKind.WEEK, _EVERY_EDITION)
        ended = {report.id: report.period for report in filed if period.first <= report.period.last <= period.last}
        states: dict[str, set[LetterState]] = defaultdict(set)
        for letter in self.archive.letters(*ended):
            states[letter.report].add(letter.state)
        sent = {ended[report] for report, all_states in states.items() if all_states == {LetterState.DELIVERED}}
        return len(set(ended.values())), len(sent)


_SUMMED = ("owed", "overdue", "weeks", "sent")


def _clauses(sums: Mapping[str, Mapping[str, float]]) -> Sequence[Kept]:
    return [kept_of(sums, clause) for clause in Clause]


def _whole(parts: Iterable[Mapping[str, float]]) -> Mapping[str, float]:
    whole: Counter[str] = Counter()
    for part in parts:
        whole.update(part)
    return whole
