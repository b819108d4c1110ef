"""Clauses 13 and 21: windows of the next attempt, and the day of the answer, as tables."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.domain.calendar import DayRule, WorkingCalendar
from ivr.domain.deadlines import attempt_window, feedback_due, internal_target, next_opening
from tests.samples import CALENDAR, RULES

MOSCOW = ZoneInfo("Europe/Moscow")
HOLIDAYS = WorkingCalendar(CALENDAR.week, {date(2026, 11, 4): DayRule(None, "public_holiday")}, MOSCOW)


def moscow(text: str) -> datetime:
    return datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("ended", "opens", "closes"),
    [
        ("02 10:00", "02 10:30", "02 11:00"),
        ("02 13:17", "02 13:47", "02 14:17"),  # no break for lunch (clause 8)
        ("02 17:00", "02 17:30", "02 18:00"),  # closes with the house: fits
        ("02 17:01", "03 09:00", "03 09:30"),  # passes closing time by a minute
        ("02 17:45", "03 09:00", "03 09:30"),
        ("02 19:00", "03 09:00", "03 09:30"),  # somebody stayed late
        ("02 08:00", "02 09:00", "02 09:30"),  # somebody came early
        ("02 08:30", "02 09:00", "02 09:30"),
        ("03 17:30", "05 09:00", "05 09:30"),  # over the holiday
        ("06 16:30", "09 09:00", "09 09:30"),  # over the weekend; Friday ends at 17:00
    ],
)
def test_the_next_attempt_has_its_window(ended: str, opens: str, closes: str) -> None:
    window = attempt_window(HOLIDAYS, moscow(ended), RULES)
    assert (window.opens, window.closes) == (moscow(opens), moscow(closes))


@pytest.mark.parametrize(
    ("called", "target"),
    [
        ("02 10:00", "02 11:00"),
        ("02 17:00", "02 18:00"),
        ("02 17:40", "03 09:40"),  # twenty minutes today, forty tomorrow
        ("03 17:40", "05 09:40"),  # over the holiday
        ("02 08:59", None),  # after hours: the assistant's promise stands alone
        ("02 18:00", None),
        ("07 12:00", None),
    ],
)
def test_a_call_missed_in_working_hours_has_the_houses_own_target(called: str, target: str | None) -> None:
    """Interpretation 3."""
    assert internal_target(HOLIDAYS, moscow(called), RULES) == (moscow(target) if target else None)


@given(st.datetimes(datetime(2026, 11, 1), datetime(2026, 11, 28), timezones=st.just(MOSCOW)))
@settings(max_examples=300)
def test_a_window_is_half_an_hour_of_working_time_and_never_sooner_than_30_minutes(ended: datetime) -> None:
    window = attempt_window(HOLIDAYS, ended, RULES)
    assert window.closes - window.opens == timedelta(minutes=30)
    assert window.opens >= ended + timedelta(minutes=30)
    assert HOLIDAYS.is_open(window.opens)
    assert HOLIDAYS.is_open(window.closes - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("moment", "opening"),
    [("02 09:00", "02 09:00"), ("02 09:01", "03 09:00"), ("01 12:00", "02 09:00"), ("04 00:00", "05 09:00")],
)
def test_the_next_opening(moment: str, opening: str) -> None:
    assert next_opening(HOLIDAYS, moscow(moment)) == moscow(opening)


@pytest.mark.parametrize(
    ("called", "due"),
    [
        ("09 10:00", "12 18:00"),  # Monday: the day of the call does not count
        ("09 23:59", "12 18:00"),
        ("10 10:00", "13 17:00"),  # Friday ends earlier
        ("03 10:00", "09 18:00"),  # the holiday and the weekend do not count
        ("07 12:00", "11 18:00"),  # a Saturday
    ],
)
def test_an_answer_is_due_at_the_end_of_the_third_working_day(called: str, due: str) -> None:
    assert feedback_due(HOLIDAYS, moscow(called), RULES) == moscow(due)
