"""The calendar's files: mistakes are named with their lines, orders overrule everything."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ivr.adapters.files.calendar import Order, keep_order, read_calendar, read_orders
from ivr.adapters.files.production import known_until, production_days
from ivr.errors import SettingsError

AT = datetime(2026, 11, 24, 6, tzinfo=UTC)
DAY = date(2026, 11, 24)
YEARS = range(2026, 2027)


def test_all_mistakes_of_the_calendar_are_named_at_once_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "calendar.toml"
    file.write_text(
        'time_zone = "Mars/Base"\nshort = 1\n[week]\nmonday = "18:00-09:00"\nmonkday = "09:00-18:00"\n'
        '[days]\n2026-02-30 = "closed"\n2026-03-02 = "all day"\n',
        "utf-8",
    )
    with pytest.raises(SettingsError) as caught:
        read_calendar(YEARS, file)
    lines = "\n".join(caught.value.mistakes)
    for line in (1, 2, 4, 5, 7, 8):
        assert f"calendar.toml:{line}" in lines


def test_a_calendar_without_a_week_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "calendar.toml"
    file.write_text("", "utf-8")
    with pytest.raises(SettingsError, match="at least one working day"):
        read_calendar(YEARS, file)


def test_a_day_named_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "calendar.toml"
    file.write_text(
        '[week]\nmonday = "09:00-18:00"\n[days]\n2026-03-02 = "closed"\n2026-03-02 = "09:00-10:00"\n', "utf-8"
    )
    with pytest.raises(SettingsError, match=r"calendar\.toml"):
        read_calendar(YEARS, file)


@pytest.mark.parametrize(
    ("hours", "complaint"),
    [
        ('"09:00-13:00, 12:00-18:00"', "overlap from 12:00"),
        ('["12:00-18:00", "09:00-12:30"]', "overlap from 12:00"),
        ('"09:00-13:00, 14:00-18:00"', "clause 8 knows no break"),
        ('"09:00-18:00, closed"', "neither hours"),
    ],
)
def test_hours_that_overlap_or_leave_a_gap_are_named_with_their_line(
    tmp_path: Path, hours: str, complaint: str
) -> None:
    file = tmp_path / "calendar.toml"
    file.write_text(f'[week]\ntuesday = "09:00-18:00"\nmonday = {hours}\n', "utf-8")
    with pytest.raises(SettingsError) as caught:
        read_calendar(YEARS, file)
    assert any(complaint in line and "calendar.toml:3" in line for line in caught.value.mistakes)


def test_hours_in_parts_that_join_are_one_day(tmp_path: Path) -> None:
    file = tmp_path / "calendar.toml"
    file.write_text('[week]\ntuesday = ["09:00-13:00", "13:00-18:00"]\n', "utf-8")
    hours = read_calendar(YEARS, file).hours(DAY)
    assert hours
    assert (f"{hours.opens:%H:%M}", f"{hours.closes:%H:%M}") == ("09:00", "18:00")


def test_a_span_of_days_is_closed_and_a_day_said_twice_is_named(tmp_path: Path) -> None:
    file = tmp_path / "calendar.toml"
    week = '[week]\ntuesday = "09:00-18:00"\nwednesday = "09:00-18:00"\n[days]\n"2026-11-23..2026-11-24" = "closed"\n'
    file.write_text(week, "utf-8")
    calendar = read_calendar(YEARS, file)
    assert calendar.hours(DAY) is None
    assert calendar.hours(date(2026, 11, 25))
    file.write_text(f'{week}2026-11-24 = "09:00-12:00"\n', "utf-8")
    with pytest.raises(SettingsError, match=r"2026-11-24 is named already in 2026-11-23\.\.2026-11-24"):
        read_calendar(YEARS, file)
    file.write_text(f'{week}"2026-12-30..2026-12-01" = "closed"\n', "utf-8")
    with pytest.raises(SettingsError, match="ends before it begins"):
        read_calendar(YEARS, file)


@pytest.mark.parametrize(
    ("lists", "complaint"),
    [
        ("worked = [2026-11-28]\noff = [2026-11-28]\nshort = []", "worked and off at once"),
        ("worked = []\noff = [2026-11-24]\nshort = [2026-11-24]", "off and short at once"),
        ("worked = [2026-11-24]\noff = []\nshort = []", "is worked anyway"),
        ("worked = []\noff = [2026-11-24, 2026-11-24]\nshort = []", "stands twice in off"),
    ],
)
def test_a_decree_that_contradicts_itself_is_named(tmp_path: Path, lists: str, complaint: str) -> None:
    table = tmp_path / "production.toml"
    table.write_text(f"[2026]\n{lists}\n", "utf-8")
    with pytest.raises(SettingsError, match=complaint):
        known_until(table)


def test_an_order_closes_a_day_and_says_who_and_why(tmp_path: Path) -> None:
    orders = tmp_path / "orders.toml"
    keep_order(orders, DAY, Order("closed", 'Петрова "А."', "авария\nв здании", AT))
    calendar = read_calendar(YEARS, orders=orders)
    assert calendar.hours(DAY) is None
    assert calendar.days[DAY].note == 'Петрова "А.": авария в здании'
    assert read_orders(orders)[DAY].at == AT


def test_an_order_opens_a_saturday_and_can_be_taken_back(tmp_path: Path) -> None:
    orders, saturday = tmp_path / "orders.toml", date(2026, 11, 28)
    keep_order(orders, DAY, Order("closed", "a", "b", AT))
    keep_order(orders, saturday, Order("10:00-14:00", "a", "b", AT))
    assert read_calendar(YEARS, orders=orders).hours(saturday)
    keep_order(orders, saturday, None)
    calendar = read_calendar(YEARS, orders=orders)
    assert calendar.hours(saturday) is None
    assert calendar.hours(DAY) is None


def test_an_order_with_impossible_hours_is_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    orders = tmp_path / "orders.toml"
    with pytest.raises(SettingsError):
        keep_order(orders, DAY, Order("25:00-26:00", "a", "b", AT))
    assert not orders.exists()


def test_an_order_spoilt_by_hand_is_named_with_its_line_and_closes_no_day(tmp_path: Path) -> None:
    orders = tmp_path / "orders.toml"
    keep_order(orders, DAY, Order("09:00-15:00", "a", "b", AT))
    orders.write_text(orders.read_text("utf-8").replace("09:00", "9:00"), "utf-8")
    with pytest.raises(SettingsError, match=r"orders\.toml:2: '9:00-15:00' is neither hours") as caught:
        read_calendar(YEARS, orders=orders)
    file = tmp_path / "calendar.toml"
    file.write_text("short = 1\n", "utf-8")
    with pytest.raises(SettingsError) as both:
        read_calendar(YEARS, file, orders)
    assert set(caught.value.mistakes) < set(both.value.mistakes)
    orders.write_text("[2026-11-24]\nclosed = true\n", "utf-8")
    with pytest.raises(SettingsError, match=r"orders\.toml") as both:
        read_calendar(YEARS, file, orders)
    assert len(both.value.mistakes) == 3


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('short_day_minutes = "an hour"\n', "short_day_minutes: no number of minutes"),
        ("short_day_minutes = -60\n", "short_day_minutes: no number of minutes"),
        ('days = "closed"\n', "days: hours by day"),
        ('week = "closed"\n', "week: hours by weekday"),
    ],
)
def test_a_calendar_of_another_shape_is_named_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "calendar.toml"
    file.write_text(text + ("" if text.startswith("week") else '[week]\nmonday = "09:00-18:00"\n'), "utf-8")
    with pytest.raises(SettingsError, match=rf"calendar\.toml:1: {complaint}"):
        read_calendar(YEARS, file)


def test_a_power_cut_leaves_the_orders_of_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = tmp_path / "orders.toml"
    keep_order(orders, DAY, Order("closed", "a", "b", AT))
    monkeypatch.setattr(os, "fsync", _power_cut)
    with pytest.raises(OSError, match="power"):
        keep_order(orders, DAY, None)
    assert list(read_orders(orders)) == [DAY]


def _power_cut(_file: int) -> None:
    """Before the content is on the disk."""
    raise OSError("power")


@pytest.mark.parametrize(
    "text", ['[2026]\nworked = "all"\n', "[year]\noff = []\n", "[2026]\noff = [2025-01-01]\n", "[2026]\nshort = [1]\n"]
)
def test_a_table_of_decrees_that_cannot_be_meant_is_refused(tmp_path: Path, text: str) -> None:
    table = tmp_path / "production.toml"
    table.write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=r"production\.toml"):
        known_until(table)


def test_a_decree_overrules_the_library(tmp_path: Path) -> None:
    table = tmp_path / "production.toml"
    table.write_text("[2026]\nworked = []\noff = [2026-11-24]\nshort = []\n", "utf-8")
    week = read_calendar(YEARS).week
    rules = production_days(YEARS, week, datetime.resolution, table)
    assert rules[DAY].hours is None
