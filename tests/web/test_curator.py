"""The curator's pages: each clause with the rows behind its number, subjects, staffing, hearing, teaching."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from ivr.adapters.storage import tables
from ivr.adapters.storage.archive import ReportArchive
from ivr.domain.leg import LegRecord, Side
from ivr.domain.letter import FiledReport, ReportKind
from ivr.domain.presence import Presence, PresenceChange, Told
from ivr.domain.report import Period
from ivr.services.curator import DayCounting
from tests.access_samples import ADMINISTRATOR
from tests.console_house import House
from tests.samples import SetClock
from tests.web.conftest import NOON, SignIn


def count(house: House) -> None:
    """As the timetable does."""
    rooms = house.console.rooms
    house.do(DayCounting(rooms.curator.tallies, rooms.clock).sweep("demo", house.console.callbacks.rulebook.calendar))


def calls_of_today(house: House) -> None:
    """Ten conversations within an hour, each of six minutes; two were lifted after seven seconds."""
    legs = []
    for number in range(10):
        at, key = NOON - timedelta(minutes=50 - number), house.rows[number % 8] if number < 8 else f"{number:032x}"
        over, lifted = at + timedelta(minutes=6), at + timedelta(seconds=7 if number < 2 else 2)
        legs.append(LegRecord(f"c{number}", "demo", key, Side.CALLER, at, over, answered_at=at, mode="front_desk"))
        legs.append(
            LegRecord(f"o{number}", "demo", key, Side.OPERATOR, at, over, answered_at=lifted, mode="front_desk")
        )
    house.do(house.console.callbacks.journal.enter(legs))


def test_each_clause_has_its_share_and_leads_to_the_rows_behind_it(house: House, enter: SignIn) -> None:
    calls_of_today(house)
    count(house)
    vera = enter("vlasova")
    page = vera.get("/curator").text.replace("\xa0", " ")
    assert "80 %</strong> (8 из 10)" in page
    path = re.search(r'href="(/curator/clauses/lifted[^"]*)">нарушено: 2<', page)
    assert path
    rows = vera.get(path[1].replace("&amp;", "&")).text.replace("\xa0", " ")
    assert re.findall(r'data-row="([0-9a-f]+)"', rows) == sorted(house.rows[:2])
    assert "позже на 3 с" in rows
    assert f'href="/messages/{house.rows[0]}"' in rows
    assert "Иванова Мария Петровна" in rows


def test_an_overdue_promise_breaks_clause_13(house: House, enter: SignIn) -> None:
    count(house)
    vera = enter("vlasova")
    assert "нарушено: 1" in vera.get("/curator").text
    rows = vera.get("/curator/clauses/called_back").text
    assert re.findall(r'data-row="([0-9a-f]+)"', rows) == [house.rows[0]]
    assert "позже на 14" in rows


def test_hours_with_too_few_operators_and_a_month_told_late_have_their_rows(house: House, enter: SignIn) -> None:
    rooms, edition = house.console.rooms, house.console.callbacks.rulebook.vocabulary.edition
    for login in ("petrova", "sidorov"):
        before = NOON - timedelta(days=3)
        facts = {"trained_at": before, "acquainted_with": edition, "acquainted_at": before}
        house.do(rooms.people.change(ADMINISTRATOR, login, **facts))
    opens = NOON.replace(hour=6, minute=0)  # 09:00 in Moscow
    for number, (who, after) in enumerate((("Петрова А. В.", 0), ("Сидоров Б. Н.", 15))):
        at = opens + timedelta(minutes=after)
        mark = PresenceChange(f"{number:032x}", "demo", who, Presence.ON_SHIFT, at, Told.CONSOLE, who)
        house.do(house.console.callbacks.presence.add(mark))
    due = NOON.replace(hour=6)
    month = Period.month_of(NOON.date()).before
    report = FiledReport("b" * 32, "demo", ReportKind.MONTH, month, 1, due, due, "x", 1, "", "",
                         reported_at=NOON, reported_by="Власова В. И.")  # fmt: skip
    ReportArchive(house.console.callbacks.engine).file(report, b"x")
    count(house)
    vera = enter("vlasova")
    page = vera.get("/curator").text.replace("\xa0", " ")
    assert "не менее двух обученных операторов" in page and "0 %</strong> (0 из 1)" in page
    rows = vera.get("/curator/clauses/staffed").text
    assert "час с ср 25 нояб., 09:00" in rows and "не хватало 15 мин" in rows
    told = vera.get("/curator/clauses/told").text
    assert f'href="/reports/{"b" * 32}"' in told and "позже на 1 ч 0 мин" in told
    assert "письма в эти дни не было" in vera.get("/curator/clauses/letter").text


def test_the_norms_are_drawn_and_told_as_a_table(house: House, enter: SignIn) -> None:
    calls_of_today(house)
    count(house)
    page = enter("auditor").get("/curator?from=2026-11-20&to=2026-11-25").text.replace("\xa0", " ")
    assert page.count("<svg") == 4  # nobody was called out today
    assert "3 с" in page and "5:57" in page and "0 %" in page


def test_nothing_counted_yet_is_said_so(enter: SignIn) -> None:
    vera = enter("vlasova")
    assert "ещё считаются" in vera.get("/curator").text
    assert "сообщений не было" in vera.get("/curator/subjects").text
    assert "нарушений нет" in vera.get("/curator/clauses/card").text
    assert vera.get("/curator/clauses/nothing").status_code in (404, 409)


def test_subjects_lead_to_the_journal_and_hours_to_operators(house: House, enter: SignIn) -> None:
    calls_of_today(house)
    count(house)
    page = enter("vlasova").get("/curator/subjects").text.replace("&amp;", "&").replace("\xa0", " ")
    assert 'href="/journal?from=2026-10-27&to=2026-11-25&topic=hot_water">Горячее водоснабжение' in page
    for words in ("Тёплое", "не назван", "тема не понята", "09:00", "Расчёт по Эрлангу C: разговор в среднем 5:57"):
        assert words in page


def test_corrections_show_what_was_misheard(house: House, enter: SignIn, clock: SetClock) -> None:
    vera, key = enter("vlasova"), house.rows[4]
    vera.act(f"/callbacks/{key}/messages/{key}/name", surname="Смирнова", name="Олеся", patronymic="Викторовна")
    vera.act(f"/callbacks/{key}/messages/{key}/topic", topic="hot_water")
    with house.console.callbacks.engine.begin() as db:
        db.execute(update(tables.message).values(status="closed"))
    clock.pass_minutes(1)
    count(house)
    page = vera.get("/curator/hearing").text.replace("\xa0", " ")
    assert "«ольга» → " in page and "«олеся»" in page
    assert "Отопление → " in page
    assert '88 %</strong> <span class="muted">(7 из 8)' in page  # the silent call has no words to be right about
    assert "33 %" in page


def test_a_word_is_taught_and_counts_at_once(house: House, enter: SignIn) -> None:
    vera, lists = enter("vlasova"), house.console.rooms.administration.topics
    answer = vera.act("/curator/teach", word=" Снегоболотоход ", topic="snow", strength="strong")
    assert answer.headers["HX-Redirect"].startswith("/curator/hearing?taught=")
    kept = lists.book.topics()
    (snow,) = [topic for topic in kept if topic.key == "snow"]
    assert snow.lists["strong"].split(", ")[-1] == "снегоболотоход"
    assert lists.book.reader(lists.book.text())("снегоболотоход")[0].value == "snow"
    for wrong in ({"word": "", "topic": "snow"}, {"word": "x", "topic": "nothing"},
                  {"word": "x", "topic": "snow", "strength": "title"}):  # fmt: skip
        assert vera.act("/curator/teach", **wrong).status_code in (404, 409, 422)
    assert enter("auditor").act("/curator/teach", word="снег", topic="snow").status_code == 403


@pytest.mark.parametrize("query", ["from=x&to=y", "from=2026-11-25&to=2026-11-01", "from=0001-01-01&to=9999-12-31"])
def test_days_that_are_no_days_are_the_last_ones(enter: SignIn, query: str) -> None:
    vera = enter("vlasova")
    for page in ("/curator", "/curator/subjects", "/curator/hearing"):
        assert vera.get(f"{page}?{query}").status_code == 200


def test_operators_have_no_part_in_it(enter: SignIn) -> None:
    anna = enter("petrova")
    assert 'href="/curator"' not in anna.get("/callbacks").text
    assert anna.get("/curator").status_code == 403
