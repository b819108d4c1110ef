"""Erlang C against figures from tables, and the hint of clause 10."""

from __future__ import annotations

import pytest

from ivr.domain.staffing import answered_within, needs, waiting_chance


@pytest.mark.parametrize(
    ("load", "agents", "chance"),
    [(1.0, 1, 1.0), (0.5, 1, 0.5), (1.0, 2, 1 / 3), (2.0, 3, 4 / 9), (5.0, 7, 0.3241), (8.0, 10, 0.4092), (0.0, 2, 0.0),
     (9.0, 4, 1.0)],
)  # fmt: skip
def test_the_chance_to_wait_is_that_of_the_tables(load: float, agents: int, chance: float) -> None:
    assert waiting_chance(load, agents) == pytest.approx(chance, abs=5e-4)


def test_more_operators_never_answer_fewer() -> None:
    shares = [answered_within(2.5, agents, 4, 180) for agents in range(1, 12)]
    assert shares == sorted(shares)
    assert shares[1] == 0.0
    assert shares[-1] > 0.999


def test_an_hour_gets_the_fewest_that_keep_the_norm_and_never_fewer_than_clause_9_says() -> None:
    quiet, busy = needs({9: 1.0, 10: 60.0}, 180.0, within_seconds=4, wanted=0.95, least=2)
    assert (quiet.hour, quiet.agents) == (9, 2)
    assert busy.kept > 0.95 >= answered_within(3.0, busy.agents - 1, 4, 180)
    assert needs({}, 180.0, within_seconds=4, wanted=0.95, least=2) == []
