"""How many operators an hour needs: Erlang C (clause 10: more people as calls grow, other work as they fall).

Calls come at random, talks last about as long as they do on average, whoever finds nobody free waits. (A. K. Erlang,
1917; ITU-D Teletraffic Engineering Handbook, §9.2.)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_MOST = 200


def waiting_chance(load: float, agents: int) -> float:
    """The chance that a caller finds nobody free (Erlang C).

    Args:
        load: calls an hour times hours a call (erlangs). agents: operators at their place; 1 or more.

    >>> round(waiting_chance(2.0, 3), 4)
    0.4444
    """
    if load <= 0:
        return 0.0
    if load >= agents:
        return 1.0
    blocked = 1.0
    for count in range(1, agents + 1):
        blocked = load * blocked / (count + load * blocked)
    return blocked / (1 - load / agents * (1 - blocked))


def answered_within(load: float, agents: int, seconds: float, talk_seconds: float) -> float:
    """The share of calls that are answered within so many seconds.

    >>> answered_within(0, 2, 4, 180)
    1.0
    """
    if load >= agents:
        return 0.0
    return 1.0 - waiting_chance(load, agents) * math.exp(-(agents - load) * seconds / talk_seconds)


@dataclass(frozen=True, slots=True)
class HourNeed:
    """An hour of the working day.

    Attributes:
        calls: on average. agents: fewest operators that keep the norm. kept: the share they answer in time.
    """

    hour: int
    calls: float
    agents: int
    kept: float


def needs(
    calls: Mapping[int, float], talk_seconds: float, *, within_seconds: float, wanted: float, least: int
) -> Sequence[HourNeed]:
    """The fewest operators by hour, so that more than `wanted` of the calls are answered within so many seconds.

    Args:
        calls: average calls by hour of the day. least: never fewer (clause 9).
    """
    found = []
    for hour, count in sorted(calls.items()):
        load = count * talk_seconds / 3600
        agents = max(least, 1)
        while agents < _MOST and answered_within(load, agents, within_seconds, talk_seconds) <= wanted:
            agents += 1
        found.append(HourNeed(hour, count, agents, answered_within(load, agents, within_seconds, talk_seconds)))
    return found
