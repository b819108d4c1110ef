"""From the ledger's legs to the load of appendix 1 (clauses 6.2, 11; interpretations 9 to 11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from ivr.domain.calendar import WorkingCalendar
from ivr.domain.call import Mode
from ivr.domain.leg import CDR, REFUSED, SHORT_CODE, LegRecord, Side
from ivr.domain.load import LoadHour, mean
from ivr.domain.report import LoadDay

TRANSFER, TOO_LATE = "transfer", "too_late"
"""Reasons of operators' legs that answered nobody's ring: one took over from another, one was a moment late."""


class CountedBy(StrEnum):
    """Whose word counts for calls in working hours."""

    HOUSE = "house"  # this product answers all calls
    EXCHANGE = "exchange"  # the PBX rings the operators itself, and its records are imported


@dataclass(slots=True)
class _Call:
    """What the legs of one incoming call tell."""

    caller: LegRecord | None = None
    operators: list[LegRecord] = field(default_factory=list)

    @property
    def answers(self) -> list[LegRecord]:
        answered = (leg for leg in self.operators if leg.answered_at and leg.why != TOO_LATE)
        return sorted(answered, key=lambda leg: leg.answered_at or leg.ended_at)


@dataclass(slots=True)
class _Day:
    """One day being counted."""

    received: int = 0
    lost: int = 0
    outgoing: int = 0
    reached: int = 0
    by_machine: int = 0
    after_hours: int = 0
    refused: int = 0
    rings: list[float] = field(default_factory=list)
    machine_rings: list[float] = field(default_factory=list)
    talks: list[float] = field(default_factory=list)
    hours: dict[int, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0, 0]))

    def tally(self, hour: int, **counts: int) -> None:
        for place, name in enumerate(("received", "lost", "outgoing", "reached")):
            count = counts.get(name, 0)
            setattr(self, name, getattr(self, name) + count)
            self.hours[hour][place] += count

    def load(self, day: date) -> LoadDay:
        return LoadDay(
            day, self.received, self.lost, self.outgoing, self.reached, self.by_machine, self.after_hours,
            mean(self.rings), rings=tuple(self.rings), talks=tuple(self.talks),
            machine_rings=tuple(self.machine_rings), refused=self.refused,
            hours=tuple(LoadHour(hour, *counts) for hour, counts in sorted(self.hours.items())),
        )  # fmt: skip


def count_load(
    legs: Iterable[LegRecord], calendar: WorkingCalendar, counted_by: CountedBy = CountedBy.HOUSE
) -> Sequence[LoadDay]:
    """The load of each day that had any, by local days.

    Received: callers' legs in working hours. Lost: those that no person answered, the machine's among them
    (interpretation 9). Made and reached: citizens' legs. Ring time: from the INVITE to the operator's telephone until
    it is lifted (interpretation 11). Handling: from there until the last operator has hung up.
    """
    counting = _Counting(calendar, counted_by)
    calls: dict[str, _Call] = defaultdict(_Call)
    for leg in legs:
        if leg.side is Side.CITIZEN:
            counting.made(leg)
        elif leg.side is Side.CALLER:
            calls[leg.call].caller = leg
        else:
            calls[leg.call].operators.append(leg)
    for call in calls.values():
        if call.caller:
            counting.came(call.caller, call.answers)
    return [counted.load(day) for day, counted in sorted(counting.days.items())]


class _Counting:
    def __init__(self, calendar: WorkingCalendar, counted_by: CountedBy) -> None:
        self._calendar = calendar
        self._by_exchange = counted_by is CountedBy.EXCHANGE
        self.days: dict[date, _Day] = defaultdict(_Day)

    def made(self, leg: LegRecord) -> None:
        """A call to a citizen."""
        if self._counts(leg):
            day, hour = self._at(leg.invited_at)
            day.tally(hour, outgoing=1, reached=leg.answered_at is not None)

    def came(self, caller: LegRecord, answers: Sequence[LegRecord]) -> None:
        """A call of a citizen, and who of the operators answered it."""
        if caller.mode == SHORT_CODE:
            return
        in_hours = caller.mode != Mode.AFTER_HOURS if caller.mode else self._calendar.is_open(caller.invited_at)
        if caller.source == CDR if not in_hours else not self._counts(caller):  # nights are always the house's own
            return
        day, hour = self._at(caller.invited_at)
        if caller.mode == REFUSED:
            day.refused += 1
            return
        if caller.answered_at and caller.source != CDR:
            day.machine_rings.append((caller.answered_at - caller.invited_at).total_seconds())
        if not in_hours:
            day.after_hours += 1
            return
        day.tally(hour, received=1, lost=not answers)
        day.by_machine += caller.mode == Mode.OVERFLOW and not answers
        rung = [leg for leg in answers if leg.why != TRANSFER]
        day.rings += [_seconds(leg.invited_at, leg.answered_at) for leg in rung]
        if answers:
            day.talks.append(_seconds(answers[0].answered_at, max(leg.ended_at for leg in answers)))

    def _counts(self, leg: LegRecord) -> bool:
        return (leg.source == CDR) is self._by_exchange

    def _at(self, moment: datetime) -> tuple[_Day, int]:
        local = moment.astimezone(self._calendar.zone)
        return self.days[local.date()], local.hour


def _seconds(first: datetime | None, last: datetime | None) -> float:
    return max((last - first).total_seconds(), 0.0) if first and last else 0.0
