"""A selection of the journal: words that are searched, columns that are filtered, days. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from ivr.domain.message import Message

MOST_COUNTED = 500
"""Counting stops here, so that it costs the same whatever the journal holds."""


class Column(StrEnum):
    """What a selection filters by."""

    STATUS = "status"
    TOPIC = "topic"
    RESULT = "result"
    OUTCOME = "outcome"
    MODE = "mode"
    OPERATOR = "operator"
    EXECUTOR = "executor"
    FLAG = "flag"
    REPEATED = "repeated"  # "first", "repeat", "undecided"
    PROMISE = "promise"  # "made", "none"
    CORRECTED = "corrected"  # field that a person has put right


NONE = "none"
"""Value of a column that is empty."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is looked for.

    Attributes:
        first, last: local days of the call, both included; None: open.
        filters: value by column; "none" for an empty one.
    """

    words: str = ""
    first: date | None = None
    last: date | None = None
    filters: Mapping[Column, str] = field(default_factory=dict)

    def but(self, column: Column, value: str = "") -> Selection:
        """The same with another value of a column; without it when there is none."""
        rest = {known: said for known, said in self.filters.items() if known is not column}
        return replace(self, filters={**rest, column: value} if value else rest)

    @property
    def is_all(self) -> bool:
        """Nothing is left out."""
        return self == Selection()


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the journal.

    Attributes:
        place: where it stands: the later, the larger.
        mode: of its call.
        callback: the promise it belongs to, "" for none.
        has_sound: it can be heard.
    """

    place: int
    message: Message
    mode: str
    callback: str = ""
    has_sound: bool = False
