"""Signing in by the organisation's own page, from the button to the list, with a provider of real signatures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.console_house import House, make_house
from tests.mail_server import certificate
from tests.openid_provider import CLIENT, SECRET, Provider
from tests.samples import SetClock
from tests.web.conftest import NOON, Browser, token_of


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    (tmp_path / "tls").mkdir()
    made = Provider(certificate(tmp_path / "tls"))
    made.person = {"sub": "42", "preferred_username": "Sokolova", "name": "Соколова Е. Д.", "groups": ["operators"]}
    yield made
    made.stop()


@pytest.fixture
def house(tmp_path: Path, provider: Provider) -> Iterator[House]:
    (tmp_path / "secret").write_text(SECRET)
    more = (
        f'[sign_in]\ntitle = "учётная запись администрации"\n[sign_in.groups]\noperators = "operator"\n[sign_in.oidc]\n'
        f'issuer = "{provider.issuer}"\nclient = "{CLIENT}"\nsecret_file = "{tmp_path}/secret"\n'
        f'certificates = "{provider.certificates}"\n'
    )
    made = make_house(tmp_path / "house", clock=SetClock(NOON), now=NOON, more=more)
    yield made
    made.console.dispose()


@pytest.fixture
def stranger(house: House) -> Iterator[Browser]:
    with Browser(house.console.app, follow_redirects=False) as client:
        yield client


def _there_and_back(stranger: Browser, provider: Provider, **more: str):  # type: ignore[no-untyped-def]
    sent = stranger.get("/sign-in/elsewhere?next=/callbacks?shown=mine")
    assert sent.status_code == 303
    assert sent.headers["location"].startswith(f"{provider.issuer}/authorize?")
    query = provider.travel(sent.headers["location"]) | more
    return stranger.get(f"/sign-in/back?{urlencode(query)}")


def test_a_newcomer_comes_in_by_the_button_and_stands_among_the_people(
    house: House, stranger: Browser, provider: Provider
) -> None:
    page = stranger.get("/sign-in").text
    assert "Войти: учётная запись администрации" in page
    assert "Или по паролю телефона доверия" in page
    answer = _there_and_back(stranger, provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/callbacks?shown=mine")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "Соколова Е. Д." in stranger.get("/callbacks").text
    chief = Browser(house.console.app, follow_redirects=False)
    chief.sign_in("chief")
    assert "Соколова Е. Д." in chief.get("/settings/people").text
    chief.post("/settings/people/sokolova/disable", data={"csrf": chief.csrf})
    assert stranger.get("/callbacks").status_code == 303
    refused = _there_and_back(stranger, provider)
    assert (refused.status_code, "отключён" in refused.text) == (401, True)


def test_an_answer_to_no_question_of_this_browser_is_refused(
    house: House, stranger: Browser, provider: Provider
) -> None:
    assert "не подтвердили" in _there_and_back(stranger, provider, state="other").text
    other = Browser(house.console.app, follow_redirects=False)
    sent = other.get("/sign-in/elsewhere")
    stolen = provider.travel(sent.headers["location"])
    answer = stranger.get(f"/sign-in/back?{urlencode(stolen)}")
    assert (answer.status_code, "set-cookie" in answer.headers) == (401, True)
    assert stranger.get("/callbacks").status_code == 303
    stranger.cookies.set("ivr-journey", "bm9uc2Vuc2U=")
    assert stranger.get("/sign-in/back?state=&code=x").status_code == 401


def test_no_group_no_entry_and_a_provider_that_is_away_leaves_the_passwords(
    house: House, stranger: Browser, provider: Provider
) -> None:
    assert provider.person
    provider.person["groups"] = ["others"]
    assert "ни в одной группе" in _there_and_back(stranger, provider).text
    provider.stop()
    answer = stranger.get("/sign-in/elsewhere")
    if answer.status_code == 303:  # the address is known already; the token cannot be fetched
        answer = stranger.get("/sign-in/back?" + urlencode({"state": _state(answer), "code": "x"}))
    assert (answer.status_code, "не отвечает" in answer.text) == (503, True)
    csrf = token_of(stranger.get("/sign-in").text)
    form = {"login": "petrova", "password": "три зелёных самовара", "csrf": csrf}
    assert stranger.post("/sign-in", data=form).status_code == 303


def _state(answer) -> str:  # type: ignore[no-untyped-def]
    return str(answer.headers["location"]).split("state=")[1].split("&", maxsplit=1)[0]
