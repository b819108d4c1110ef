"""A real browser: the system's Chromium, driven by Playwright; never one that is downloaded."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.access_samples import PASSWORD
from tests.console_house import House, make_house, served

AXE = Path(__file__).parent / "vendor" / "axe.js"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
_PATIENCE_MS = 10_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this room drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver, which comes with the package; let go with the module, for it keeps a loop running."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The system's."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("THE PAGES ARE NOT TESTED IN A BROWSER: apt-get install chromium")
    browser = playwright.chromium.launch(executable_path=found, headless=True, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A morning's work behind a real port."""
    made = make_house(tmp_path / "house")
    with served(made):
        yield made
    made.console.dispose()


@dataclass
class Person:
    """Somebody at a browser. What the page complains of is a fault of the test."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(_PATIENCE_MS)
        self.page.on("pageerror", lambda fault: self.complaints.append(str(fault)))
        self.page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("console", self._hear)

    def _hear(self, message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text and "Error Code 4" not in message.text:
            self.complaints.append(message.text)

    def go(self, path: str) -> Page:
        """Open a page of the house."""
        self.page.goto(self.url + path)
        return self.page

    def sign_in(self, login: str, password: str = PASSWORD) -> None:
        """By the form."""
        self.go("/sign-in")
        self.page.fill("[name=login]", login)
        self.page.fill("[name=password]", password)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url(lambda url: "sign-in" not in url)

    def prove_accessible(self) -> None:
        """No violation of WCAG 2.2 A and AA, as axe-core sees it."""
        before = list(self.complaints)
        self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate(
            "async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', "
            "'best-practice']})).violations.map(v => [v.id, v.help, v.nodes.map(n => n.html.slice(0, 200))])"
        )
        self.complaints = before  # axe tries a style of its own, which our policy forbids
        assert found == []


Enter = Callable[..., Person]


@pytest.fixture
def enter(chromium: Browser, house: House) -> Iterator[Enter]:
    """People at browsers of their own, signed in; at the end no page may have complained."""
    contexts: list[BrowserContext] = []
    people: list[Person] = []

    def sign_in(login: str = "", *, width: int = 1280, height: int = 900, scheme: str = "light") -> Person:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, locale="ru-RU",  # type: ignore[arg-type]
            timezone_id="Europe/Moscow", reduced_motion="reduce",
        )  # fmt: skip
        contexts.append(context)
        person = Person(context.new_page(), house.url)
        people.append(person)
        if login:
            person.sign_in(login)
        return person

    yield sign_in
    complaints = [complaint for person in people for complaint in person.complaints]
    for context in contexts:
        context.close()
    assert complaints == []
