"""A console in this process, and clients signed in under each role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.access_samples import PASSWORD
from tests.console_house import House, make_house
from tests.samples import SetClock

NOON = datetime(2026, 11, 25, 7, 30, tzinfo=UTC)
"""Wednesday, 10:30 in Moscow."""

Client = TestClient
SignIn = Callable[[str], "Browser"]


class Browser(TestClient):
    """A client that sends its forms as our pages do."""

    csrf = ""

    def sign_in(self, login: str, password: str = PASSWORD) -> None:
        """By the form."""
        self.csrf = token_of(self.get("/sign-in").text)
        answer = self.post("/sign-in", data={"login": login, "password": password, "csrf": self.csrf})
        assert answer.status_code == 303, answer.text
        self.csrf = token_of(self.get("/account").text)

    def act(self, path: str, **fields: str):  # type: ignore[no-untyped-def]
        """As htmx does."""
        return self.post(path, data=fields, headers={"HX-Request": "true", "X-CSRF-Token": self.csrf})


def token_of(page: str) -> str:
    """The page's CSRF token."""
    return page.split('name="csrf" content="')[1].split('"', maxsplit=1)[0]


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOON)


@pytest.fixture
def house(tmp_path: Path, clock: SetClock) -> Iterator[House]:
    """A morning's work, five people."""
    made = make_house(tmp_path / "house", clock=clock, now=NOON)
    yield made
    made.console.dispose()


@pytest.fixture
def stranger(house: House) -> Iterator[Browser]:
    """Nobody yet."""
    with Browser(house.console.app, follow_redirects=False) as client:
        yield client


@pytest.fixture
def enter(house: House) -> Iterator[SignIn]:
    """Clients signed in by login."""
    made: list[Browser] = []

    def sign_in(login: str) -> Browser:
        client = Browser(house.console.app, follow_redirects=False)
        made.append(client)
        client.sign_in(login)
        return client

    yield sign_in
    for client in made:
        client.close()
