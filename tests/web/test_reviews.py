"""The audit of recordings: drawn, listened to, graded; the operator is asked, and answers."""

from __future__ import annotations

import re

from sqlalchemy import update

from ivr.adapters.storage import tables
from ivr.domain.review import CHECKLIST
from tests.console_house import House
from tests.web.conftest import Browser, SignIn

GRADES = dict.fromkeys(CHECKLIST, "yes") | {"law_59": "no", "passed_on": "none"}


def drawn(house: House, vera: Browser, count: int = 1, why: str = "random") -> list[str]:
    """Reviews in the queue after a draw; all calls were taken by Petrova."""
    with house.console.callbacks.engine.begin() as db:
        db.execute(update(tables.call).values(operator="Петрова А. В."))
    vera.act("/curator/reviews", why=why, count=str(count))
    return re.findall(r'data-row="([0-9a-f]+)"', vera.get("/curator/reviews").text)


def test_recordings_are_drawn_by_chance_and_none_twice(house: House, enter: SignIn) -> None:
    vera = enter("vlasova")
    assert "Нечего проверять" in vera.get("/curator/reviews").text
    assert len(drawn(house, vera, 5)) == 5
    assert len(drawn(house, vera, 50)) == 8  # one call left no recording
    assert "Подходящих записей" in vera.get("/curator/reviews?chosen=0").text


def test_a_rule_draws_only_what_fits(house: House, enter: SignIn) -> None:
    vera = enter("vlasova")
    (review,) = drawn(house, vera, 9, "urgent")
    page = vera.get(f"/curator/reviews/{review}").text
    assert "слова о беде" in page and "Газоснабжение" in page
    assert f'data-recording="{house.rows[3]}"' in page


def test_a_recording_is_graded_by_the_checklist(house: House, enter: SignIn) -> None:
    vera = enter("vlasova")
    (review,) = drawn(house, vera)
    path = f"/curator/reviews/{review}"
    assert vera.act(f"{path}/grades", **{"polite": "yes"}).status_code == 409
    assert vera.act(f"{path}/grades", note="хорошо", **GRADES).headers["HX-Redirect"] == f"{path}?said=graded"
    page = vera.get(path).text.replace("\xa0", " ")
    assert "хорошо" in page and "88 %" in page and "Проверено: Власова В. И." in page
    queue = vera.get("/curator/reviews").text.replace("\xa0", " ")
    assert "Средняя оценка" in queue and "88 %" in queue


def test_the_operator_is_asked_and_answers_for_himself_alone(house: House, enter: SignIn) -> None:
    vera, anna, boris = enter("vlasova"), enter("petrova"), enter("sidorov")
    (review,) = drawn(house, vera)
    assert "Вопросов к вам нет" in anna.get("/questions").text
    vera.act(f"/curator/reviews/{review}/question", question="Почему не спросили адрес?")
    assert "Почему не спросили адрес?" in anna.get("/questions").text
    assert "Почему не спросили адрес?" not in boris.get("/questions").text
    assert boris.act(f"/questions/{review}", text="не знаю").status_code in (404, 409)
    assert anna.act(f"/questions/{review}", text=" ").status_code == 409
    anna.act(f"/questions/{review}", text="Он был в карточке.")
    assert "Он был в карточке." in vera.get(f"/curator/reviews/{review}").text
    assert "есть ответ" in vera.get("/curator/reviews").text


def test_an_auditor_reads_and_changes_nothing(house: House, enter: SignIn) -> None:
    (review,) = drawn(house, enter("vlasova"))
    auditor = enter("auditor")
    page = auditor.get(f"/curator/reviews/{review}").text
    assert "Сохранить оценку" not in page and "Отобрать" not in auditor.get("/curator/reviews").text
    assert auditor.act(f"/curator/reviews/{review}/grades", **GRADES).status_code == 403


def test_every_step_is_in_the_access_log(house: House, enter: SignIn) -> None:
    vera = enter("vlasova")
    (review,) = drawn(house, vera)
    vera.get(f"/curator/reviews/{review}")
    vera.act(f"/curator/reviews/{review}/grades", **GRADES)
    kept = [(one.deed, one.subject == review) for one in house.console.access.log.book.walk() if one.thing == "review"]
    assert kept == [("manage", False), ("list", False), ("view", True), ("manage", True)]
