"""The days that a page adds up: as they were asked for, and the spans that are a click away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from ivr.domain.report import Period
from ivr.services.curator import lately
from ivr.web.visit import Visit

_SPANS = {"week": 7, "month": 30, "quarter": 91, "year": 365}
_LONGEST_DAYS = 1100


def period_of(visit: Visit, days: int = 30) -> Period:
    """The days asked for; what is no date is the last days."""
    today = _today(visit)
    given: Mapping[str, str] = visit.request.query_params
    try:
        first, last = date.fromisoformat(given["from"]), date.fromisoformat(given["to"])
    except (KeyError, ValueError):
        return lately(today, days)
    first, last = min(first, last), max(first, last)
    if last.year > today.year + 1 or first.year < 2000:
        return lately(today, days)
    return Period(max(first, last - timedelta(days=_LONGEST_DAYS)), last)


def spans_of(visit: Visit, period: Period) -> list[dict[str, Any]]:
    """The usual spans up to today."""
    today, here = _today(visit), visit.request.url.path
    return [
        {"key": key, "path": link(here, lately(today, days)), "on": period == lately(today, days)}
        for key, days in _SPANS.items()
    ]


def link(path: str, period: Period, **more: object) -> str:
    """A page about these days."""
    return f"{path}?{urlencode({'from': period.first, 'to': period.last, **more})}"


def _today(visit: Visit) -> date:
    return visit.rooms.clock.now().astimezone(visit.town.zone).date()
