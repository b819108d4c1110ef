"""Days and moments that come in a link: only those that a journal can have."""

from __future__ import annotations

from datetime import date, datetime

YEARS = range(2000, 2101)
"""Those that a journal can have."""


def day_of(text: str) -> date | None:
    """A day; None for what is no date, or lies where no database and no time zone can follow."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if day.year in YEARS else None


def moment_of(text: str) -> datetime:
    """A moment.

    Raises:
        ValueError: it is none, has no zone, or lies where no database can follow.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or moment.year not in YEARS:
        raise ValueError(f"{text!r} is no moment of a journal")
    return moment
