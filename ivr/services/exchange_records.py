"""The exchange's own call records taken into the ledger, for towns whose PBX counts (appendix 1: «снимается с АТС»)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ivr.domain.cdr import CdrLine, Direction, legs_of_line
from ivr.domain.leg import LegRecord

TakeIn = Callable[[Iterable[LegRecord]], int]
"""Keeps legs; how many were not there yet."""


@dataclass(slots=True)
class Taken:
    """What became of a file.

    Attributes:
        lines: that were read. legs: they told of; fresh: of those not known before.
        internal: lines that count for nothing.
        broken: lines that tell nothing, with the reason.
    """

    lines: int = 0
    legs: int = 0
    fresh: int = 0
    internal: int = 0
    broken: list[tuple[int, str]] = field(default_factory=list)


def take_in(
    lines: Iterable[CdrLine | tuple[int, str]], municipality: str, names: Mapping[str, str], keep: TakeIn
) -> Taken:
    """Take a file in: broken lines are named, the others kept, none twice however often the file is read."""
    taken = Taken()

    def legs() -> Iterator[LegRecord]:
        known: set[str] = set()
        for line in lines:
            if isinstance(line, tuple):
                taken.broken.append(line)
                continue
            taken.lines += 1
            taken.internal += line.direction is Direction.INTERNAL
            if line.direction is not Direction.INTERNAL:
                fresh = [leg for leg in legs_of_line(line, municipality, names) if leg.id not in known]
                known.update(leg.id for leg in fresh)
                taken.legs += len(fresh)
                yield from fresh

    taken.fresh = keep(legs())
    return taken
