"""The journal: every row, words in any form, filters that are links, the selection as a sheet, a row's card."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from ivr.adapters.storage import tables
from ivr.adapters.storage.search_index import keep_words
from tests.console_house import House, make_house
from tests.samples import SetClock
from tests.seeding import bulk
from tests.web.conftest import NOON, Browser, SignIn

Change = dict[str, object]


def ids(page: str) -> list[str]:
    """The rows of a page, in order."""
    return re.findall(r'data-row="([0-9a-f]+)"', page)


def change(house: House, row: int, **news: object) -> None:
    """A message as people or programs have left it, found by what stands there now."""
    with house.console.callbacks.engine.begin() as db:
        db.execute(update(tables.message).where(tables.message.c.id == house.rows[row]).values(**news))
        keep_words(db, [house.rows[row]])


def test_all_rows_stand_there_the_newest_first(house: House, enter: SignIn) -> None:
    page = enter("petrova").get("/journal").text
    assert ids(page) == [house.rows[row] for row in (8, 6, 3, 5, 0, 4, 1, 2, 7)]
    assert "Найдено: 9" in page
    assert "имя не названо" in page and "номера нет" in page and "срочно" in page


@pytest.mark.parametrize(
    ("words", "rows"),
    [("вода", [0]), ("ВОДЫ горячие", [0]), ("собака", [5]), ("дорога", [2]), ("000-12-34", [0]), ("1234", [0]),
     ("Иванов", [0]), ("теплое", [3, 0, 4, 2]), ("чепуха", []), ("вода собака", [])],
)  # fmt: skip
def test_words_are_found_in_any_form_numbers_by_their_ends(
    house: House, enter: SignIn, words: str, rows: list[int]
) -> None:
    found = ids(enter("petrova").get("/journal/rows", params={"q": words}).text)
    assert found == [house.rows[row] for row in rows]


def test_what_was_found_is_marked_where_it_stands(house: House, enter: SignIn) -> None:
    page = enter("petrova").get("/journal/rows?q=вода").text
    assert "<mark>воды</mark>" in page
    assert page.count("<mark>") == 1


@pytest.mark.parametrize(
    ("query", "rows"),
    [("topic=snow", [1]), ("topic=none", [8]), ("flag=emergency", [3]), ("status=new&topic=gas", [3]),
     ("mode=front_desk", []), ("promise=made&q=снег", [1]), ("status=answered", []),
     ("from=2026-11-25&topic=roads", []),
     ("from=2026-11-24&to=2026-11-24", [4, 1, 2, 7]), ("to=2026-11-24&from=2026-11-25&topic=hot_water", [0]),
     ("from=nonsense&topic=snow", [1]), ("to=9999-12-31&topic=snow", [1]), ("from=2300-01-01&topic=snow", [1]),
     ("from=0001-01-01&topic=snow", [1]), ("from=1999-12-31&to=2101-01-01&topic=snow", [1]),
     ("from=2000-01-01&to=2100-12-31&topic=snow", [1])],
)  # fmt: skip
def test_filters_narrow_the_selection(house: House, enter: SignIn, query: str, rows: list[int]) -> None:
    assert ids(enter("petrova").get(f"/journal/rows?{query}").text) == [house.rows[row] for row in rows]


def test_every_filter_is_a_link_that_keeps_the_others_and_can_be_taken_away(house: House, enter: SignIn) -> None:
    page = enter("petrova").get("/journal?q=снег&topic=snow").text.replace("&amp;", "&")
    assert 'href="/journal?q=%D1%81%D0%BD%D0%B5%D0%B3&topic=snow&status=new"' in page
    assert 'href="/journal?q=%D1%81%D0%BD%D0%B5%D0%B3"' in page
    assert "Уборка снега" in page
    assert 'aria-label="убрать"' in page


def test_a_corrected_row_is_found_by_its_correction_at_once(house: House, enter: SignIn) -> None:
    anna = enter("petrova")
    anna.act(f"/callbacks/{house.rows[5]}/messages/{house.rows[5]}/gist", gist="стая у котельной")
    assert ids(anna.get("/journal/rows?q=котельная").text) == [house.rows[5]]
    assert ids(anna.get("/journal/rows?corrected=gist").text) == [house.rows[5]]


def test_the_selection_is_kept_as_appendix_2(house: House, enter: SignIn) -> None:
    answer = enter("vlasova").get("/journal.xlsx?topic=hot_water")
    assert answer.headers["content-type"].startswith("application/vnd.openxmlformats")
    assert answer.headers["content-disposition"].startswith('attachment; filename="journal-2026-11-25.xlsx"')
    sheet = load_workbook(io.BytesIO(answer.content)).active
    cells = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]
    assert any("Тематика: Горячее водоснабжение" in cell for cell in cells)
    assert "Иванова Мария Петровна" in cells
    assert not any("Кузнецов" in cell for cell in cells)
    kept = [entry for entry in house.console.access.log.book.walk() if entry.deed == "export"]
    assert [(entry.who, entry.facts) for entry in kept] == [("vlasova", {"filtered": "topic", "rows": "1"})]


def test_operators_look_but_take_no_copies(house: House, enter: SignIn) -> None:
    anna = enter("petrova")
    assert "Скачать .xlsx" not in anna.get("/journal").text
    assert anna.get("/journal.xlsx").status_code == 403


def test_what_was_searched_is_not_written_down_only_that_it_was(house: House, enter: SignIn) -> None:
    enter("petrova").get("/journal?q=иванова&topic=hot_water")
    looked = [
        entry for entry in house.console.access.log.book.walk() if (entry.deed, entry.thing) == ("list", "message")
    ]
    assert [entry.facts for entry in looked] == [{"filtered": "topic", "searched": "yes"}]


def test_a_row_with_a_promise_leads_to_the_promise(house: House, enter: SignIn) -> None:
    anna = enter("petrova")
    assert f'href="/callbacks/{house.rows[0]}"' in anna.get("/journal").text
    assert anna.get(f"/messages/{house.rows[0]}").headers["location"] == f"/callbacks/{house.rows[0]}"


def test_a_row_without_a_promise_has_a_card_of_its_own(house: House, enter: SignIn) -> None:
    key = house.rows[6]
    change(house, 6, callback_id=None, status="answered", result="explained", comment="приём по вторникам")
    anna = enter("petrova")
    assert f'href="/messages/{key}"' in anna.get("/journal?promise=none").text
    page = anna.get(f"/messages/{key}").text
    for words in ("Петров Сергей", "даны разъяснения", "приём по вторникам", "обещан", "data-at="):
        assert words in page
    said = anna.act(f"/messages/{key}/gist", gist="когда приём главы")
    assert "когда приём главы" in said.text
    undo = re.search(rf'hx-post="(/messages/{key}/undo/[0-9a-f]+)"', said.text)
    assert undo
    assert "когда приём главы" in anna.act(undo[1]).text  # as what stood there before


def test_an_unknown_row_says_so(enter: SignIn) -> None:
    answer = enter("petrova").get("/messages/nothing")
    assert answer.status_code in (404, 409)
    assert "data-code" in answer.text or "refusal" in answer.text


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = make_house(tmp_path_factory.mktemp("many"), seeded=False, clock=SetClock(NOON))
    bulk(house.console.callbacks.engine, 230, NOON - timedelta(hours=1), "demo", open_rows=10)
    yield house
    house.console.dispose()


def test_every_row_is_reached_page_by_page(many: House) -> None:
    with Browser(many.console.app, follow_redirects=False) as anna:
        anna.sign_in("petrova")
        for query, count in (("", 230), ("topic=snow", 29), ("q=снег", 29)):
            seen: list[str] = []
            path: str | None = f"/journal?{query}"
            while path:
                page = anna.get(path).text
                seen += ids(page)
                assert len(seen) <= count
                found = re.search(r'href="([^"]+)" rel="next"', page)
                path = found[1].replace("&amp;", "&") if found else None
            assert (len(seen), len(set(seen))) == (count, count)


def test_an_empty_journal_says_what_will_appear(tmp_path: Path) -> None:
    house = make_house(tmp_path / "empty", seeded=False)
    with Browser(house.console.app, follow_redirects=False) as anna:
        anna.sign_in("petrova")
        assert "Журнал пуст" in anna.get("/journal").text
        assert "Ничего не найдено" in anna.get("/journal?q=вода").text
    house.console.dispose()
