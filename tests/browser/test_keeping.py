"""«Хранение» and «Распознавание» in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.console_house import House
from tests.web.test_keeping import close

NUMBER = "8 900 000-12-34"


def test_one_persons_data_are_found_handed_out_and_erased_by_keyboard(house: House, enter: Enter) -> None:
    close(house, house.rows[0])
    page = enter("vlasova").go("/keeping/person")
    page.keyboard.press("/")
    page.keyboard.type(NUMBER)
    page.keyboard.press("Enter")
    expect(page.locator("#kept-title")).to_be_visible()
    with page.expect_download() as download:
        page.locator("button", has_text="Выдать всё").press("Enter")
    assert download.value.suggested_filename.startswith("person-")
    button = page.locator("button.danger")
    page.fill("[name=why]", "заявление от 20.11.2026")
    button.press("Enter")
    assert "/keeping/person" in page.url  # the browser asks for the tick
    page.locator("[name=sure]").press("Space")
    button.press("Enter")
    page.wait_for_url("**/keeping/acts/*said=erased")
    expect(page.locator(".paper")).to_contain_text("заявление от 20.11.2026")
    expect(page.locator(".paper")).to_contain_text(house.rows[0])


def test_a_hold_is_put_from_the_card_and_lifted(house: House, enter: Enter) -> None:
    page = enter("vlasova").go(f"/callbacks/{house.rows[0]}")
    page.locator("a", has_text="Запретить уничтожение").click()
    page.fill("[name=why]", "жалоба № 5")
    page.press("[name=why]", "Enter")
    expect(page.locator(".holds")).to_contain_text("жалоба № 5")
    page.locator("button", has_text="Снять").click()
    expect(page.locator(".good")).to_contain_text("Запрет снят")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "light")])
def test_every_page_of_it_is_accessible_and_fits(house: House, enter: Enter, width: int, scheme: str) -> None:
    vera = enter("vlasova", width=width, scheme=scheme)
    for path in ("/keeping", "/keeping/acts", "/keeping/withheld", "/keeping/person", "/settings/words"):
        _look(vera, path, width)
    vera.go(f"/keeping?subject={house.rows[1]}").fill("[name=why]", "дело № 1")
    vera.page.press("[name=why]", "Enter")
    _look(vera, "/keeping", width)
    for asked in ("Иванова", "+7 900 000-21-07", NUMBER):
        vera.go("/keeping/person").fill("[name=asked]", asked)
        vera.page.press("[name=asked]", "Enter")
        vera.page.wait_for_load_state()
        _fits(vera, width)
    close(house, house.rows[0])
    vera.go("/keeping/person").fill("[name=asked]", NUMBER)
    vera.page.press("[name=asked]", "Enter")
    vera.page.fill("[name=why]", "заявление")
    vera.page.check("[name=sure]")
    vera.page.locator("button.danger").click()
    vera.page.wait_for_url("**/keeping/acts/*")
    _fits(vera, width)
    _look(vera, "/keeping/acts", width)


def _look(person, path: str, width: int) -> None:  # type: ignore[no-untyped-def]
    person.go(path)
    _fits(person, width)


def _fits(person, width: int) -> None:  # type: ignore[no-untyped-def]
    assert person.page.evaluate("document.documentElement.scrollWidth") <= width, person.page.url
    person.prove_accessible()
