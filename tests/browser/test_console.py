"""The operators' morning in a real browser: sound, keyboard, two at once, a lost session, a narrow screen."""

from __future__ import annotations

import re
import socket
import time

import pytest
from playwright.sync_api import expect

from ivr.web import server as server_module
from tests.browser.conftest import Enter
from tests.console_house import House


def _rows(person: object) -> list[str]:
    return person.page.eval_on_selector_all("[data-row]", "all => all.map(one => one.dataset.row)")  # type: ignore[attr-defined,no-any-return]


def test_the_recording_is_really_played_from_the_word_that_is_clicked(house: House, enter: Enter) -> None:
    anna = enter("petrova")
    page = anna.go(f"/callbacks/{house.rows[0]}")
    expect(page.locator(".player[data-drawn]")).to_be_visible()
    page.click("[data-play]")
    page.wait_for_function("() => document.querySelector('[data-time]').textContent !== '0:00'")
    expect(page.locator(".w.now")).to_have_count(1)
    page.click("[data-play]")
    word = page.locator(".w", has_text="телефон")
    at = float(word.get_attribute("data-at") or 0)
    word.click()
    page.wait_for_function("seconds => { const [m, s] = document.querySelector('[data-time]').textContent.split(':');"
                           " return 60 * m + 1 * s >= Math.floor(seconds); }", arg=at)  # fmt: skip
    expect(page.locator(".w.now")).to_have_count(1)
    heard = [entry for entry in house.console.access.log.book.walk() if entry.deed == "hear"]
    assert heard
    assert all(re.fullmatch(r"[\d.]+-[\d.]+", entry.facts["seconds"]) for entry in heard)


def test_a_fields_button_plays_the_seconds_it_was_said_in(house: House, enter: Enter) -> None:
    page = enter("petrova").go(f"/callbacks/{house.rows[0]}")
    expect(page.locator(".player[data-drawn]")).to_be_visible()
    page.locator("#field-topic [data-play-from]").click()
    page.wait_for_function("() => document.querySelector('[data-play]').textContent !== '▶'")
    page.wait_for_function("() => document.querySelector('[data-play]').textContent === '▶'")
    span = page.locator("#field-topic [data-play-from]")
    ends = float(span.get_attribute("data-play-to") or 0)
    minutes, seconds = (page.locator("[data-time]").text_content() or "").split(":")
    assert abs(60 * int(minutes) + int(seconds) - ends) <= 1.5


def test_by_keyboard_alone_from_the_list_to_a_closed_callback(house: House, enter: Enter) -> None:
    page = enter("petrova").go("/callbacks")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.dataset.row") == house.rows[0]
    page.keyboard.press("Space")
    expect(page.locator(".row.open")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/callbacks/{house.rows[0]}")
    page.keyboard.press("d")
    expect(page.locator("#acts")).to_contain_text("В работе")
    page.locator("summary", has_text="Отметить попытку").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.locator("form[data-draft=attempt] button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#acts")).to_contain_text("Разговор был")
    page.locator("[name=result]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.locator(".closing button.main").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#told")).to_contain_text("Закрыто")
    expect(page.locator("#closing")).to_contain_text("ответ дан, гражданин удовлетворен")


def test_two_operators_see_each_others_steps_without_reload(house: House, enter: Enter) -> None:
    anna, boris = enter("petrova"), enter("sidorov")
    anna.go("/callbacks")
    page = boris.go(f"/callbacks/{house.rows[0]}")
    time.sleep(0.5)
    page.click("text=Взять")
    expect(page.locator("#acts")).to_contain_text("у вас")
    row = anna.page.locator(f"[data-row='{house.rows[0]}']")
    expect(row).to_contain_text("у кого: Сидоров Б. Н.")
    second = anna.go(f"/callbacks/{house.rows[0]}")
    expect(second.locator("#acts")).to_contain_text("у кого: Сидоров Б. Н.")
    page.click("text=Вернуть в общий список")
    expect(second.locator("#acts")).to_contain_text("Обещано, никем не взято")


def test_live_updates_come_back_after_an_answer_of_the_proxy(house: House, enter: Enter) -> None:
    anna, boris = enter("petrova"), enter("sidorov")
    anna.page.route("**/live", lambda route: route.fulfill(status=502, body="Bad Gateway"))
    anna.go("/callbacks")
    told = anna.page.locator("#told .bad")
    expect(told).to_be_visible()
    anna.page.unroute("**/live")
    expect(told).to_have_count(0, timeout=12_000)
    anna.complaints.clear()  # the 502, of which the browser tells
    boris.go(f"/callbacks/{house.rows[0]}").click("text=Взять")
    expect(anna.page.locator(f"[data-row='{house.rows[0]}']")).to_contain_text("у кого: Сидоров Б. Н.")


def test_the_focus_and_the_open_row_stay_when_the_list_renews_itself(house: House, enter: Enter) -> None:
    page = enter("petrova").go("/callbacks")
    page.keyboard.press("j")
    page.keyboard.press("Space")
    time.sleep(0.5)
    house.console.rooms.workplace.desk.announce("callback_moved", {"callback": "x", "state": "taken"})
    page.wait_for_event("requestfinished", lambda request: "/callbacks/rows" in request.url)
    page.wait_for_timeout(300)
    assert page.evaluate("document.activeElement.dataset.row") == house.rows[0]
    expect(page.locator(".row.open")).to_have_count(1)


