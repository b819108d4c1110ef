"""The card: what is shown and why, corrections with both versions, the verbs, the form's own rules, undo."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from ivr.domain.vocabulary import Demand
from tests.console_house import House
from tests.samples import SetClock
from tests.web.conftest import NOON, Browser, SignIn


def test_the_card_shows_what_was_understood_and_why(house: House, enter: SignIn) -> None:
    page = enter("petrova").get(f"/callbacks/{house.rows[0]}").text
    for words in (
        "Иванова Мария Петровна", "98\xa0%", "почему: «нет», «горячей»", "Горячее водоснабжение", "подтвердил номер",
        "диктовал номер, совпадает", "просрочен 14 мин", "59-ФЗ", "Справочник",
    ):  # fmt: skip
        assert words in page
    assert re.search(r'data-play-from="[\d.]+" data-play-to="[\d.]+"', page)
    assert 0 < page.count('class="w doubt"') < page.count('class="w"') / 4


def test_a_field_is_corrected_in_place_both_versions_stay_and_it_can_be_taken_back(house: House, enter: SignIn) -> None:
    anna = enter("petrova")
    path = f"/callbacks/{house.rows[0]}/messages/{house.rows[0]}"
    done = anna.act(f"{path}/name", surname="Иванова", name="Марья", patronymic="Петровна")
    assert done.status_code == 200
    assert "Иванова Марья Петровна" in done.text
    assert "было: Иванова Мария Петровна" in done.text
    (undo,) = set(re.findall(rf'hx-post="({path}/undo/[0-9a-f]+)"', done.text))
    back = anna.act(undo)
    assert "было: Иванова Марья Петровна" in back.text
    assert anna.act(undo).status_code == 409
    page = anna.get(f"/callbacks/{house.rows[0]}").text
    assert "<h1>Иванова Мария Петровна</h1>" in page


def test_a_corrected_number_is_the_one_that_is_dialled(house: House, enter: SignIn) -> None:
    anna = enter("petrova")
    path = f"/callbacks/{house.rows[0]}/messages/{house.rows[0]}/phone"
    bad = anna.act(path, phone="12")
    assert (bad.status_code, "Это не номер телефона" in bad.text) == (409, True)
    assert bad.headers["hx-retarget"] == "#told"
    assert anna.act(path, phone="8 (900) 000-77-77").status_code == 200
    anna.act(f"/callbacks/{house.rows[0]}/take")
    case = house.do(house.console.rooms.workplace.desk.case(house.rows[0]))
    assert case.callback.number == "+79000007777"  # type: ignore[attr-defined]
    assert case.moves[0].why == "renumbered"  # type: ignore[attr-defined]


def test_a_topic_is_one_of_the_list(house: House, enter: SignIn) -> None:
    anna = enter("petrova")
    path = f"/callbacks/{house.rows[0]}/messages/{house.rows[0]}/topic"
    assert anna.act(path, topic="nonsense").status_code == 409
    assert "Уборка снега" in anna.act(path, topic="snow").text
    assert anna.act(path.replace("/topic", "/status"), topic="x").status_code == 409


def test_a_late_text_does_not_undo_a_correction(house: House, enter: SignIn) -> None:
    anna = enter("petrova")
    anna.act(f"/callbacks/{house.rows[0]}/messages/{house.rows[0]}/gist", gist="нет воды с понедельника")
    kept = house.do(house.console.rooms.workplace.conversations.message(house.rows[0]))
    assert (kept.gist, kept.corrected) == ("нет воды с понедельника", ("gist",))  # type: ignore[attr-defined]


def test_two_operators_take_one_row_and_the_second_is_told_who_was_first(house: House, enter: SignIn) -> None:
    anna, boris = enter("petrova"), enter("sidorov")
    path = f"/callbacks/{house.rows[0]}/take"
    assert anna.act(path).status_code == 200
    refused = boris.act(path)
    assert (refused.status_code, "Взято: Петрова А. В." in refused.text) == (409, True)
    page = boris.get(f"/callbacks/{house.rows[0]}").text
    assert "у кого: Петрова А. В." in page
    assert "Позвонить</button>" not in page


def test_a_working_life_on_the_card(house: House, enter: SignIn, clock: SetClock) -> None:
    anna = enter("petrova")
    card = f"/callbacks/{house.rows[0]}"
    taken = anna.act(f"{card}/take")
    assert f'hx-post="{card}/release"' in taken.text
    assert anna.act(f"{card}/attempts", outcome="no_answer").status_code == 200
    mistaken = anna.act(f"{card}/undo")
    assert ("Отметка снята." in mistaken.text, "Снять отметку" in mistaken.text) == (True, False)
    assert "Снять отметку" in anna.act(f"{card}/attempts", outcome="no_answer").text
    early = anna.act(f"{card}/attempts", outcome="answered")
    assert "Рано: перезвоните с" in early.text
    clock.pass_minutes(31)
    assert "ответил" in anna.act(f"{card}/attempts", outcome="answered").text
    unsaid = anna.act(f"{card}/close", result="satisfied")
    assert (unsaid.status_code, 'data-code="needs_outcome"' in unsaid.text) == (409, True)
    closed = anna.act(f"{card}/close", result="satisfied", outcome="consulted", repeated="no", comment="всё хорошо")
    assert "Закрыто." in closed.text
    assert closed.headers["hx-trigger"] == '{"wrote": {"form": "close"}}'
    undone = anna.act(f"{card}/reopen")
    assert "Разговор был" in undone.text
    assert anna.act(f"{card}/close", result="explained", outcome="informed").status_code == 200
    clock.pass_minutes(16)
    assert anna.act(f"{card}/reopen").status_code == 409


def test_without_script_the_verbs_work_as_plain_forms(house: House, enter: SignIn) -> None:
    anna = enter("petrova")
    answer = anna.post(f"/callbacks/{house.rows[0]}/take", data={"csrf": anna.csrf})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/callbacks/{house.rows[0]}")


def test_the_form_knows_what_each_result_demands(house: House, enter: SignIn) -> None:
    page = enter("petrova").get(f"/callbacks/{house.rows[4]}").text
    for demand in Demand:
        assert f'data-demands="{demand.value}"' in page
        assert f'data-when="{demand.value}"' in page
    for code in ("needs_outcome", "needs_reason", "needs_comment", "needs_executor", "needs_planned_time"):
        assert re.search(rf'data-fault="[^"]*\b{code}\b', page)


@pytest.mark.parametrize(
    ("planned", "sentence"),
    [("2026-11-24T10:00", "в прошлом"), ("2026-11-26T22:00", "никто не работает"),
     ("2026-12-30T10:00", "назначьте звонок раньше"), ("завтра", "Укажите дату и время")],
)  # fmt: skip
def test_a_planned_call_that_will_not_do_is_refused_with_what_to_do(
    house: House, enter: SignIn, planned: str, sentence: str
) -> None:
    anna = enter("petrova")
    card = f"/callbacks/{house.rows[4]}"
    anna.act(f"{card}/attempts", outcome="answered")
    said = anna.act(f"{card}/close", result="call_again", outcome="consulted", planned=planned)
    assert (said.status_code, sentence in said.text) == (409, True)


def test_passing_on_and_the_executors_answer(house: House, enter: SignIn) -> None:
    anna = enter("petrova")
    card = f"/callbacks/{house.rows[4]}"
    anna.act(f"{card}/attempts", outcome="answered")
    anna.act(f"{card}/close", result="explained", outcome="passed_on", executor="Отдел ЖКХ", comment="нет тепла")
    sheet = anna.get(f"{card}/sheet")
    assert "attachment" in sheet.headers["content-disposition"]
    assert ("Отдел ЖКХ" in sheet.text, "нет тепла" in sheet.text) == (True, True)
    assert house.rows[4] in anna.get("/callbacks?shown=passed_on").text
    assert anna.get(f"/callbacks/{house.rows[0]}/sheet").status_code == 404
    page = anna.get(card).text
    assert "Вопрос исполнителю" in page
    assert "Отдел ЖКХ" in page
    assert "Ответ записан" in anna.act(f"{card}/answer", text="дали тепло").text


def test_work_is_handed_to_a_colleague_of_this_house_only(house: House, enter: SignIn) -> None:
    anna = enter("petrova")
    card = f"/callbacks/{house.rows[4]}"
    assert anna.act(f"{card}/hand-over", to="Кто-то").status_code == 404
    assert "у кого: Сидоров Б. Н." in anna.act(f"{card}/hand-over", to="Сидоров Б. Н.").text
    assert anna.act(f"{card}/release").status_code == 409
    assert enter("vlasova").act(f"{card}/release").status_code == 200


def test_calling_is_asked_of_the_engine_with_my_telephone(house: House, enter: SignIn) -> None:
    card = f"/callbacks/{house.rows[4]}"
    with Browser(house.console.app, follow_redirects=False) as anna:
        anna.sign_in("petrova")
        assert "Звоню" in anna.act(f"{card}/call").text
        assert house.exchange.asked == [(house.rows[4], "Петрова А. В.", "sip:101@127.0.0.1")]
        assert anna.act(f"/callbacks/{house.rows[0]}/call").status_code == 409


def test_a_page_opened_during_the_call_shows_how_far_it_is(house: House, enter: SignIn) -> None:
    calling = house.console.rooms.calling
    calling.follow({"action": "call_out", "callback": house.rows[4], "step": "ringing_citizen"})
    assert "Звоним гражданину" in enter("petrova").get(f"/callbacks/{house.rows[4]}").text
    calling.follow({"action": "call_out", "callback": house.rows[4], "step": "over"})
    assert "Звоним гражданину" not in enter("petrova").get(f"/callbacks/{house.rows[4]}").text


def test_an_auditor_looks_and_has_no_buttons(house: House, enter: SignIn) -> None:
    page = enter("auditor").get(f"/callbacks/{house.rows[0]}").text
    assert "смотреть и слушать, но не менять" in page
    assert 'hx-post="/callbacks' not in page


def test_every_look_and_every_change_is_in_the_access_log(house: House, enter: SignIn) -> None:
    before = house.do(house.console.access.log.verify()).rows  # type: ignore[attr-defined]
    anna = enter("petrova")
    anna.get("/callbacks")
    for _ in range(3):
        anna.get(f"/callbacks/{house.rows[0]}")
    anna.act(f"/callbacks/{house.rows[0]}/take")
    anna.act(f"/callbacks/{house.rows[0]}/messages/{house.rows[0]}/gist", gist="другая суть")
    rows = [entry for entry in house.console.access.log.book.walk() if entry.number > before]
    assert [(row.deed, row.thing, dict(row.facts)) for row in rows] == [
        ("sign_in", "session", {}), ("list", "callback", {"shown": "all"}), ("view", "callback", {}),
        ("work", "callback", {"verb": "take"}), ("work", "message", {"field": "gist"}),
    ]  # fmt: skip
    assert house.do(house.console.access.log.verify()).broken is None  # type: ignore[attr-defined]


def test_a_message_leads_to_its_card(house: House, enter: SignIn) -> None:
    answer = enter("petrova").get(f"/messages/{house.rows[0]}")
    assert answer.headers["location"] == f"/callbacks/{house.rows[0]}"


def test_missed_by_day_the_inner_target_stands_beside_the_legal_one(house: House, enter: SignIn) -> None:
    """Interpretation 3."""
    with house.console.callbacks.engine.begin() as db:
        at = datetime(2026, 11, 25, 7, 0, tzinfo=UTC)
        db.exec_driver_sql(
            "UPDATE callback SET created_at = ? WHERE id = ?", (f"{at:%Y-%m-%d %H:%M:%S.%f}", house.rows[6])
        )
    assert "внутренняя цель — до 11:00" in enter("petrova").get(f"/callbacks/{house.rows[6]}").text
    assert NOON - at == timedelta(minutes=30)
