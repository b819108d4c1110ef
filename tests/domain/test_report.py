from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.domain.month import month_report_due
from ivr.domain.report import LoadDay, Period

MOSCOW = ZoneInfo("Europe/Moscow")
DAY = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-W47", date(2026, 11, 16), date(2026, 11, 22)),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        ("2026-11-23", date(2026, 11, 23), date(2026, 11, 23)),
        ("2026-11-01..2026-12-05", date(2026, 11, 1), date(2026, 12, 5)),
    ],
)
def test_a_period_is_read_as_people_write_it(text: str, first: date, last: date) -> None:
    assert Period.parse(text) == Period(first, last)


@pytest.mark.parametrize("text", ["", "11.2026", "2026-13", "2026-W60", "2026-11-31", "2026-12-05..2026-11-01", "x"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Period.parse(text)


def test_the_past_week_is_monday_to_sunday_in_moscow() -> None:
    begins, ends = Period.week_of(date(2026, 11, 22)).moments(MOSCOW)
    assert begins == datetime(2026, 11, 15, 21, tzinfo=UTC)
    assert ends - begins == timedelta(days=7)


def test_before_a_month_comes_the_month_before_and_before_a_week_the_week_before() -> None:
    assert Period.parse("2026-03").before == Period.parse("2026-02")
    assert Period.parse("2026-W47").before == Period.parse("2026-W46")


def test_shares_are_blank_when_nothing_came_or_was_made() -> None:
    idle = LoadDay(DAY, 0, 0, 0, 0)
    assert (idle.lost_share, idle.availability, idle.productivity, idle.accepted) == (None, None, None, 0)
    assert LoadDay(DAY).accepted is None


def test_shares_follow_the_formulas_of_the_form() -> None:
    day = LoadDay(DAY, received=40, lost=2, outgoing=20, reached=9)
    assert (day.lost_share, day.accepted, day.availability, day.productivity) == (0.05, 38, 0.95, 0.45)


def test_a_total_weighs_the_ring_time_by_answered_calls() -> None:
    days = (LoadDay(DAY, 10, 0, ring_seconds=3.0), LoadDay(DAY, 30, 0, ring_seconds=5.0), LoadDay(DAY, note="weekend"))
    assert LoadDay.total(DAY, days).ring_seconds == 4.5
    assert LoadDay.total(DAY, ()).ring_seconds is None


def test_the_month_is_due_on_the_4th_or_the_working_day_before() -> None:
    october = Period.parse("2026-10")
    weekdays = frozenset(day for day in Period.parse("2026-10-20..2026-11-10") if day.weekday() < 5)
    assert month_report_due(october, weekdays) == date(2026, 11, 4)
    assert month_report_due(october, weekdays - {date(2026, 11, 4)}) == date(2026, 11, 3)
    september = Period.parse("2026-09")
    working = frozenset(day for day in Period.parse("2026-09-20..2026-10-10") if day.weekday() < 5)
    assert month_report_due(september, working) == date(2026, 10, 2)  # the 4th is a Sunday
