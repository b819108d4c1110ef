"""The live board, from the news alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ivr.domain.board import CallNow, CallsNow, Figure, Line, Step, figures
from ivr.domain.report import LoadDay
from tests.samples import FRIDAY_NIGHT, RULES, a_call, ended

NOW = FRIDAY_NIGHT
STARTED = {"action": "call_started", "call": "1", "municipality": "demo", "mode": "after_hours"}


def board(*news: dict[str, object]) -> CallsNow:
    """A board that has heard this."""
    made = CallsNow()
    for one in news:
        made.follow(one, NOW)
    return made


def test_a_call_appears_grows_and_goes() -> None:
    calls = board(STARTED, {"action": "listening", "call": "1"}, {"action": "partial", "call": "1", "text": "нет"})
    (call,) = calls.settle([], "demo", NOW)
    assert (call.mode, call.step, call.partial) == ("after_hours", Step.LISTENING, Line("caller", "нет"))
    calls.follow({"action": "heard", "call": "1", "text": "нет воды"}, NOW)
    (call,) = calls.settle([], "demo", NOW)
    assert (call.said, call.partial) == ((Line("caller", "нет воды"),), None)
    assert calls.follow({"action": "call_ended", "call": "1"}, NOW)
    assert calls.settle([], "demo", NOW) == []


def test_operators_are_named_and_only_the_last_words_stay() -> None:
    said = [{"action": "said", "call": "1", "speaker": "operator", "text": str(number)} for number in range(9)]
    (call,) = board(
        STARTED, {"action": "operators_rung", "call": "1"},
        {"action": "operator_answered", "call": "1", "operator": "Петрова А. В."}, *said,
    ).settle([], "demo", NOW)  # fmt: skip
    assert (call.step, call.operator) == (Step.TALKING, "Петрова А. В.")
    assert [line.text for line in call.said] == ["5", "6", "7", "8"]


def test_what_was_not_heard_is_made_good_from_the_journal() -> None:
    open_row, over = replace(a_call(2), ended_at=None), ended(a_call(1))
    calls = board({**STARTED, "call": over.id})
    assert [call.id for call in calls.settle([over, open_row], "demo", NOW)] == [open_row.id]
    assert calls.settle([], "elsewhere", NOW) == []
    assert calls.settle([], "demo", NOW + timedelta(hours=3)) == []


def test_news_of_nothing_known_changes_nothing() -> None:
    calls = board()
    assert not calls.follow({"action": "partial", "call": "9", "text": "x"}, NOW)
    assert not calls.follow({"action": "webhook"}, NOW)
    assert calls.follow({"action": "presence", "who": "Петрова А. В."}, NOW)
    assert not board(STARTED).follow({"action": "turn_over", "call": "1"}, NOW)


@pytest.mark.parametrize(
    ("figure", "met"),
    [(Figure("lost", 0.049, None, 0.05), True), (Figure("lost", 0.05, None, 0.05), False),
     (Figure("available", 0.95, None, 0.95, above=True), False), (Figure("available", 0.96, None, 0.95, True), True),
     (Figure("answer", 4.0, None, 4.0, strict=False), True), (Figure("answer", 4.1, None, 4.0, strict=False), False),
     (Figure("answer", None, None, 4.0), None)],
)  # fmt: skip
def test_norms_are_strict_where_the_form_is(figure: Figure, met: bool | None) -> None:
    assert figure.is_met is met


def test_the_five_numbers_of_a_day_and_their_trend() -> None:
    day = date(2026, 11, 25)
    today = LoadDay(day, 50, 2, 10, 4, rings=(3.0, 5.0), talks=(300.0, 900.0))
    week = LoadDay(day, 100, 10, 10, 5, rings=(4.0,), talks=(500.0,))
    found = {one.key: one for one in figures(today, week, RULES)}
    assert {key: one.now for key, one in found.items()} == {
        "lost": 0.04, "available": 0.96, "productive": 0.4, "answer": 4.0, "handling": 600.0,
    }  # fmt: skip
    assert [one.is_met for one in found.values()] == [True, True, False, True, True]
    assert [one.trend for one in found.values()] == ["better", "better", "worse", "same", "worse"]
    assert (found["lost"].part, found["lost"].whole, found["answer"].whole) == (2, 50, 2)


def test_a_call_of_the_journal_has_its_operator() -> None:
    assert CallNow.of(replace(a_call(1), operator="Петрова А. В.")).operator == "Петрова А. В."