def test_the_form_shows_and_requires_what_the_result_demands(house: House, enter: Enter) -> None:
    page = enter("petrova").go(f"/callbacks/{house.rows[4]}")
    reason, planned, executor = (page.locator(f".closing [name={name}]") for name in ("reason", "planned", "executor"))
    for field in (reason, planned, executor):
        expect(field).to_be_hidden()
    page.select_option("[name=result]", "dissatisfied")
    expect(reason).to_be_visible()
    assert reason.evaluate("one => one.required")
    page.select_option("[name=result]", "call_again")
    expect(planned).to_be_visible()
    expect(reason).to_be_hidden()
    expect(page.locator(".closing button.main")).to_have_text("Назначить звонок")
    page.select_option("[name=outcome]", "passed_on")
    expect(executor).to_be_visible()
    page.select_option("[name=result]", "not_reached")
    expect(page.locator(".closing [name=outcome]")).to_be_hidden()
    page.select_option("[name=result]", "different")
    assert page.locator("[name=comment]").evaluate("one => one.required")


def test_a_refusal_says_what_to_do_and_loses_nothing(house: House, enter: Enter) -> None:
    page = enter("petrova").go(f"/callbacks/{house.rows[4]}")
    page.select_option("[name=result]", "explained")
    page.select_option("[name=outcome]", "informed")
    page.fill("[name=comment]", "говорили о тарифах")
    page.click(".closing button.main")
    expect(page.locator("#told .bad")).to_contain_text("сначала сделайте попытку")
    assert page.input_value("[name=comment]") == "говорили о тарифах"


def test_nothing_typed_is_lost_on_reload_or_with_the_session(house: House, enter: Enter) -> None:
    anna = enter("petrova")
    page = anna.go(f"/callbacks/{house.rows[4]}")
    page.select_option("[name=result]", "dissatisfied")
    page.fill("[name=reason]", "не верит обещаниям")
    page.fill("[name=comment]", "перезвонить мужу")
    page.check(".script [name=did_matter]")
    page.reload()
    assert page.input_value("[name=reason]") == "не верит обещаниям"
    assert page.is_checked(".script [name=did_matter]")
    page.context.clear_cookies()
    page.fill("[name=comment]", "перезвонить мужу вечером")
    page.select_option("[name=outcome]", "consulted")
    page.click(".closing button.main")
    page.wait_for_url("**/sign-in*")
    page.fill("[name=login]", "petrova")
    page.fill("[name=password]", "три зелёных самовара")
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"**/callbacks/{house.rows[4]}")
    assert page.input_value("[name=comment]") == "перезвонить мужу вечером"
    assert page.input_value("[name=result]") == "dissatisfied"
    page.click("summary:has-text('Петрова')")
    page.click("text=Выйти")
    page.wait_for_url("**/sign-in*")
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft '))") == []


def test_a_correction_keeps_both_versions_and_is_undone_by_a_click(house: House, enter: Enter) -> None:
    page = enter("petrova").go(f"/callbacks/{house.rows[0]}")
    page.locator("#field-name summary").click()
    page.fill("#field-name [name=name]", "Марья")
    page.locator("#field-name form button").click()
    expect(page.locator("#field-name")).to_contain_text("было: Иванова Мария Петровна")
    page.locator("#told").get_by_text("Отменить").click()
    expect(page.locator("#field-name .field-value > span").first).to_have_text("Иванова Мария Петровна")


def test_the_state_of_a_call_is_shown_while_it_lasts(house: House, enter: Enter) -> None:
    page = enter("petrova").go(f"/callbacks/{house.rows[4]}")
    time.sleep(0.5)
    announce = house.console.rooms.workplace.desk.announce
    for step, words in (("ringing_operator", "Звонит ваш телефон"), ("ringing_citizen", "Звоним гражданину"),
                        ("talking", "Идёт разговор")):  # fmt: skip
        announce("call_out", {"callback": house.rows[4], "step": step})
        expect(page.locator("#acts .live")).to_contain_text(words)
    announce("call_out", {"callback": house.rows[4], "step": "over", "outcome": "busy"})
    expect(page.locator("#acts .live")).to_have_count(0)
    announce("call_refused", {"callback": house.rows[4], "who": "petrova", "sentence": "Номер уже набирается."})
    expect(page.locator("#told")).to_contain_text("Номер уже набирается.")


def test_search_as_one_types(house: House, enter: Enter) -> None:
    page = enter("petrova").go("/callbacks")
    page.keyboard.press("/")
    page.keyboard.type("снег")
    expect(page.locator("[data-row]")).to_have_count(1)
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("нигде такого нет")
    expect(page.locator(".empty")).to_contain_text("Ничего не найдено")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_no_page_hinders_anybody(house: House, enter: Enter, scheme: str, width: int) -> None:
    """axe-core: no violation on any page, in both colours, wide and narrow; nothing sticks out sideways."""
    door = enter(width=width, scheme=scheme)
    door.go("/sign-in")
    door.prove_accessible()
    anna = enter("petrova", width=width, scheme=scheme)
    cards = [f"/callbacks/{house.rows[row]}" for row in (0, 2, 4, 7)]
    for path in ("/callbacks", "/callbacks?shown=urgent&q=zzz", *cards, "/account", "/nowhere"):
        anna.go(path)
        anna.page.wait_for_timeout(200)
        anna.prove_accessible()
        assert anna.page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_a_slow_client_is_let_go_and_the_others_are_served(house: House, enter: Enter,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """F37: 100 connections that never finish their request."""
    monkeypatch.setattr(server_module, "HEADER_SECONDS", 1.0)
    slow = [socket.create_connection(("127.0.0.1", house.port)) for _ in range(100)]
    for one in slow:
        one.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
    enter("petrova").go("/callbacks")
    time.sleep(1.5)
    for one in slow:
        one.settimeout(2)
        assert one.recv(1) == b""
        one.close()
