"""Role × route × object: who gets in where. The table here is written by hand, apart from the program's own.

The routes come from the application itself: a route without a rule stops the program, a rule without an answer here
stops this test.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.domain.people import Role
from ivr.web.rules import Entrance, entrances, public
from tests.access_samples import ADMINISTRATOR
from tests.console_house import House, make_house, serve_neighbour
from tests.samples import SetClock
from tests.web.conftest import NOON, Browser

O, C, A, U, R = Role.OPERATOR, Role.CURATOR, Role.ADMINISTRATOR, Role.AUDITOR, Role.REGION  # noqa: E741
MAY: dict[tuple[str, str], set[Role]] = {
    ("list", "callback"): {O, C, U}, ("view", "callback"): {O, C, U}, ("work", "callback"): {O, C},
    ("list", "message"): {O, C, U}, ("view", "message"): {O, C, U}, ("work", "message"): {O, C},
    ("export", "message"): {C, U}, ("view", "board"): {O, C, A, U},
    ("list", "call"): {O, C, U}, ("view", "call"): {O, C, U}, ("hear", "recording"): {O, C, U},
    ("view", "settings"): {A}, ("manage", "settings"): {A},
    ("list", "person"): {C, A, U}, ("view", "person"): {C, A, U}, ("manage", "person"): {A},
    ("view", "calendar"): {O, C, A, U}, ("manage", "calendar"): {C, A},
    ("view", "prompt"): {C, A}, ("manage", "prompt"): {A}, ("view", "topics"): {C, A}, ("manage", "topics"): {C, A},
    ("view", "speech"): {C, A}, ("manage", "speech"): {C, A},
    ("list", "access_log"): {C, A, U}, ("view", "access_log"): {C, A, U}, ("export", "access_log"): {C, U},
    ("view", "directory"): {O, C, A, U}, ("manage", "directory"): {C, A},
    ("list", "review"): {C, U}, ("view", "review"): {C, U},
    ("manage", "review"): {C}, ("work", "review"): {O, C},
    ("list", "report"): {C, U}, ("view", "report"): {C, U}, ("export", "report"): {C, U}, ("manage", "report"): {C},
    ("manage", "message"): {C},
    ("list", "hold"): {C, U}, ("manage", "hold"): {C}, ("list", "recording"): {C, U},
    ("list", "act"): {C, U}, ("view", "act"): {C, U}, ("export", "act"): {C, U},
    ("view", "citizen"): {C}, ("export", "citizen"): {C}, ("erase", "citizen"): {C},
    ("list", "webhook"): {A}, ("view", "webhook"): {A}, ("manage", "webhook"): {A},
    ("view", "region"): {R}, ("export", "region"): {R},
}  # fmt: skip
LOGINS = {O: "petrova", C: "vlasova", A: "chief", U: "auditor", R: "region"}
NEIGHBOURS = {O: "n-operator", C: "n-curator", A: "n-chief", U: "n-auditor"}
OF_THE_HOUSE = {"settings", "speech", "region"}
"""What nobody of another municipality may, whatever his role."""
_REFUSED = {401, 403, 404}
_MARKS = ("Сидоров Б. Н.", "Власова В. И.", "Иванова", "Смирнова", "000-12-34")
"""Names of the house's people, of citizens of its morning."""


@dataclass(frozen=True, slots=True)
class Door:
    """One request of the matrix."""

    method: str
    path: str
    entrance: Entrance


def doors(house: House, callback: str, webhook: str) -> Iterator[Door]:
    """Every route and method, its path filled in."""
    objects = {"callback": callback, "message": callback, "call_id": callback, "name": callback, "webhook": webhook,
               "review": webhook, "hold": webhook, "destruction": webhook, "clause": "called_back",
               "field": "gist", "correction": "0", "login": "sidorov", "form": "keeping", "number": "0",
               "day": "2026-12-31", "key": "0" * 24, "topic": "snow", "report": "0" * 32, "letter": "0" * 32,
               "work": "0" * 16, "paper": "week", "act": "preview"}  # fmt: skip
    for entrance in entrances(house.console.app):
        path = entrance.path.format(**objects)
        for method in sorted(entrance.methods - {"HEAD", "OPTIONS"}):
            yield Door(method, path, entrance)


