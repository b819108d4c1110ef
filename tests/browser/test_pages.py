"""The journal, the live board and the curator's pages in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from ivr.adapters.live import LiveSender
from ivr.services.curator import DayCounting
from tests.browser.conftest import Enter
from tests.console_house import House


def test_a_call_appears_on_the_board_by_itself_and_its_words_grow(house: House, enter: Enter) -> None:
    page = enter("petrova").go("/board")
    expect(page.locator("#board")).to_contain_text("Сейчас никто не звонит")
    page.wait_for_timeout(500)  # the stream is open
    tell = LiveSender(house.folder / "live")
    tell("call_started", {"call": "c1", "municipality": "demo", "mode": "after_hours"})
    tell("listening", {"call": "c1"})
    for words in ("меня", "меня зовут", "меня зовут иванова"):
        tell("partial", {"call": "c1", "text": words})
    expect(page.locator(".growing")).to_contain_text("меня зовут иванова…")
    expect(page.locator("[data-since]")).not_to_have_text("0:00")
    tell("call_ended", {"call": "c1"})
    expect(page.locator("#board")).to_contain_text("Сейчас никто не звонит")
    tell.close()


def test_the_journal_is_searched_by_typing_and_walked_by_keyboard(house: House, enter: Enter) -> None:
    page = enter("petrova").go("/journal")
    page.keyboard.press("/")
    page.keyboard.type("вода")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("mark")).to_have_text("воды")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/callbacks/{house.rows[0]}")


def test_filters_open_by_keyboard_and_close_by_escape(house: House, enter: Enter) -> None:
    page = enter("petrova").go("/journal")
    page.locator("summary", has_text="Тематика").focus()
    page.keyboard.press("Enter")
    page.locator(".pick[open] a", has_text="Уборка снега").focus()
    page.keyboard.press("Escape")
    expect(page.locator(".pick[open]")).to_have_count(0)
    page.keyboard.press("Enter")
    page.locator(".pick[open] a", has_text="Уборка снега").click()
    page.wait_for_url("**/journal?topic=snow")
    expect(page.locator("[data-row]")).to_have_count(1)


def test_the_selection_is_downloaded(enter: Enter) -> None:
    page = enter("vlasova").go("/journal?topic=snow")
    with page.expect_download() as download:
        page.locator("a", has_text="Скачать .xlsx").click()
    assert download.value.suggested_filename.endswith(".xlsx")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "light")])
def test_every_page_is_accessible_and_fits(house: House, enter: Enter, width: int, scheme: str) -> None:
    rooms = house.console.rooms
    house.do(DayCounting(rooms.curator.tallies, rooms.clock).sweep("demo", house.console.callbacks.rulebook.calendar))
    rooms.board.shift.counts = True
    rooms.board.follow({"action": "call_started", "call": "c", "municipality": "demo", "mode": "front_desk"})
    vera = enter("vlasova", width=width, scheme=scheme)
    paths = ["/journal", "/journal?topic=snow&q=снег", "/board", "/curator", "/curator/clauses/called_back",
             "/curator/subjects", "/curator/reviews", "/curator/hearing", "/questions"]  # fmt: skip
    vera.go("/curator/reviews").locator("button", has_text="Отобрать").click()
    vera.page.wait_for_url("**chosen=5")
    paths.append(vera.page.locator("[data-row]").first.get_attribute("href") or "")
    for path in paths:
        vera.go(path)
        assert vera.page.evaluate("document.documentElement.scrollWidth") <= width, path
        vera.prove_accessible()
