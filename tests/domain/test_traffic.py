"""People call again, robots call on and on (fault F19)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ivr.domain.traffic import Limits, Traffic

NOON = datetime(2026, 11, 25, 9, tzinfo=UTC)
ROBOT, HONEST = "+79000000001", "+79000000002"


def after(seconds: float) -> datetime:
    """So long after noon."""
    return NOON + timedelta(seconds=seconds)


def test_a_number_that_calls_on_is_marked_then_refused_until_it_stops_for_a_while() -> None:
    traffic = Traffic(Limits(window_minutes=10, marked_after=2, refused_after=4))
    verdicts = [traffic.arrive(ROBOT, after(second)) for second in range(6)]
    assert [verdict.marked for verdict in verdicts] == [False, False, True, True, True, True]
    assert [verdict.refused for verdict in verdicts] == ["", "", "", "", "too_often", "too_often"]
    assert traffic.arrive(ROBOT, after(599)).refused == "too_often"
    assert traffic.arrive(ROBOT, after(599 + 601)).refused == ""


def test_a_number_has_so_many_conversations_at_once() -> None:
    traffic = Traffic(Limits(at_once=2))
    for _ in range(2):
        assert not traffic.arrive(ROBOT, NOON).refused
        traffic.begin(ROBOT)
    assert traffic.arrive(ROBOT, NOON).refused == "at_once"
    traffic.end(ROBOT)
    assert not traffic.arrive(ROBOT, NOON).refused


def test_hidden_numbers_and_extensions_are_shared_by_many() -> None:
    traffic = Traffic(Limits(refused_after=2, at_once=1, a_minute=0))
    for number in ("", "101"):
        traffic.begin(number)
        assert not any(traffic.arrive(number, NOON).refused for _ in range(50))


def test_above_the_limit_of_all_the_caller_is_asked_to_come_later() -> None:
    traffic = Traffic(Limits(a_minute=3))
    numbers = [f"+7900000{number:04}" for number in range(5)]
    assert [traffic.arrive(number, NOON).refused for number in numbers] == ["", "", "", "too_many", "too_many"]
    assert traffic.arrive(numbers[4], after(61)).refused == ""


def test_a_robot_of_20_calls_a_second_does_not_keep_people_out() -> None:
    traffic = Traffic()
    refused_people = 0
    for tick in range(20 * 600):
        traffic.arrive(ROBOT, after(tick / 20))
        if tick % 600 == 0:  # every 30 seconds somebody else
            refused_people += bool(traffic.arrive(f"+7900000{tick % 10_000:04}", after(tick / 20)).refused)
    assert refused_people == 0


def test_a_limit_of_0_is_none() -> None:
    traffic = Traffic(Limits(marked_after=0, refused_after=0, at_once=0, a_minute=0))
    traffic.begin(ROBOT)
    assert all(traffic.arrive(ROBOT, NOON) == type(traffic.arrive(HONEST, NOON))() for _ in range(200))


@given(st.lists(st.tuples(st.sampled_from([ROBOT, HONEST]), st.floats(0, 3600)), max_size=60))
def test_counting_agrees_with_looking_back_over_all_calls(calls: list[tuple[str, float]]) -> None:
    limits = Limits(window_minutes=10, marked_after=3, refused_after=6, at_once=0, a_minute=0)
    traffic, before = Traffic(limits), []
    for number, second in sorted(calls, key=lambda call: call[1]):
        before.append((number, second))
        within = sum(one == number and second - at <= 600 for one, at in before)
        verdict = traffic.arrive(number, after(second))
        assert bool(verdict.refused) == (within > 6)
        assert verdict.marked == (within > 3)


def test_who_called_once_is_forgotten_after_the_window() -> None:
    traffic = Traffic(Limits(window_minutes=10, marked_after=2, refused_after=4, a_minute=0))
    for number in range(500):
        traffic.arrive(f"+7900000{number:04d}", after(number))
    traffic.arrive(ROBOT, after(3600))
    assert set(traffic._calls) == {ROBOT}
