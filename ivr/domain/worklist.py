"""The operators' list: which promises are shown, in what order, and how much each presses (clauses 13, 14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.domain.callback import Callback, CallbackState
from ivr.domain.message import Message
from ivr.domain.notices import DUE_SOON

AT_MOST_COUNTED = 1000
"""Counts beside the filters stop here, so that they cost the same whatever the journal holds."""


class Shown(StrEnum):
    """A filter of the list."""

    ALL = "all"
    MINE = "mine"
    OVERDUE = "overdue"
    WINDOW = "window"  # an attempt's window is open now
    NO_NUMBER = "no_number"
    URGENT = "urgent"
    PASSED_ON = "passed_on"  # a question with an executor
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the list ends: the next one begins after it."""

    act_by: datetime
    created_at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class WorkQuery:
    """What is wanted of the list.

    Attributes:
        who: name of the person who looks, for `Shown.MINE`.
        words: searched in name, number, address and text; all of them must be there.
    """

    municipality: str
    now: datetime
    shown: Shown = Shown.ALL
    who: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One promise with its latest message."""

    callback: Callback
    message: Message

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.callback.act_by, self.callback.created_at, self.callback.id)


@dataclass(frozen=True, slots=True)
class WorkCounts:
    """How many open promises each filter shows, counted up to `AT_MOST_COUNTED`."""

    all: int = 0
    mine: int = 0
    overdue: int = 0
    window: int = 0
    no_number: int = 0
    urgent: int = 0
    passed_on: int = 0


class Light(StrEnum):
    """How much a promise presses: red, amber, or nothing yet."""

    OVERDUE = "overdue"
    WINDOW = "window"  # the attempt's window is open
    SOON = "soon"
    EARLY = "early"  # the window is not open yet
    LATER = "later"
    WRITE = "write"  # spoken to; the card is to be filled in
    PASSED_ON = "passed_on"
    CLOSED = "closed"


_TO_WRITE = (CallbackState.REACHED, CallbackState.UNREACHED)


def light(callback: Callback, now: datetime, soon: timedelta = DUE_SOON) -> Light:
    """How much it presses now."""
    if not callback.is_open:
        return Light.CLOSED
    if callback.state in _TO_WRITE:
        return Light.WRITE
    if now > callback.act_by:
        return Light.OVERDUE
    if callback.state is CallbackState.PASSED_ON:
        return Light.PASSED_ON
    if callback.opens_at and now < callback.opens_at:
        return Light.EARLY
    if callback.opens_at and CallbackState.PASSED_ON is not callback.rests:
        return Light.WINDOW
    return Light.SOON if callback.act_by - now <= soon else Light.LATER