BODIES: dict[str, dict[str, object]] = {
    "reviews": {"why": "random"}, "question": {"question": "x"}, "teach": {"word": "снег", "topic": "snow"},
    "0" * 32: {"text": "x"}, "f" * 32: {"text": "x"},
    "attempts": {"outcome": "busy"}, "close": {"result": "satisfied"}, "hand-over": {"to": "x", "name": "x"},
    "answer": {"text": "x"}, "gist": {"gist": "другая суть"}, "town": {"title": "Город"}, "line": {"pbx": ""},
    "webhooks": {"url": "https://example.org/x"}, "messages": {"gist": "другая суть"},
    "call": {"address": "sip:1@127.0.0.1"}, "presence": {"state": "away"}, "try": {"address": "sip:1@127.0.0.1"},
    "keeping": {"regulation_retention_days": "400"}, "days": {"day": "2026-12-31"},
    "directory": {"title": "x"}, "snow": {"certain": "снег"}, "topic-file": {"text": "x"},
    "holds": {"subject": "x", "why": "x"}, "person": {"asked": "x"}, "export": {"number": "x"},
    "erase": {"number": "x", "why": "x"},
    "words": {"text": "x7"}, "retell": {"remarks": ""}, "papers": {"span": "last_week"},
    "orders": {"order_day": "2026-12-31", "why": "x"}, "new": {"login": "x"}, "sidorov": {"name": "x"},
}  # fmt: skip


Matrix = tuple[House, dict[Role, tuple[Browser, str]]]


def _ask(client: Browser, door: Door, key: str) -> int:
    last = door.path.rstrip("/").rpartition("/")[2]
    body = BODIES.get(last) or (BODIES["messages"] if door.method == "PATCH" else {})
    if door.path.startswith("/api/"):
        if last == "hand-over":
            body = {"name": "x"}
        if "/letters/" in door.path:
            body = {"arrived": True}
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return client.request(door.method, door.path, json=body or None, headers=headers).status_code
    headers = {"X-CSRF-Token": client.csrf, "HX-Request": "true"}
    return client.request(door.method, door.path, data=body, headers=headers).status_code


@pytest.fixture(scope="module")
def matrix(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Matrix]:
    folder: Path = tmp_path_factory.mktemp("matrix")
    more = serve_neighbour(folder)
    house = make_house(folder / "house", clock=SetClock(NOON), now=NOON, more=more)
    yield house, {role: _let_in(house, login) for role, login in LOGINS.items()}
    house.console.dispose()


@pytest.fixture(scope="module")
def neighbours(matrix: Matrix) -> dict[Role, tuple[Browser, str]]:
    """People of another municipality."""
    return {role: _let_in(matrix[0], login) for role, login in NEIGHBOURS.items()}


def _let_in(house: House, login: str) -> tuple[Browser, str]:
    """A browser that is signed in, and a program's key."""
    people = house.console.rooms.people
    key = asyncio.run(people.give_token(ADMINISTRATOR, login, "", timedelta(days=1)))
    client = Browser(house.console.app, follow_redirects=False)
    client.sign_in(login)
    return client, key


def test_no_role_gets_in_where_it_should_not(
    matrix: Matrix,
) -> None:
    house, clients = matrix
    wrong_allows, wrong_refusals, asked = [], [], 0
    for role, door in itertools.product(Role, list(doors(house, house.rows[5], "0" * 32))):
        rule = door.entrance.rule
        if rule.public or rule.deed is None or door.path in ("/live", "/board/live"):
            continue
        client, key = clients[role]
        status = _ask(client, door, key)
        asked += 1
        allowed = role in MAY[rule.deed.value, str(rule.thing.value if rule.thing else "")]
        if not allowed and status != 403:
            wrong_allows.append((role, door.method, door.path, status))
        if allowed and status in (401, 403):
            wrong_refusals.append((role, door.method, door.path, status))
    assert (wrong_allows, wrong_refusals) == ([], [])
    assert asked > 100


