"""Several municipalities in one console: each person sees his own, the region's curator sees sums alone."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ivr.bootstrap.files import municipalities_of
from ivr.domain.access import Actor
from ivr.domain.compliance import Clause
from ivr.services.curator import DayCounting, lately
from tests.access_samples import PASSWORD
from tests.console_house import NEIGHBOUR, TOWN, House, make_house, run, serve_neighbour
from tests.samples import SetClock
from tests.web.conftest import NOON, Browser, SignIn

CITIZENS = ("Иванова", "Кузнецов", "Смирнова", "+7 900", "79000", "Советская", "Петрова А. В.")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A morning's work in the house's own municipality, and another one that is served too."""
    folder: Path = tmp_path_factory.mktemp("towns")
    made = make_house(folder / "house", clock=SetClock(NOON), now=NOON, more=serve_neighbour(folder))
    yield made
    made.console.dispose()


def test_each_person_sees_the_name_hours_and_time_of_his_own(house: House, enter: SignIn) -> None:
    own, theirs = enter("vlasova"), enter("n-curator")
    assert "Тёпло-Огарёвский" in own.get("/settings/hours").text
    page = theirs.get("/settings/hours").text
    assert ("Соседский округ" in page, "Тёпло" in page) == (True, False)
    assert 'value="10:00-16:00"' in page
    assert house.console.rooms.town(NEIGHBOUR).zone.key == "Asia/Yekaterinburg"
    shown = house.console.rooms.town(NEIGHBOUR).zone, house.console.rooms.town(TOWN).zone
    assert [f"{NOON.astimezone(zone):%H:%M}" for zone in shown] == ["12:30", "10:30"]


def test_hours_orders_words_and_executors_are_changed_for_one_s_own_alone(house: House, enter: SignIn) -> None:
    boris = enter("n-curator")
    own, theirs = (house.console.rooms.town(key).rulebook for key in (TOWN, NEIGHBOUR))
    monday, before = date(2026, 11, 30), own.calendar.hours(date(2026, 11, 30))
    assert boris.act("/settings/hours/orders", order_day="2026-11-30", order_hours="", why="мороз").status_code == 204
    assert boris.act("/settings/hours/days", day="2026-12-01", day_hours="").status_code == 204
    assert boris.act("/settings/directory", title="Соседский водоканал").status_code == 204
    topics = house.console.rooms.town(NEIGHBOUR).administration.topics
    words = topics.book.topics()[0]
    kept = boris.act(f"/settings/topics/{words.key}", **{**words.lists, "strong": words.lists["strong"] + ", заструга"})
    assert kept.status_code in (200, 204), kept.text
    own, theirs = (house.console.rooms.town(key).rulebook for key in (TOWN, NEIGHBOUR))
    assert theirs.calendar.hours(monday) is None
    assert theirs.calendar.hours(date(2026, 12, 1)) is None
    assert own.calendar.hours(monday) == before
    assert [one.title for one in theirs.directory.executors] == ["Соседский водоканал"]
    assert len(own.directory.executors) > 1
    assert "Соседский водоканал" not in [one.title for one in own.directory.executors]
    assert "заструга" in topics.book.text()
    assert "заструга" not in house.console.rooms.administration.topics.book.text()


def test_the_recogniser_that_hears_all_of_them_is_taught_by_the_house_s_own_people_alone(
    house: House, enter: SignIn
) -> None:
    for login in ("n-curator", "n-chief"):
        guest = enter(login)
        assert guest.get("/settings/words").status_code == 403
        assert guest.act("/settings/words", text="подлужкино", kind="places").status_code == 403
        assert guest.get("/settings/words/0123456789abcdef").status_code == 403
        assert 'href="/settings/words"' not in guest.get("/settings/topics").text
    assert 'href="/settings/words"' not in enter("n-curator").get("/curator/hearing").text
    for login in ("vlasova", "chief"):
        assert enter(login).get("/settings/words").status_code == 200


