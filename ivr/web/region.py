"""The region: all municipalities side by side, in sums and shares; no row behind them can be opened from here."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.domain.regulation import Regulation
from ivr.services.curator import Point
from ivr.services.region import TownSums
from ivr.web.downloads import XLSX, attachment
from ivr.web.periods import link, period_of, spans_of
from ivr.web.rules import needs
from ivr.web.spoken import Spoken
from ivr.web.visit import Known, Visit

router = APIRouter()

_NORMS = ("lost", "available", "productive")


@router.get("/region")
@needs(Deed.VIEW, Thing.REGION)
async def region(visit: Known) -> Response:
    """The page."""
    period = period_of(visit)
    towns, total = await visit.rooms.region.sums(visit.actor, period)
    rules = visit.town.rulebook.rules
    return visit.page(
        "region.html", period=period, spans=spans_of(visit, period), here="/region", towns=towns, total=total,
        title=lambda row: _title(visit, row), norms=_NORMS, broken=lambda row: _broken(row.total, rules),
        export=link("/region.xlsx", period),
    )  # fmt: skip


@router.get("/region.xlsx")
@needs(Deed.EXPORT, Thing.REGION)
async def workbook(visit: Known) -> Response:
    """The same as a workbook."""
    period = period_of(visit)
    towns, total = await visit.rooms.region.sums(visit.actor, period, Deed.EXPORT)
    words, spoken = visit.rooms.words, Spoken(visit.rooms.words, visit.town.zone)
    heads = [words(f"console.region.{name}") for name in ("town", "received")]
    heads += [words(f"console.board.figure_{key}") for key in _NORMS]
    heads += [words(f"console.region.{name}") for name in ("owed", "overdue", "sent")]
    heads += [_clause(visit, one.clause.value) for one in total.clauses]
    rows = [_cells(visit, row, spoken) for row in (*towns, total)]
    content = visit.rooms.table(words("console.region.title"), heads, rows)
    name = f"region-{period.first}-{period.last}.xlsx"
    return Response(content, media_type=XLSX, headers=attachment(name))


def _title(visit: Visit, row: TownSums) -> str:
    return visit.rooms.town(row.key).title if row.key else visit.rooms.words("console.region.total")


def _clause(visit: Visit, clause: str) -> str:
    return visit.rooms.words("console.curator.clause", number=clause)


def _cells(visit: Visit, row: TownSums, spoken: Spoken) -> list[Any]:
    def share(value: float | None) -> str:
        return "" if value is None else spoken.percent(value)

    figures = [share(getattr(row.total, key)) for key in _NORMS]
    reports = visit.rooms.words("console.region.of", part=row.sent, whole=row.weeks)
    counts = [str(row.owed), str(row.overdue), reports]
    return [_title(visit, row), str(row.total.received), *figures, *counts, *(share(one.share) for one in row.clauses)]


def _broken(total: Point, rules: Regulation) -> dict[str, bool]:
    """Which norms of clause 11 are not kept."""
    return {
        "lost": total.lost is not None and total.lost >= rules.lost_share_below,
        "available": total.available is not None and total.available <= rules.availability_above,
        "productive": total.productive is not None and total.productive <= rules.productivity_above,
    }
