"""What the curator tells the head about a month (clause 18): counts, norms, decisions, his own words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from ivr.domain.regulation import Regulation
from ivr.domain.report import LoadDay, Period, Punctuality

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something came in the month, and in the month before."""

    title: str
    now: int
    before: int = 0


@dataclass(frozen=True, slots=True)
class MonthReport:
    """What the curator tells the head (clause 18).

    Attributes:
        messages: messages of the month, after-hours ones among them.
        topics: most frequent first.
        outcomes, results, statuses: in the order of the regulation's lists.
        executors: to whom matters were passed on, most frequent first.
        days: the load of each day.
        highlights: what the head should know first, in sentences.
        remarks: the curator's own words: what was decided, what he proposes.
    """

    period: Period
    messages: Tally
    machine: Tally
    repeated: Tally
    topics: tuple[Tally, ...]
    outcomes: tuple[Tally, ...]
    results: tuple[Tally, ...]
    statuses: tuple[Tally, ...]
    executors: tuple[Tally, ...]
    days: tuple[LoadDay, ...]
    load: LoadDay
    load_before: LoadDay
    punctuality: Punctuality
    punctuality_before: Punctuality
    highlights: tuple[str, ...] = ()
    remarks: str = ""

    @property
    def counts(self) -> tuple[Tally, ...]:
        """What is only counted."""
        load, before = self.load, self.load_before
        return (
            self.messages, self.machine, self.repeated,
            Tally("received", load.received or 0, before.received or 0),
            Tally("after_hours", load.after_hours, before.after_hours),
        )  # fmt: skip

    def norms(self, rules: Regulation) -> tuple[Norm, ...]:
        """What has a norm of appendix 1, strict signs, and the time until the answer (clause 11)."""
        load, before = self.load, self.load_before
        return (
            Norm("lost_share", load.lost_share, before.lost_share, "<", rules.lost_share_below),
            Norm("availability", load.availability, before.availability, ">", rules.availability_above),
            Norm("productivity", load.productivity, before.productivity, ">", rules.productivity_above),
            Norm("ring_seconds", load.ring_seconds, before.ring_seconds, "<=", rules.answer_seconds, is_share=False),
        )

    @property
    def kept(self) -> tuple[Tally, ...]:
        """How callbacks stand against clause 13."""
        now, before = self.punctuality, self.punctuality_before
        return tuple(Tally(key, getattr(now, key), getattr(before, key)) for key in ("in_time", "late", "overdue"))

    @property
    def punctual(self) -> Norm:
        """Every promise has to be kept by its hour."""
        return Norm("punctual", self.punctuality.share, self.punctuality_before.share, ">=", 1.0)


@dataclass(frozen=True, slots=True)
class Norm:
    """A figure and what is demanded of it.

    Attributes:
        sign: "<", ">", "<=" or ">=".
        is_share: a share of 1; else seconds.
    """

    key: str
    now: float | None
    before: float | None
    sign: str
    norm: float
    is_share: bool = True

    @property
    def is_met(self) -> bool | None:
        """None where there is no figure."""
        if self.now is None:
            return None
        now, norm = self.now, self.norm
        return {"<": now < norm, ">": now > norm, "<=": now <= norm, ">=": now >= norm}[self.sign]


def month_report_due(month: Period, working: frozenset[date]) -> date:
    """The last day to report a month to the head: the 4th of the next, or the working day before (interpretation 12).

    Args:
        working: working days around the beginning of the next month.
    """
    last = month.last + 4 * _DAY
    return next((last - back * _DAY for back in range(31) if last - back * _DAY in working), last)
