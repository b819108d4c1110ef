"""Hours and calendar in the console: they hold at once, are refused in words, and are undone (clauses 8, 12, 13)."""

from __future__ import annotations

from datetime import date

import pytest

from ivr.adapters.files.calendar import read_orders
from tests.console_house import House
from tests.web.conftest import SignIn

WEEK = {"monday": "8-17", "tuesday": "08:00 – 17:00", "saturday": "10:00-14:00"}


def test_a_new_week_holds_at_once(house: House, enter: SignIn) -> None:
    chief = enter("chief")
    answer = chief.post("/settings/hours/week", data={"csrf": chief.csrf, **WEEK})
    assert answer.headers["location"] == "/settings/hours?said=week"
    assert sorted(house.console.rooms.town("").rulebook.calendar.week) == [1, 2, 6]
    page = chief.get("/settings/hours?said=week").text
    assert 'value="08:00-17:00"' in page
    assert "Часы сохранены" in page


def test_a_day_ordered_closed_moves_the_deadline_and_is_undone(house: House, enter: SignIn) -> None:
    """It is Wednesday, 10:30: who calls now is called back on Thursday."""
    curator = enter("vlasova")
    assert "чт 26 нояб., 12:00" in curator.get("/settings/hours").text
    order = {"csrf": curator.csrf, "order_day": "2026-11-26", "order_hours": "", "why": "авария в здании"}
    assert curator.post("/settings/hours/orders", data=order).status_code == 303
    page = curator.get("/settings/hours").text
    assert "авария в здании" in page
    assert "Власова В. И." in page
    assert "пт 27 нояб., 12:00" in page
    assert read_orders(house.folder / "orders.toml")[date(2026, 11, 26)].hours == "closed"
    assert curator.post("/settings/hours/orders/2026-11-26/undo", data={"csrf": curator.csrf}).status_code == 303
    assert "чт 26 нояб., 12:00" in curator.get("/settings/hours").text
    assert curator.post("/settings/hours/orders/2026-11-26/undo", data={"csrf": curator.csrf}).status_code == 404


def test_a_local_day_stands_in_the_calendar_until_it_is_removed(house: House, enter: SignIn) -> None:
    chief = enter("chief")
    day = {"csrf": chief.csrf, "day": "2026-11-28", "day_hours": "9-15"}
    assert chief.post("/settings/hours/days", data=day).status_code == 303
    assert "местный" in chief.get("/settings/hours").text
    assert house.console.rooms.town("").rulebook.calendar.hours(date(2026, 11, 28)) is not None
    chief.post("/settings/hours/days/2026-11-28/remove", data={"csrf": chief.csrf})
    assert house.console.rooms.town("").rulebook.calendar.hours(date(2026, 11, 28)) is None


@pytest.mark.parametrize(
    ("path", "fields", "sentence"),
    [
        ("week", {"monday": "с утра"}, "09:00-18:00"), ("week", {}, "хотя бы один день"),
        ("days", {"day": "завтра"}, "2026-12-31"), ("days", {"day": "2026-11-28", "day_hours": "18-9"}, "09:00-15:00"),
        ("orders", {"order_day": "2026-11-26", "why": " "}, "Укажите, почему"),
        ("orders", {"order_day": "2026-11-24", "why": "поздно"}, "ближайших двух лет"),
        ("orders", {"order_day": "2026-11-26", "why": "x", "order_hours": "утро"}, "09:00-15:00"),
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused_in_words(
    house: House, enter: SignIn, path: str, fields: dict[str, str], sentence: str
) -> None:
    chief = enter("chief")
    answer = chief.post(f"/settings/hours/{path}", data={"csrf": chief.csrf, **fields})
    assert (answer.status_code, sentence in answer.text) == (409, True)
    assert all(value in answer.text for value in fields.values() if value.strip())
    assert not (house.folder / "orders.toml").exists()


def test_an_operator_looks_but_changes_nothing(enter: SignIn) -> None:
    anna = enter("petrova")
    page = anna.get("/settings/hours")
    assert page.status_code == 200
    assert "/settings/hours/orders" not in page.text
    assert anna.post("/settings/hours/week", data={"csrf": anna.csrf, **WEEK}).status_code == 403


def test_what_is_changed_by_a_command_is_followed(house: House, enter: SignIn) -> None:
    (house.folder / "console.toml").write_text('[week]\nsunday = "10:00-12:00"\n', "utf-8")
    house.console.rooms.administration.follow()
    assert sorted(house.console.rooms.town("").rulebook.calendar.week) == [7]
    (house.folder / "console.toml").write_text('[week]\nsunday = "никогда"\n', "utf-8")
    house.console.rooms.administration.follow()
    assert sorted(house.console.rooms.town("").rulebook.calendar.week) == [7]
