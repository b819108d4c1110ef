"""The REST interface: keys, pages, verbs, faults as JSON, its description, and 0 server errors under schemathesis."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from datetime import timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from ivr.domain.people import Role
from tests.access_samples import ADMINISTRATOR
from tests.console_house import House, make_house
from tests.samples import SetClock
from tests.web.conftest import NOON, Browser

API = "/api/v1"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = make_house(tmp_path_factory.mktemp("api") / "house", clock=SetClock(NOON), now=NOON)
    yield made
    made.console.dispose()


def _program(house: House, login: str) -> Browser:
    key = asyncio.run(house.console.rooms.people.give_token(ADMINISTRATOR, login, "test", timedelta(days=1)))
    client = Browser(house.console.app, follow_redirects=False)
    client.headers["Authorization"] = f"Bearer {key}"
    return client


@pytest.fixture(scope="module")
def operator(house: House) -> Browser:
    return _program(house, "petrova")


def test_the_list_page_by_page(operator: Browser, house: House) -> None:
    page = operator.get(f"{API}/callbacks").json()
    assert [row["callback"]["id"] for row in page["rows"]][:2] == [house.rows[0], house.rows[2]]
    assert page["rows"][0]["callback"]["light"] == "overdue"
    assert page["rows"][0]["message"]["name"] == {"surname": "Иванова", "name": "Мария", "patronymic": "Петровна"}
    first = operator.get(f"{API}/messages", params={"limit": 4}).json()
    second = operator.get(f"{API}/messages", params={"limit": 50, "before": first["next"]}).json()
    assert len({one["id"] for one in (*first["messages"], *second["messages"])}) == 9
    assert second["next"] is None
    calls = operator.get(f"{API}/calls", params={"limit": 200}).json()["calls"]
    assert len(calls) == 9


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:00-12:00"])
def test_a_page_that_ends_where_no_row_can_be_is_the_first(operator: Browser, moment: str) -> None:
    mark = base64.urlsafe_b64encode(f"{moment} ab".encode()).decode().rstrip("=")
    for path, rows in (("messages", "messages"), ("calls", "calls")):
        answer = operator.get(f"{API}/{path}", params={"before": mark})
        assert (answer.status_code, len(answer.json()[rows])) == (200, 9)


def test_a_working_life_of_a_callback(operator: Browser, house: House) -> None:
    path = f"{API}/callbacks/{house.rows[1]}"
    assert operator.post(f"{path}/take").json()["callback"]["state"] == "taken"
    refused = operator.post(f"{path}/close", json={"result": "satisfied", "outcome": "consulted"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not_reached")
    made = operator.post(f"{path}/attempts", json={"outcome": "answered"})
    assert (made.status_code, made.json()["callback"]["state"]) == (201, "reached")
    assert operator.get(f"{path}/attempts").json()[0]["means"] == "other_phone"
    closed = operator.post(f"{path}/close", json={"result": "satisfied", "outcome": "consulted"}).json()
    assert (closed["callback"]["state"], closed["messages"][0]["status"]) == ("closed", "answered")
    again = operator.post(f"{path}/take").json()["error"]
    assert again == {"code": "closed", "sentence": "Уже закрыто. (п. 13)", "clause": "13"}


def test_a_field_is_put_right(operator: Browser, house: House) -> None:
    path = f"{API}/messages/{house.rows[0]}"
    kept = operator.patch(path, json={"address": {"street": "ул. Ленина", "house": "1"}}).json()
    assert (kept["field"], kept["by"]) == ("address", "Петрова А. В.")
    message = operator.get(path).json()
    assert message["address"] == {"locality": None, "street": "ул. Ленина", "house": "1", "flat": None}
    assert message["corrected"] == ["address"]
    assert operator.patch(path, json={"phone": "12"}).json()["error"]["code"] == "bad_number"
    assert operator.patch(path, json={}).status_code == 409
    assert operator.patch(path, json={"status": "closed"}).status_code == 422


def test_calls_and_recordings(operator: Browser, house: House) -> None:
    conversation = operator.get(f"{API}/calls/{house.rows[0]}").json()
    assert [turn["speaker"] for turn in conversation["turns"]] == ["assistant", "caller"]
    sound = operator.get(f"{API}/recordings/{conversation['call']['recording']}", headers={"Range": "bytes=0-43"})
    assert (sound.status_code, sound.content[:4]) == (206, b"RIFF")


@pytest.mark.parametrize("key", ["", "Bearer", "Bearer x", "Basic cGV0cm92YTp4", "Bearer " + "x" * 5000])
def test_without_a_key_nothing_is_told(house: House, key: str) -> None:
    client = Browser(house.console.app)
    answer = client.get(f"{API}/callbacks", headers={"Authorization": key} if key else {})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert set(answer.json()) == {"error"}


def test_a_session_of_a_browser_opens_no_interface(house: House) -> None:
    """Nothing here can be done by a form of another site."""
    client = Browser(house.console.app, follow_redirects=False)
    client.sign_in("petrova")
    assert client.get(f"{API}/callbacks").status_code == 401


def test_receivers_of_letters(house: House) -> None:
    chief = _program(house, "chief")
    made = chief.post(f"{API}/webhooks", json={"url": "https://crm.example/in"}).json()
    assert len(made["secret"]) > 30
    (listed,) = chief.get(f"{API}/webhooks").json()
    assert listed["secret"] is None
    assert chief.post(f"{API}/webhooks", json={"url": "http://crm.example/in"}).json()["error"]["code"] == "bad_url"
    assert chief.get(f"{API}/webhooks/{made['id']}/deliveries").json() == []
    assert chief.delete(f"{API}/webhooks/{made['id']}").status_code == 204
    assert chief.delete(f"{API}/webhooks/{made['id']}").status_code == 404


def test_the_description_names_every_path_and_asks_for_a_key(house: House) -> None:
    described = Browser(house.console.app).get(f"{API}/openapi.json").json()
    assert set(described["paths"]) >= {f"{API}/callbacks", f"{API}/messages/{{message}}", f"{API}/recordings/{{name}}"}
    assert not any(path.startswith("/callbacks") for path in described["paths"])
    for path in described["paths"].values():
        for operation in path.values():
            assert operation["security"]


@pytest.fixture(scope="module")
def schema_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str]]:
    made = make_house(tmp_path_factory.mktemp("schema") / "house", clock=SetClock(NOON), now=NOON)
    roles = {Role.OPERATOR, Role.CURATOR, Role.ADMINISTRATOR}
    people = made.console.rooms.people
    asyncio.run(people.add(ADMINISTRATOR, "everything", "Всё Сразу", roles, None))
    yield made, asyncio.run(people.give_token(ADMINISTRATOR, "everything", "", timedelta(days=1)))
    made.console.dispose()


def _operations(house: House) -> Iterator[schemathesis.APIOperation]:
    schema = schemathesis.openapi.from_asgi(f"{API}/openapi.json", house.console.app)
    for found in schema.get_all_operations():
        yield found.ok()


def test_no_input_breaks_the_interface(schema_house: tuple[House, str]) -> None:
    """Whatever is sent to whichever operation: an answer, never a server error."""
    house, key = schema_house
    names = []
    for operation in _operations(house):

        @settings(max_examples=20, deadline=None, phases=[Phase.explicit, Phase.generate], derandomize=True,
                  suppress_health_check=list(HealthCheck), database=None)  # fmt: skip
        @given(case=operation.as_strategy())
        def whatever(case: schemathesis.Case) -> None:
            known = {
                "callback": house.rows[4],
                "message": house.rows[4],
                "call_id": house.rows[4],
                "name": house.rows[4],
            }
            given_path = case.path_parameters or {}
            if sum(map(len, map(str, given_path.values()))) % 2:
                case.path_parameters = {name: known.get(name, value) for name, value in given_path.items()}
            answer = case.call(headers={"Authorization": f"Bearer {key}"})
            assert answer.status_code < 500, (case.method, case.path, answer.text)

        whatever()
        names.append(operation.label)
    assert len(names) >= 18


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"outcome": 1}', b"\xff\xfe", b'{"outcome":"\\ud800"}'])
def test_bodies_that_are_none_are_refused_politely(operator: Browser, house: House, body: bytes) -> None:
    answer = operator.post(
        f"{API}/callbacks/{house.rows[0]}/attempts", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert "Запрос непонятен" in answer.json()["error"]["sentence"]
