"""A municipality: whose helpline this is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Municipality:
    """Whose line was dialled.

    Attributes:
        key: short Latin name used in settings and rows.
        title: full name as reports print it.
        time_zone: IANA name; the regulation's hours are read in it.
        numbers: dialled numbers that belong to it; empty = every number.
    """

    key: str
    title: str
    time_zone: str = "Europe/Moscow"
    numbers: tuple[str, ...] = ()
