"""All municipalities side by side, for the region's curator: sums and shares, never a row, a name or a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.compliance import Clause, Kept, Kind, TownCounts
from ivr.domain.report import Period
from ivr.ports import Clock
from ivr.ports.curator import RegionBook
from ivr.services.audit import AccessLog
from ivr.services.curator import Point, kept_of, point_of

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
    book: RegionBook
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
        counted = await self.book.counts(self.towns, period, _COUNTED, self.clock.now())
        rows = [_row(town, period, counts) for town, counts in counted.items()]
        whole = {kind.value: _whole(counts.sums[kind] for counts in counted.values()) for kind in _COUNTED}
        owed, overdue, weeks, sent = (sum(getattr(row, name) for row in rows) for name in _SUMMED)
        return rows, _row("", period, TownCounts(whole, owed, overdue, weeks, sent))


_SUMMED = ("owed", "overdue", "weeks", "sent")


def _row(town: str, period: Period, counts: TownCounts) -> TownSums:
    load, clauses = point_of(period.last, counts.sums[Kind.LOAD]), [kept_of(counts.sums, one) for one in Clause]
    return TownSums(town, load, clauses, counts.owed, counts.overdue, counts.weeks, counts.sent)


def _whole(parts: Iterable[Mapping[str, float]]) -> Mapping[str, float]:
    whole: Counter[str] = Counter()
    for part in parts:
        whole.update(part)
    return whole
