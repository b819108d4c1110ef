"""People in the console: added, changed, let in by a one-time link, disabled (clauses 1, 9)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from ivr.domain.identity import Identity
from ivr.domain.people import Role
from tests.console_house import House, run
from tests.samples import SetClock
from tests.web.conftest import Browser, SignIn, token_of

NEW = {"login": "ivanova", "name": "Иванова М. П.", "role": "operator", "telephone": "sip:102@10.0.0.2"}
GOOD = "семь зимних яблок"


def _link(page: str) -> str:
    return re.search(r"/welcome\?key=[\w-]+", page)[0]  # type: ignore[index]


def _account(house: House, login: str):  # type: ignore[no-untyped-def]
    found = run(house.console.rooms.people.book.named(login))
    return found[0] if found else None


def test_somebody_new_sets_his_own_password_by_a_link_that_works_once(
    house: House, enter: SignIn, stranger: Browser
) -> None:
    chief = enter("chief")
    page = chief.post("/settings/people/new", data={"csrf": chief.csrf, **NEW}).text
    link = _link(page)
    assert _account(house, "ivanova").telephone == "sip:102@10.0.0.2"
    form = stranger.get(link)
    assert "Иванова М. П." in form.text
    key, csrf = link.partition("key=")[2], token_of(form.text)
    refused = stranger.post("/welcome", data={"key": key, "password": "ivanova и самовар", "csrf": csrf})
    assert (refused.status_code, "ваше имя или логин" in refused.text) == (409, True)
    assert stranger.post("/welcome", data={"key": key, "password": GOOD, "csrf": csrf}).status_code == 200
    anna = Browser(house.console.app, follow_redirects=False)
    anna.sign_in("ivanova", GOOD)
    assert anna.get("/callbacks").status_code == 200
    assert stranger.get(link).status_code == 404
    again = {"key": key, "password": "другие слова здесь", "csrf": csrf}
    assert stranger.post("/welcome", data=again).status_code == 404


def test_a_link_voids_the_old_password_and_the_sessions_and_grows_old(
    house: House, enter: SignIn, stranger: Browser, clock: SetClock
) -> None:
    anna, chief = enter("petrova"), enter("chief")
    link = _link(chief.post("/settings/people/petrova/invite", data={"csrf": chief.csrf}).text)
    assert anna.get("/callbacks").status_code == 303
    csrf = token_of(stranger.get("/sign-in").text)
    old = stranger.post("/sign-in", data={"login": "petrova", "password": "три зелёных самовара", "csrf": csrf})
    assert old.status_code == 401
    newer = _link(chief.post("/settings/people/petrova/invite", data={"csrf": chief.csrf}).text)
    assert stranger.get(link).status_code == 404
    assert stranger.get(newer).status_code == 200
    clock.pass_minutes(72 * 60 + 1)
    assert stranger.get(newer).status_code == 404


def test_training_and_acquaintance_stand_against_clauses_1_and_9(house: House, enter: SignIn) -> None:
    chief = enter("chief")
    page = chief.get("/settings/people").text
    assert "Обученных: 0 из 3" in page
    assert "24.12.2024: 5 (п. 1)" in page
    edition = house.console.rooms.town("").rulebook.vocabulary.edition
    for login, name in (("petrova", "Петрова А. В."), ("sidorov", "Сидоров Б. Н.")):
        facts = {"name": name, "role": "operator", "trained": "2026-11-02", "edition": edition,
                 "acquainted": "2026-11-03"}  # fmt: skip
        answer = chief.post(f"/settings/people/{login}", data={"csrf": chief.csrf, **facts})
        assert answer.headers["location"] == f"/settings/people/{login}?said=kept"
    page = chief.get("/settings/people").text
    assert "Обученных: 2 из 3" in page
    assert "✓ 03.11.2026" in page
    assert "24.12.2024: 3 (п. 1)" in page
    sheet = chief.get("/settings/people/sheet").text
    assert "Лист ознакомления" in sheet
    assert sheet.count("03.11.2026") == 2


@pytest.mark.parametrize(
    ("path", "fields", "sentence"),
    [
        ("new", {**NEW, "login": "ИВ"}, "от 2 до 32"), ("new", {**NEW, "login": "petrova"}, "уже есть"),
        ("new", {**NEW, "name": " "}, "Петрова А. В."), ("new", {**NEW, "telephone": "102"}, "sip:101@10.0.0.2"),
        ("new", {"login": "x1", "name": "Кто-то"}, "хотя бы одну роль"),
        ("petrova", {"name": "Сидоров Б. Н.", "role": "operator"}, "уже есть"),
        ("petrova", {"name": "Петрова А. В.", "role": "operator", "trained": "вчера"}, "2026-12-31"),
        ("petrova", {"name": "Петрова А. В.", "role": "operator", "trained": "2027-01-01"}, "ещё не наступил"),
        ("petrova", {"name": "Петрова А. В.", "role": "operator", "edition": "2024-12-24"}, "указывают вместе"),
        ("chief", {"name": "Главный И. И.", "role": "operator"}, "последний администратор"),
    ],
)  # fmt: skip
def test_what_will_not_do_is_refused_in_words(enter: SignIn, path: str, fields: dict[str, str], sentence: str) -> None:
    chief = enter("chief")
    answer = chief.post(f"/settings/people/{path}", data={"csrf": chief.csrf, **fields})
    assert (answer.status_code, sentence in answer.text) == (409, True)


def test_who_is_disabled_is_out_and_may_be_let_in_again(house: House, enter: SignIn) -> None:
    anna, chief = enter("petrova"), enter("chief")
    answer = chief.post("/settings/people/petrova/disable", data={"csrf": chief.csrf})
    assert answer.headers["location"] == "/settings/people/petrova?said=disabled"
    assert anna.get("/callbacks").status_code == 303
    assert "Отключённые: 1" in chief.get("/settings/people").text
    assert chief.post("/settings/people/petrova/invite", data={"csrf": chief.csrf}).status_code == 409
    chief.post("/settings/people/petrova/enable", data={"csrf": chief.csrf})
    assert _account(house, "petrova").disabled_at is None
    answer = chief.post("/settings/people/chief/disable", data={"csrf": chief.csrf})
    assert (answer.status_code, "последний администратор" in answer.text) == (409, True)


def test_an_administrator_ends_somebodys_sessions(enter: SignIn) -> None:
    anna, chief = enter("petrova"), enter("chief")
    assert "testclient" in chief.get("/settings/people/petrova").text
    chief.post("/settings/people/petrova/sign-out", data={"csrf": chief.csrf})
    assert anna.get("/callbacks").status_code == 303


def test_an_account_of_the_organisation_is_unbound(house: House, enter: SignIn) -> None:
    chief, person = enter("chief"), _account(house, "petrova")
    button = "/settings/people/petrova/unbind"
    assert button not in chief.get("/settings/people/petrova").text
    hers = Identity("sso", "42", "petrova", "")
    assert house.do(house.console.rooms.people.identities.bind(hers, person.id, datetime.now(UTC)))
    assert button in chief.get("/settings/people/petrova").text
    answer = chief.get(chief.post(button, data={"csrf": chief.csrf}).headers["location"])
    assert "отвязана" in answer.text
    assert button not in answer.text


def test_a_programs_key_is_shown_once_and_revoked(house: House, enter: SignIn) -> None:
    chief = enter("chief")
    answer = chief.post("/settings/people/petrova/tokens", data={"csrf": chief.csrf, "title": "CRM", "days": "30"})
    key = re.search(r"ivr_[\w-]+", answer.text)[0]  # type: ignore[index]
    api = {"Authorization": f"Bearer {key}"}
    program = Browser(house.console.app)
    assert program.get("/api/v1/callbacks", headers=api).status_code == 200
    page = chief.get("/settings/people/petrova").text
    assert key not in page
    path = re.search(r"/settings/people/petrova/tokens/\w+/revoke", page)[0]  # type: ignore[index]
    assert chief.post(path, data={"csrf": chief.csrf}).status_code == 303
    assert program.get("/api/v1/callbacks", headers=api).status_code == 401
    too_long = chief.post("/settings/people/petrova/tokens", data={"csrf": chief.csrf, "days": "99999"})
    assert "десяти лет" in too_long.text


def test_the_curator_looks_at_people_but_changes_none(enter: SignIn) -> None:
    curator = enter("vlasova")
    assert curator.get("/settings/people").status_code == 200
    page = curator.get("/settings/people/petrova").text
    assert '<form action="/settings/people' not in page
    assert curator.post("/settings/people/petrova/disable", data={"csrf": curator.csrf}).status_code == 403


def test_changes_of_people_are_in_the_access_log_by_their_names_only(house: House, enter: SignIn) -> None:
    chief = enter("chief")
    facts = {"name": "Петрова-Иванова А. В.", "role": ["operator", "curator"]}
    chief.post("/settings/people/petrova", data={"csrf": chief.csrf, **facts})
    row = [entry for entry in house.console.access.log.book.walk() if entry.thing == "person"][-1]
    assert (row.who, row.deed, row.subject) == ("chief", "manage", "petrova")
    assert row.facts == {"change": "name roles telephone"}
    assert Role.CURATOR in _account(house, "petrova").roles
