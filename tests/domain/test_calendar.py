"""Deadlines by the working calendar: every row of interpretations 1-4 and 15, and an oracle that counts the days."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.adapters.files.calendar import production_table, read_calendar
from ivr.adapters.files.production import disagreements
from ivr.domain.calendar import DayRule, Hours, WorkingCalendar
from ivr.domain.deadlines import attempt_window, closing, feedback_due
from ivr.domain.notices import calendar_notice
from ivr.domain.regulation import Regulation

MOSCOW = ZoneInfo("Europe/Moscow")
CALENDAR = read_calendar(range(2023, 2032))
RULES = Regulation()


def at(text: str) -> datetime:
    """A moment in Moscow."""
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("called", "due"),
    [
        ("2026-11-20T23:00", "2026-11-23T12:00"),
        ("2025-10-31T20:00", "2025-11-01T12:00"),  # a transferred working Saturday
        ("2025-11-01T20:00", "2025-11-05T12:00"),
        ("2025-12-30T20:00", "2026-01-12T12:00"),
        ("2026-11-03T20:00", "2026-11-05T12:00"),
        ("2026-12-30T20:00", "2027-01-11T12:00"),
        ("2027-02-19T20:00", "2027-02-20T12:00"),
        ("2026-11-24T03:00", "2026-11-24T12:00"),  # interpretation 2: before opening
        ("2026-11-24T08:59", "2026-11-24T12:00"),
        ("2026-11-22T03:00", "2026-11-23T12:00"),  # a Sunday night is no working day's
        ("2026-11-24T10:00", "2026-11-25T12:00"),  # interpretation 3: missed in working hours
    ],
)
def test_the_callback_is_due_by_noon_of_the_right_day(called: str, due: str) -> None:
    assert CALENDAR.callback_deadline(at(called), RULES).at == at(due)


def test_a_day_that_opens_after_noon_is_too_late_for_a_call_before() -> None:
    """A deadline never lies before the call, nor before anybody is there."""
    ordered = DayRule(Hours(time(13), time(18)), "order")
    calendar = replace(CALENDAR, days={**CALENDAR.days, date(2026, 11, 24): ordered})
    for called in ("2026-11-24T08:00", "2026-11-24T12:30"):
        assert calendar.callback_deadline(at(called), RULES).at == at("2026-11-25T12:00")


def test_the_formal_reading_of_clause_13_can_be_chosen() -> None:
    formal = replace(RULES, formal_clause_13=True)
    assert CALENDAR.callback_deadline(at("2026-11-24T03:00"), formal).at == at("2026-11-25T12:00")


@pytest.mark.parametrize(
    ("ended", "opens", "closes"),
    [
        ("2026-11-23T10:00", "2026-11-23T10:30", "2026-11-23T11:00"),
        ("2026-11-23T16:59", "2026-11-23T17:29", "2026-11-23T17:59"),
        ("2026-11-23T17:10", "2026-11-24T09:00", "2026-11-24T09:30"),  # the window would pass closing time
        ("2026-11-20T16:40", "2026-11-23T09:00", "2026-11-23T09:30"),  # Friday closes at 17:00
    ],
)
def test_the_next_attempt_has_its_window(ended: str, opens: str, closes: str) -> None:
    window = attempt_window(CALENDAR, at(ended), RULES)
    assert (window.opens, window.closes) == (at(opens), at(closes))


@pytest.mark.parametrize(
    ("called", "due"),
    [
        ("2026-11-23T10:00", "2026-11-26T18:00"),
        ("2026-11-20T23:00", "2026-11-25T18:00"),
        ("2026-11-03T20:00", "2026-11-09T18:00"),
        ("2026-12-30T10:00", "2027-01-13T18:00"),
    ],
)
def test_an_answer_is_due_at_closing_time_of_the_third_working_day(called: str, due: str) -> None:
    assert feedback_due(CALENDAR, at(called), RULES) == at(due)


RUSSIA = holidays.country_holidays("RU", years=range(2024, 2032))
DECREES = {int(year): days for year, days in tomllib.loads(production_table().read_text("utf-8")).items()}


def works(day: date) -> bool:
    """Whether Russia works on a day, by the decrees where there are any, else by the library; ours is not asked."""
    decree = DECREES.get(day.year)
    if decree is None:
        return bool(RUSSIA.is_working_day(day))
    if day in decree["worked"] or day in decree["off"]:
        return day in decree["worked"]
    law = {(1, one) for one in range(1, 9)} | {(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)}  # Labour Code 112
    return day.isoweekday() <= 5 and (day.month, day.day) not in law


def oracle(called: datetime) -> datetime:
    """Noon of the first working day after the call, found by walking from day to day."""
    local = called.astimezone(MOSCOW)
    day = local.date()
    if works(day) and local.time() < time(9):
        return datetime.combine(day, time(12), MOSCOW)
    while not works(day := day + timedelta(days=1)):
        pass
    return datetime.combine(day, time(12), MOSCOW)


@settings(max_examples=500)
@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 1)))
def test_an_oracle_agrees_with_every_deadline_from_2024_to_2030(moment: datetime) -> None:
    called = moment.replace(tzinfo=UTC)
    found = CALENDAR.callback_deadline(called, RULES)
    assert found.at == oracle(called)
    assert found.at > called
    assert found.because[-1].startswith("due:")


@settings(max_examples=300)
@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 1)))
def test_every_attempt_window_lies_within_working_hours(moment: datetime) -> None:
    ended = moment.replace(tzinfo=UTC)
    window = attempt_window(CALENDAR, ended, RULES)
    assert window.opens >= ended + timedelta(minutes=30)
    assert CALENDAR.is_open(window.opens)
    assert window.closes <= closing(CALENDAR, window.opens.astimezone(MOSCOW).date())


def test_the_library_and_the_decrees_agree() -> None:
    assert disagreements(production_table()) == []


@pytest.mark.parametrize(
    ("day", "closes"),
    [("2026-11-03", "17:00"), ("2026-04-30", "17:00"), ("2025-11-01", "17:00"), ("2024-04-27", "18:00")],
)
def test_days_before_holidays_are_an_hour_shorter(day: str, closes: str) -> None:
    hours = CALENDAR.hours(date.fromisoformat(day))
    assert hours
    assert f"{hours.closes:%H:%M}" == closes


def test_there_is_no_lunch_gap() -> None:
    assert all(CALENDAR.is_open(at(f"2026-11-24T{hour:02}:30")) for hour in range(9, 18))


def test_the_door_opens_and_closes_to_the_second() -> None:
    assert not CALENDAR.is_open(at("2026-11-24T08:59:59"))
    assert CALENDAR.is_open(at("2026-11-24T09:00:00"))
    assert CALENDAR.is_open(at("2026-11-24T17:59:59"))
    assert not CALENDAR.is_open(at("2026-11-24T18:00:00"))


def test_a_calendar_without_working_days_says_so() -> None:
    closed = WorkingCalendar({}, {date(2026, 1, 1): DayRule(None, "local")})
    with pytest.raises(ValueError, match="no working day"):
        closed.next_working_day(date(2026, 1, 1))


def test_hours_that_end_before_they_begin_are_no_hours() -> None:
    with pytest.raises(ValueError, match="closes before it opens"):
        Hours(time(18), time(9))


def test_the_house_is_told_60_days_before_the_calendar_ends_and_once() -> None:
    last = date(2027, 12, 31)
    assert calendar_notice("demo", last, date(2027, 10, 31)) is None
    first, later = (calendar_notice("demo", last, day) for day in (date(2027, 11, 1), date(2027, 12, 30)))
    assert first
    assert later
    assert first.key == later.key
    assert calendar_notice("demo", date(2028, 12, 31), date(2027, 12, 30)) is None


def test_a_day_has_its_opening_hours_one_by_one() -> None:
    calendar = WorkingCalendar({1: Hours(time(8, 30), time(10, 45))})
    hours = [(f"{begins:%H:%M}", f"{ends:%H:%M}") for begins, ends in calendar.hours_of(date(2026, 11, 23))]
    assert hours == [("05:30", "06:30"), ("06:30", "07:30"), ("07:30", "07:45")]
    assert list(calendar.hours_of(date(2026, 11, 24))) == []
