"""The directory of executors in the console (clauses 20.5, 20.6)."""

from __future__ import annotations

import re

import pytest

from ivr.domain.directory import Executor
from tests.console_house import House
from tests.web.conftest import Browser, SignIn

NEW = {"title": "МУП «Водоканал»", "person": "Ручьёв И. И.", "phone": "+7 900 000-00-03", "email": "voda@example.org",
       "topic": ["cold_water", "sewerage"]}  # fmt: skip


def _keep(client: Browser, **fields: object):  # type: ignore[no-untyped-def]
    return client.post("/settings/directory", data={"csrf": client.csrf, **fields})


def _executors(house: House) -> tuple[Executor, ...]:
    return house.console.rooms.town("").rulebook.directory.executors


def test_an_executor_is_added_and_proposed_on_the_card_at_once(house: House, enter: SignIn) -> None:
    curator = enter("vlasova")
    assert _keep(curator, **NEW).headers["location"] == "/settings/directory?said=kept"
    added = _executors(house)[-1]
    assert (added.name, added.topics) == ("Ручьёв И. И., МУП «Водоканал»", ("cold_water", "sewerage"))
    card = enter("petrova").get(f"/callbacks/{house.rows[4]}").text
    assert "Водоканал" in card


def test_facts_change_in_place_and_every_version_comes_back(house: House, enter: SignIn) -> None:
    curator = enter("vlasova")
    before = _executors(house)
    _keep(curator, key="roads", title="Отдел дорог", phone="", email="", person="", topic=["roads"])
    assert [one.key for one in _executors(house)] == [one.key for one in before]
    assert _executors(house)[1].title == "Отдел дорог"
    curator.post("/settings/directory/housing/remove", data={"csrf": curator.csrf})
    assert [one.key for one in _executors(house)] == ["roads"]
    page = curator.get("/settings/directory").text
    assert "- Отдел ЖКХ и благоустройства (пример)" in page
    assert page.count("Власова В. И. ·") == 2
    curator.post("/settings/directory-versions/1/restore", data={"csrf": curator.csrf})
    assert _executors(house) == before
    curator.post("/settings/directory-versions/0/restore", data={"csrf": curator.csrf})
    assert _executors(house) == before
    assert not (house.folder / "words" / "directory.toml").exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": " "}, "Укажите отдел"), ({**NEW, "email": "не почта"}, "otdel@example.org"),
        ({**NEW, "topic": ["волшебство"]}, "нет в списке"),
        ({"title": "Отдел дорог и транспорта (пример)"}, "уже есть"), ({**NEW, "phone": "1" * 61}, "60 знаков"),
    ],
)  # fmt: skip
def test_what_will_not_do_is_refused_in_words(
    house: House, enter: SignIn, fields: dict[str, object], sentence: str
) -> None:
    answer = _keep(enter("vlasova"), **fields)
    assert (answer.status_code, sentence in answer.text) == (409, True)
    assert not (house.folder / "words").exists()


def test_hostile_texts_are_kept_as_text(house: House, enter: SignIn) -> None:
    curator = enter("vlasova")
    title = 'ООО "Рога & <b>Копыта</b>" \\ [executors.x] = "y"'
    assert _keep(curator, title=title).status_code == 303
    assert _executors(house)[-1].title == title
    page = curator.get("/settings/directory").text
    assert "<b>Копыта" not in page
    assert re.search(r"Рога &amp; &lt;b&gt;", page)


def test_operators_read_the_directory_and_change_nothing(enter: SignIn) -> None:
    anna = enter("petrova")
    page = anna.get("/settings/directory")
    assert (page.status_code, '<form action="/settings' in page.text) == (200, False)
    assert _keep(anna, **NEW).status_code == 403
