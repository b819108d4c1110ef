"""How often a number calls: people call again, robots call on and on (fault F19)."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ivr.domain.dial_plan import is_extension

_NUMBERS_AT_MOST = 10_000

FREQUENT = "frequent"
"""Flag of the rows of a number that calls and calls (fault F19)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a caller is taken for a robot; each engine counts its own calls. 0 switches a limit off.

    Attributes:
        window_minutes: what "so many calls" are counted within.
        marked_after: more calls of one number are answered and marked.
        refused_after: more calls of one number are refused.
        at_once: conversations of one number at the same time.
        a_minute: answered calls of all numbers within a minute.
    """

    window_minutes: float = 10.0
    marked_after: int = 5
    refused_after: int = 15
    at_once: int = 2
    a_minute: int = 60


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the traffic says of a call.

    Attributes:
        refused: code of the reason to refuse it, "" none.
        marked: so many calls came from this number that its rows are marked.
    """

    refused: str = ""
    marked: bool = False


@dataclass(slots=True)
class Traffic:
    """The calls of the last minutes. A refused call counts for its number, so that a robot stays refused while it goes
    on; it does not count for all numbers together, so that people are served meanwhile."""

    limits: Limits = field(default_factory=Limits)
    _calls: OrderedDict[str, deque[datetime]] = field(default_factory=OrderedDict)
    _answered: deque[datetime] = field(default_factory=deque)
    _talking: Counter[str] = field(default_factory=Counter)

    def arrive(self, number: str, at: datetime) -> Verdict:
        """A call comes. Hidden numbers and extensions are shared by many, so they have no limit of their own."""
        limits = self.limits
        own = bool(number) and not is_extension(number)
        calls = self._count(number, at) if own and (limits.refused_after or limits.marked_after) else 0
        if limits.refused_after and calls > limits.refused_after:
            return Verdict("too_often", marked=True)
        if limits.at_once and own and self._talking[number] >= limits.at_once:
            return Verdict("at_once", marked=True)
        while self._answered and at - self._answered[0] > timedelta(minutes=1):
            self._answered.popleft()
        if limits.a_minute and len(self._answered) >= limits.a_minute:
            return Verdict("too_many")
        self._answered.append(at)
        return Verdict(marked=bool(limits.marked_after) and calls > limits.marked_after)

    def begin(self, number: str) -> None:
        """A conversation with this number begins."""
        self._talking[number] += 1

    def end(self, number: str) -> None:
        """It is over."""
        self._talking[number] -= 1
        if self._talking[number] <= 0:
            del self._talking[number]

    def _count(self, number: str, at: datetime) -> int:
        """How many calls of this number came within the window, this one included."""
        calls = self._calls.setdefault(
            number, deque(maxlen=max(self.limits.refused_after, self.limits.marked_after) + 1)
        )
        self._calls.move_to_end(number)
        calls.append(at)
        window = timedelta(minutes=self.limits.window_minutes)
        while at - calls[0] > window:
            calls.popleft()
        while len(self._calls) > _NUMBERS_AT_MOST or at - next(iter(self._calls.values()))[-1] > window:
            self._calls.popitem(last=False)  # who calls once is forgotten; nor may numbers that change fill the memory
        return len(calls)
