"""Who is at work: on shift, away, busy with what a call left to do (clause 9: at least two at their place)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo


class Presence(StrEnum):
    """What an operator is doing."""

    ON_SHIFT = "on_shift"
    AFTER_CALL = "after_call"  # writes the card; at his place, and not rung
    AWAY = "away"
    OFF = "off"


class Told(StrEnum):
    """How we know."""

    CONSOLE = "console"
    CODE = "code"  # a short code dialled from the telephone
    PHONE = "phone"  # the telephone answers, or does not answer, when it is asked
    LINE = "line"  # a conversation has just ended


_AT_PLACE = (Presence.ON_SHIFT, Presence.AFTER_CALL)


@dataclass(frozen=True, slots=True)
class PresenceChange:
    """One change, kept for ever.

    Attributes:
        who: the operator's name, as the journal prints it.
        told, by: how we know, and who said it ("" the line itself).
        until: the state ends by itself then (work after a call), None: it lasts.
    """

    id: str
    municipality: str
    who: str
    state: Presence
    at: datetime
    told: Told
    by: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What an operator is doing now, since when, and how we know."""

    who: str
    state: Presence
    since: datetime
    told: Told = Told.CONSOLE

    @property
    def present(self) -> bool:
        """At his place, for clause 9."""
        return self.state in _AT_PLACE


def standing(change: PresenceChange, now: datetime, zone: ZoneInfo) -> Standing:
    """What an operator's last change means now: a shift ends with its day, work after a call with its time."""
    today, that_day = (moment.astimezone(zone).date() for moment in (now, change.at))
    if that_day != today:
        return Standing(change.who, Presence.OFF, change.at, change.told)
    if change.until is not None and change.until <= now:
        return Standing(change.who, Presence.ON_SHIFT, change.until, change.told)
    return Standing(change.who, change.state, change.at, change.told)


def standings(changes: Iterable[PresenceChange], now: datetime, zone: ZoneInfo) -> Mapping[str, Standing]:
    """Everybody's, by name; of several changes of one person the last counts."""
    last: dict[str, PresenceChange] = {}
    for change in sorted(changes, key=lambda change: change.at):
        if change.at <= now:
            last[change.who] = change
    return {who: standing(change, now, zone) for who, change in sorted(last.items())}


def short_of(
    changes: Iterable[PresenceChange], wanted: int, begins: datetime, ends: datetime, zone: ZoneInfo
) -> timedelta:
    """For how long of [begins, ends), within a day, fewer than `wanted` were at their place."""
    known = list(changes)
    inside = {at for one in known for at in (one.at, one.until) if at is not None and begins < at < ends}
    spans = pairwise([begins, *sorted(inside), ends])
    few = (end - start for start, end in spans
           if sum(one.present for one in standings(known, start, zone).values()) < wanted)  # fmt: skip
    return sum(few, timedelta())


def few_since(
    changes: Iterable[PresenceChange], wanted: int, opened_at: datetime, now: datetime, zone: ZoneInfo
) -> datetime | None:
    """Since when today fewer than `wanted` have been at their place; None while there are enough."""
    today = sorted(changes, key=lambda change: change.at)
    moments = {opened_at, *(change.at for change in today), *(change.until for change in today if change.until)}
    since = None
    for moment in sorted(moment for moment in moments if opened_at <= moment <= now):
        present = sum(one.present for one in standings(today, moment, zone).values())
        since = None if present >= wanted else since or moment
    return since
