"""Days in counts: what keeps a clause, what breaks it, which words were misheard."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ivr.domain.compliance import Breach, Clause, DayCount, Kept, Kind, promise_kept, word_errors
from tests.samples import FRIDAY_NIGHT as DUE

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("first", "now", "is_open", "verdict"),
    [(DUE, DUE, True, (True, None)), (DUE - MINUTE, DUE, False, (True, None)),
     (DUE + MINUTE, DUE + 2 * MINUTE, False, (False, MINUTE)), (None, DUE, True, None),
     (None, DUE + MINUTE, True, (False, MINUTE)), (None, DUE + MINUTE, False, None)],
)  # fmt: skip
def test_a_promise_is_judged_when_it_can_be(first: object, now: object, is_open: bool, verdict: object) -> None:
    assert promise_kept(DUE, first, now, is_open=is_open) == verdict  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [("улица лесная пять", "улица Ленина пять", (3, 1, [("лесная", "ленина")])), ("", "Тёплое", (1, 1, [])),
     ("иванова мария", "иванова мария петровна", (3, 1, [])), ("а б", "а б", (2, 0, [])),
     ("в ново", "волово", (1, 2, [("в", "волово")]))],
)  # fmt: skip
def test_errors_are_counted_in_words(before: str, after: str, found: tuple[int, int, list[tuple[str, str]]]) -> None:
    assert word_errors(before, after) == found


def test_what_was_broken_is_named_and_the_rest_only_counted() -> None:
    counted = DayCount(date(2026, 11, 25))
    for number in range(50):
        counted.judge(Clause.CALLED_BACK, str(number), number >= 2, MINUTE if number < 2 else None)
    assert counted.breaches == [Breach(Clause.CALLED_BACK, "0", MINUTE), Breach(Clause.CALLED_BACK, "1", MINUTE)]
    kept = Kept(Clause.CALLED_BACK, int(counted.counts[Kind.KEPT, "13"]), int(counted.counts[Kind.OF, "13"]))
    assert (kept.share, kept.kept, kept.of, kept.broken) == (0.96, 48, 50, 2)
    assert Kept(Clause.CARD, 0, 0).share is None
