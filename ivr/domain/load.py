"""The load of an hour, and the times that clause 11 speaks of (clauses 6.2, 10, 11)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


def share(part: int | None, whole: int | None) -> float | None:
    """A part of a whole, 0 to 1; None where there is nothing to divide by (interpretation 10)."""
    return part / whole if whole and part is not None else None


def mean(seconds: Sequence[float]) -> float | None:
    """Their mean; None of nothing."""
    return math.fsum(seconds) / len(seconds) if seconds else None


def percentile(seconds: Sequence[float], percent: int) -> float | None:
    """The smallest of them that so many per cent do not exceed (nearest rank); None of nothing.

    >>> percentile([3, 1, 2, 4], 95)
    4
    """
    return sorted(seconds)[max(math.ceil(len(seconds) * percent / 100) - 1, 0)] if seconds else None


@dataclass(frozen=True, slots=True)
class LoadHour:
    """The load of one hour of local time, as appendix 1 counts a day: where more people are needed (clause 10).

    Attributes:
        hour: 0 to 23: from then to the next.
    """

    hour: int
    received: int = 0
    lost: int = 0
    outgoing: int = 0
    reached: int = 0

    @property
    def accepted(self) -> int:
        """Received and not lost."""
        return self.received - self.lost

    @property
    def lost_share(self) -> float | None:
        """Lost of received."""
        return share(self.lost, self.received)

    @property
    def availability(self) -> float | None:
        """Accepted of received."""
        return share(self.accepted, self.received)

    @property
    def productivity(self) -> float | None:
        """Reached of made."""
        return share(self.reached, self.outgoing)