def test_numbers_are_completed_by_the_plan_of_one_s_own(house: House) -> None:
    read = [house.console.rooms.town(key).reads_number("2-11-45") for key in (TOWN, NEIGHBOUR)]
    assert read == ["+74875521145", "+74875621145"]


def test_the_installation_s_administrator_makes_people_of_each_and_others_only_theirs(
    house: House, enter: SignIn
) -> None:
    chief, theirs = enter("chief"), enter("n-chief")
    assert "Соседский округ" in chief.get("/settings/people").text
    listed = chief.get(f"/settings/people?town={NEIGHBOUR}").text
    assert ("Соседова А. В." in listed, "Петрова А. В." in listed) == (True, False)
    facts = {"name": "Новосёлов Н. Н.", "role": "operator", "town": NEIGHBOUR}
    assert chief.act("/settings/people/new", login="novoselov", **facts).status_code == 200
    assert "Новосёлов Н. Н." in theirs.get("/settings/people").text
    assert theirs.get("/settings/people/petrova").status_code == 404
    assert theirs.act("/settings/people/new", login="forged", **{**facts, "town": TOWN}).status_code == 409
    assert theirs.act("/settings/people/new", login="forged", **{**facts, "role": "region"}).status_code == 409
    assert theirs.get("/settings/form/line").status_code == 403


def test_the_region_is_sums_and_shares_without_a_name_or_a_way_to_a_row(house: House, enter: SignIn) -> None:
    console = house.console
    moved = ", ".join(f"'{row}'" for row in house.rows[:3])
    with console.callbacks.engine.begin() as db:
        for table in ("callback", "message", "call"):
            db.exec_driver_sql(f"UPDATE \"{table}\" SET municipality = '{NEIGHBOUR}' WHERE id IN ({moved})")
    counting = DayCounting(console.rooms.curator.tallies, SetClock(NOON))
    for town in municipalities_of(console.callbacks.settings).served:
        run(counting.sweep(town.key, town.calendar))
    client = enter("region")
    home = client.get("/")
    assert (home.status_code, home.headers["location"]) == (303, "/region")
    page = client.get("/region").text
    main = page.partition("<main")[2]
    assert [name for name in ("Тёпло-Огарёвский", "Соседский округ", "Регион в целом") if name not in main] == []
    assert [mark for mark in CITIZENS if mark in main] == []
    links = {part.partition('"')[0].partition("?")[0] for part in main.split('href="')[1:]}
    assert links == {"/region", "/region.xlsx"}
    rows, total = run(console.rooms.region.sums(_region(house), lately(NOON.date(), 30)))
    assert [row.key for row in rows] == [TOWN, NEIGHBOUR]
    assert total.owed == sum(row.owed for row in rows) > rows[0].owed > 0
    assert total.overdue == sum(row.overdue for row in rows)
    assert [one.of for one in total.clauses] == [
        sum(row.clauses[place].of for row in rows) for place in range(len(Clause))
    ]
    book = load_workbook(io.BytesIO(client.get("/region.xlsx").content)).active
    said = [str(cell.value) for row in book.iter_rows() for cell in row]
    assert len(list(book.iter_rows())) == 4
    assert [mark for mark in CITIZENS if any(mark in text for text in said)] == []
    log = enter("auditor").get("/access-log").text
    assert "сводка по региону" in log


def _region(house: House) -> Actor:
    door = house.console.rooms.door
    token = run(door.sign_in("region", PASSWORD, "127.0.0.1"))
    return run(door.visitor(token, "127.0.0.1"))


def test_a_region_s_curator_is_let_in_nowhere_else(house: House, enter: SignIn) -> None:
    client: Browser = enter("region")
    for path in ("/callbacks", "/board", "/journal", "/curator", "/reports", "/settings/people", "/access-log"):
        assert client.get(path).status_code == 403, path
