"""From an empty machine to a closed callback: the key on the console, the wizard, a citizen called back."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from ivr.domain.people import Role
from tests.access_samples import ADMINISTRATOR, PASSWORD
from tests.browser.conftest import Enter, Person
from tests.console_house import House, make_house, run, served
from tests.seeding import morning


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Nobody and nothing yet."""
    made = make_house(tmp_path / "house", seeded=False, people=False)
    with served(made):
        yield made
    made.console.dispose()


def test_first_start_to_closed_callback(house: House, enter: Enter, chromium: Browser) -> None:
    chief = enter()
    page = chief.go("/")
    page.wait_for_url("**/setup")
    chief.prove_accessible()
    key = house.console.access.setup_key.make()
    page = chief.go(f"/setup?key={key}")
    assert page.input_value("[name=key]") == key
    page.fill("[name=login]", "ivanova")
    page.fill("[name=name]", "Иванова М. П.")
    page.fill("[name=password]", "йцукенгшщз")
    page.click("button.main")
    expect(page.locator(".refusal")).to_contain_text("знают все")
    assert page.input_value("[name=name]") == "Иванова М. П."
    page.fill("[name=password]", PASSWORD)
    page.check("[name=works]")
    page.click("button.main")
    page.wait_for_url("**/setup/town")
    page.fill("[name=title]", "Администрация МО Воловский район")
    page.click("button.main")
    page.wait_for_url("**/setup/hours")
    chief.prove_accessible()
    page.fill("[name=monday]", "с утра")
    page.click("button.main")
    expect(page.locator(".refusal")).to_contain_text("09:00-18:00")
    page.fill("[name=monday]", "8-17")
    page.fill("[name=saturday]", "10:00-14:00")
    page.click("button.main")
    page.wait_for_url("**/setup/line")
    page.fill("[name=pbx]", "10.0.0.2:5060")
    page.click("button.main")
    page.wait_for_url("**/setup/call")
    page.fill("[name=address]", "sip:101@10.0.0.2")
    page.click("button.main")
    expect(page.locator(".good")).to_contain_text("Дозвонились")
    chief.prove_accessible()
    kept = tomllib.loads((house.folder / "console.toml").read_text("utf-8"))
    assert kept["municipality"]["title"] == "Администрация МО Воловский район"
    assert (kept["week"]["monday"], kept["week"]["saturday"], kept["week"]["sunday"]) == (
        "08:00-17:00", "10:00-14:00", "closed"
    )  # fmt: skip
    assert kept["phone"] == {"trunk": "10.0.0.2:5060", "trusted": ["127.0.0.1", "10.0.0.2"], "address": "0.0.0.0"}
    page.click("text=Готово, к работе")
    page.wait_for_url("**/callbacks")
    expect(page.locator(".empty")).to_contain_text("появится здесь само")
    expect(page).to_have_title("Перезвонить — Администрация МО Воловский район")
    _keep_a_promise(house, chief)
    assert house.console.access.setup_key.fits(key) is False


def _keep_a_promise(house: House, chief: Person) -> None:
    rows = morning(house.console.callbacks.engine, datetime.now(UTC), "demo", "Сидоров Б.", house.folder / "recordings")
    page = chief.go("/callbacks")
    page.click(f"[data-row='{rows[0]}']")
    page.wait_for_url(f"**/callbacks/{rows[0]}")  # with its scripts: a click before them does nothing
    page.click("text=Взять")
    expect(page.locator("#acts")).to_contain_text("В работе")
    page.locator("summary", has_text="Отметить попытку").click()
    page.select_option("form[data-draft=attempt] [name=outcome]", "answered")
    page.click("form[data-draft=attempt] button")
    expect(page.locator("#acts")).to_contain_text("Разговор был")
    page.select_option("[name=result]", "satisfied")
    page.select_option(".closing [name=outcome]", "consulted")
    page.click(".closing button.main")
    expect(page.locator("#told")).to_contain_text("Закрыто")
    page = chief.go("/callbacks?shown=closed")
    expect(page.locator(f"[data-row='{rows[0]}']")).to_be_visible()


def test_a_wrong_key_makes_nobody_an_administrator(house: House, enter: Enter) -> None:
    page = enter().go("/setup?key=guess")
    page.fill("[name=login]", "evil")
    page.fill("[name=name]", "Кто-то")
    page.fill("[name=password]", PASSWORD)
    page.click("button.main")
    expect(page.locator(".refusal")).to_contain_text("ключ не подходит")
    assert run(house.console.rooms.people.book.everybody()) == []


def test_after_the_first_start_the_wizard_is_shut(house: House, enter: Enter) -> None:
    run(house.console.rooms.people.add(ADMINISTRATOR, "chief", "Главный", {Role.ADMINISTRATOR}, PASSWORD))
    key = house.console.access.setup_key.make()
    page = enter().go(f"/setup?key={key}")
    page.wait_for_url("**/sign-in")