def test_nobody_gets_in_without_signing_in(matrix: Matrix) -> None:
    house, _ = matrix
    client = Browser(house.console.app, follow_redirects=False)
    open_doors = [
        (door.method, door.path, status)
        for door in doors(house, house.rows[5], "0" * 32)
        if not door.entrance.rule.public and (status := _ask(client, door, "")) not in (401, 403)
    ]
    assert open_doors == []


def test_another_towns_objects_do_not_exist_for_anybody(
    matrix: Matrix,
) -> None:
    """F27 (IDOR): every route with an object, every role, an object of another municipality."""
    house, clients = matrix
    with house.console.callbacks.engine.begin() as db:
        for table in ("callback", "message", "call"):
            db.exec_driver_sql(f"UPDATE \"{table}\" SET municipality = 'elsewhere' WHERE id = '{house.rows[6]}'")
    found = []
    for role, door in itertools.product(Role, list(doors(house, house.rows[6], "f" * 32))):
        if house.rows[6] not in door.path and "f" * 32 not in door.path:
            continue
        client, key = clients[role]
        status = _ask(client, door, key)
        if status not in _REFUSED:
            found.append((role, door.method, door.path, status))
    assert found == []


def test_another_municipality_s_people_meet_no_object_of_the_house_and_nothing_of_the_installation(
    matrix: Matrix, neighbours: dict[Role, tuple[Browser, str]]
) -> None:
    """Every route for somebody of each role elsewhere: with an object of the house it does not exist for him; without
    one he gets in where his role may, save to what is the installation's."""
    house, _ = matrix
    row = house.rows[5]
    leaks, wrong_allows, wrong_refusals, asked = [], [], [], 0
    for role, door in itertools.product(NEIGHBOURS, list(doors(house, row, "0" * 32))):
        rule = door.entrance.rule
        if rule.public or rule.deed is None or door.path in ("/live", "/board/live"):
            continue
        thing = str(rule.thing.value if rule.thing else "")
        allowed = role in MAY[rule.deed.value, thing] and thing not in OF_THE_HOUSE
        client, key = neighbours[role]
        status, asked = _ask(client, door, key), asked + 1
        if (row in door.path or "sidorov" in door.path) and status not in _REFUSED:
            leaks.append((role, door.method, door.path, status))
        if not allowed and status != 403:
            wrong_allows.append((role, door.method, door.path, status))
        if allowed and status in (401, 403):
            wrong_refusals.append((role, door.method, door.path, status))
    assert (leaks, wrong_allows, wrong_refusals) == ([], [], [])
    assert asked > 100


def test_no_page_of_another_municipality_names_a_citizen_or_a_colleague_of_the_house(
    matrix: Matrix, neighbours: dict[Role, tuple[Browser, str]]
) -> None:
    house, clients = matrix
    paths = sorted({door.path for door in doors(house, house.rows[5], "0" * 32)
                    if door.method == "GET" and "live" not in door.path and not door.entrance.rule.public})  # fmt: skip
    own = "".join(clients[role][0].get(path).text for role in (O, C) for path in paths)
    marks = [mark for mark in _MARKS if mark in own]
    assert len(marks) > 2, "the house's own people do not see them either: choose other marks"
    seen = [
        (role, path, mark)
        for role, (client, key) in neighbours.items()
        for path in paths
        for mark in marks
        if mark in client.get(path, headers={"Authorization": f"Bearer {key}"}).text
    ]
    assert seen == []


def test_every_rule_has_its_row_in_the_table(matrix: Matrix) -> None:
    house, _ = matrix
    used = {
        (str(entrance.rule.deed), str(entrance.rule.thing))
        for entrance in entrances(house.console.app)
        if entrance.rule.deed
    }
    assert used <= set(MAY)


def test_a_route_without_a_rule_stops_the_program(tmp_path: Path) -> None:
    house = make_house(tmp_path / "h", seeded=False, people=False)

    async def forgotten() -> str:
        return "x"

    house.console.app.get("/forgotten")(forgotten)
    with pytest.raises(LookupError, match="/forgotten"):
        list(entrances(house.console.app))
    house.console.app.get("/known")(public(forgotten))
    house.console.dispose()
