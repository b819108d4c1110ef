"""The settings: checked, versioned, with who changed what, and undone (clauses 1, 6.3, 8)."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ivr.adapters.files.settings import read_settings
from ivr.domain.people import Role
from ivr.errors import LineError, RuleBroken
from tests.access_samples import an_actor
from tests.console_house import House
from tests.web.conftest import Browser, SignIn

LINE = {
    "phone_trunk": "10.0.0.2:5060", "phone_trusted": "127.0.0.1", "phone_address": "127.0.0.1", "phone_port": "5060",
    "desk_operators": "sip:100@10.0.0.2, sip:101@10.0.0.2", "desk_in_turn_seconds": "15",
}  # fmt: skip
MAIL = {
    "mail_server": "mail.example.org", "mail_port": "465", "mail_security": "tls", "mail_user": "helpline",
    "mail_password_file": "тайное слово", "mail_sender": "helpline@example.org",
    "mail_weekly_to": "infocc@tularegion.ru\notdel@example.org", "mail_by_itself": "yes", "mail_by_itself_at": "09:15",
}  # fmt: skip


def _overlay(house: House) -> dict[str, Any]:
    return tomllib.loads((house.folder / "console.toml").read_text("utf-8"))


def _put(chief: Browser, form: str, **fields: str) -> Any:
    return chief.post(f"/settings/form/{form}", data={"csrf": chief.csrf, **fields})


def test_the_line_is_set_up_and_whatever_follows_from_it(house: House, enter: SignIn) -> None:
    chief = enter("chief")
    assert _put(chief, "line", **LINE).headers["location"] == "/settings/form/line?said=kept"
    settings = read_settings(house.folder / "ivr.toml")
    assert settings.phone.trunk == "10.0.0.2:5060"
    assert (settings.phone.trusted, settings.phone.address) == (("127.0.0.1", "10.0.0.2"), "0.0.0.0")
    assert settings.desk.operators == ("sip:100@10.0.0.2", "sip:101@10.0.0.2")
    page = chief.get("/settings/form/line?said=kept").text
    assert "Сохранено и действует" in page
    assert 'value="10.0.0.2:5060"' in page
    again = {**LINE, "phone_trusted": "127.0.0.1\n10.0.0.2", "phone_address": "0.0.0.0"}
    assert _put(chief, "line", **again).headers["location"].endswith("said=same")


def test_a_registration_needs_all_its_parts_and_its_password_is_never_shown(house: House, enter: SignIn) -> None:
    chief = enter("chief")
    half = {**LINE, "phone_registration_registrar": "sip:pbx.local", "phone_registration_user": "helpline"}
    refused = _put(chief, "line", **half)
    assert (refused.status_code, "нужны сервер, логин и пароль" in refused.text) == (409, True)
    assert _put(chief, "line", **half, phone_registration_password_file="тайна").status_code == 303
    registration = read_settings(house.folder / "ivr.toml").phone.registration
    assert registration is not None
    assert registration.password_file.read_text("utf-8") == "тайна"
    page = chief.get("/settings/form/line").text
    assert "тайна" not in page
    assert "задан; оставьте пустым" in page
    assert _put(chief, "line", **LINE, phone_registration_registrar="").status_code == 303
    assert read_settings(house.folder / "ivr.toml").phone.registration is None


def _password(house: House) -> Path:
    registration = read_settings(house.folder / "ivr.toml").phone.registration
    assert registration is not None
    return registration.password_file


def test_a_refused_form_leaves_the_password_in_use_alone(house: House, enter: SignIn) -> None:
    chief, secret = enter("chief"), "phone_registration_password_file"
    line = {**LINE, "phone_registration_registrar": "sip:pbx.local", "phone_registration_user": "helpline"}
    assert _put(chief, "line", **line, **{secret: "прежняя тайна"}).status_code == 303
    used = _password(house)
    for wrong in ({"desk_operators": "101"}, {"seen": "0"}, {"phone_port": "70000"}):
        assert _put(chief, "line", **{**line, secret: "новая тайна"} | wrong).status_code == 409
        assert (_password(house), used.read_text("utf-8")) == (used, "прежняя тайна")
    assert list(used.parent.glob("phone-*")) == [used]
    assert _put(chief, "line", **{**line, "phone_port": "5070"}).status_code == 303
    assert _password(house).read_text("utf-8") == "прежняя тайна"
    assert _put(chief, "line", **line, **{secret: "новая тайна"}).status_code == 303
    assert _password(house).read_text("utf-8") == "новая тайна"
    assert list(used.parent.glob("phone-*")) == [_password(house)]


@pytest.mark.parametrize("form", ["mail", "line"])
def test_a_version_whose_password_is_gone_is_not_put_back(house: House, enter: SignIn, form: str) -> None:
    chief = enter("chief")
    secret = "mail_password_file" if form == "mail" else "phone_registration_password_file"
    registered = {"phone_registration_registrar": "sip:pbx.local", "phone_registration_user": "helpline"}
    given = MAIL if form == "mail" else LINE | registered
    for word in ("прежняя тайна", "новая тайна"):
        assert _put(chief, form, **{**given, secret: word}).status_code == 303
    before = _overlay(house)
    refused = chief.post("/settings/history/1/restore", data={"csrf": chief.csrf})
    assert (refused.status_code, "введите пароль заново" in refused.text) == (409, True)
    assert _overlay(house) == before
    assert chief.post("/settings/history/2/restore", data={"csrf": chief.csrf}).status_code == 303


def test_mail_is_set_up_and_the_password_lies_apart(house: House, enter: SignIn) -> None:
    assert _put(enter("chief"), "mail", **MAIL).status_code == 303
    mail = read_settings(house.folder / "ivr.toml").mail
    assert mail is not None
    assert (mail.port, mail.security, mail.by_itself, str(mail.by_itself_at)) == (465, "tls", True, "09:15:00")
    assert mail.weekly_to == ("infocc@tularegion.ru", "otdel@example.org")
    assert mail.password_file is not None
    assert mail.password_file.read_text("utf-8") == "тайное слово"
    assert "тайное слово" not in (house.folder / "console.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("form", "fields", "sentence"),
    [
        ("line", {**LINE, "phone_trunk": "http://x/"}, "10.0.0.2:5060"),
        ("line", {**LINE, "phone_trusted": "АТС"}, "10.0.0.0/24"),
        ("line", {**LINE, "phone_port": "пять"}, "от 1024 до 65535"),
        ("line", {**LINE, "phone_port": "70000"}, "от 1024 до 65535"),
        ("line", {**LINE, "desk_operators": "101"}, "sip:101@10.0.0.2"),
        ("line", {**LINE, "desk_in_turn_seconds": "0"}, "от 2 до 120"),
        ("mail", {**MAIL, "mail_sender": "не адрес"}, "otdel@example.org"),
        ("mail", {**MAIL, "mail_weekly_to": ""}, "otdel@example.org"),
        ("mail", {**MAIL, "mail_server": ""}, "mail.example.org"),
        ("mail", {**MAIL, "mail_by_itself_at": "утром"}, "09:30"),
        ("keeping", {"regulation_retention_days": "365"}, "не менее 366"),
        ("keeping", {"regulation_retention_days": "-1"}, "не менее 366"),
        ("town", {"municipality_title": " "}, "Назовите муниципальное образование"),
        ("entry", {"web_idle_minutes": "0"}, "от 5 до 720"),
    ],
)  # fmt: skip
def test_what_will_not_do_is_refused_in_words_and_nothing_is_lost(
    house: House, enter: SignIn, form: str, fields: dict[str, str], sentence: str
) -> None:
    answer = _put(enter("chief"), form, **fields)
    assert answer.status_code == 409
    assert sentence in answer.text
    assert not (house.folder / "console.toml").exists() or "phone" not in _overlay(house)
    typed = [value for name, value in fields.items() if name not in ("mail_password_file", "mail_by_itself")]
    assert all(value in answer.text for value in typed if value.strip() and "\n" not in value)


def test_every_change_is_kept_with_who_made_it_and_is_undone_by_a_click(house: House, enter: SignIn) -> None:
    chief = enter("chief")
    _put(chief, "keeping", regulation_retention_days="500")
    _put(chief, "town", municipality_title="Другой район")
    page = chief.get("/settings/history").text
    assert page.count("Главный И. И.") >= 2
    assert "Сколько дней хранить записи" in page
    assert "Другой район" in page
    assert "500" in chief.get("/settings/history?number=1").text
    assert chief.post("/settings/history/1/restore", data={"csrf": chief.csrf}).status_code == 303
    assert read_settings(house.folder / "ivr.toml").municipality.title.startswith("Администрация МО")
    assert _overlay(house)["regulation"] == {"retention_days": 500}
    assert "возвращено изменение № 1" in chief.get("/settings/history").text
    chief.post("/settings/history/0/restore", data={"csrf": chief.csrf})
    assert _overlay(house) == {}
    assert chief.post("/settings/history/77/restore", data={"csrf": chief.csrf}).status_code == 404


def test_the_title_and_the_sessions_follow_at_once(house: House, enter: SignIn) -> None:
    chief = enter("chief")
    _put(chief, "town", municipality_title="Воловский район", municipality_number_plan_local_code="48768",
         municipality_number_plan_regional_code="4876", municipality_number_plan_regional_prefix="2")  # fmt: skip
    _put(chief, "entry", web_idle_minutes="30", web_session_hours="8")
    assert (
        "Воловский район" in chief.get("/settings").headers["location"]
        or "Воловский район" in chief.get("/settings/people").text
    )
    assert house.console.rooms.door.rules.idle.total_seconds() == 1800
    assert house.console.rooms.town("").reads_number("2-11-45") == "+74876821145"


def test_two_who_change_at_once_do_not_overwrite_each_other(house: House, enter: SignIn) -> None:
    chief = enter("chief")
    assert _put(chief, "keeping", regulation_retention_days="500", seen="0").status_code == 303
    late = _put(chief, "town", municipality_title="Другой район", seen="0")
    assert (late.status_code, "только что изменил" in late.text) == (409, True)
    assert "Другой район" in late.text


def test_a_form_goes_back_to_the_installers_file(house: House, enter: SignIn) -> None:
    chief = enter("chief")
    _put(chief, "line", **LINE)
    _put(chief, "keeping", regulation_retention_days="500")
    chief.post("/settings/form/line/reset", data={"csrf": chief.csrf})
    assert _overlay(house) == {"regulation": {"retention_days": 500}}


def test_a_test_call_says_how_it_ended(house: House, enter: SignIn) -> None:
    chief = enter("chief")
    answer = chief.post("/settings/line/try", data={"csrf": chief.csrf, "address": "sip:101@10.0.0.2"})
    assert "Дозвонились" in answer.text
    assert house.exchange.asked == [("sip:101@10.0.0.2",)]
    assert "sip:101@10.0.0.2" in chief.post("/settings/line/try", data={"csrf": chief.csrf, "address": "101"}).text

    async def away(address: str) -> dict[str, object]:
        raise LineError("nobody")

    house.exchange.try_line = away  # type: ignore[method-assign]
    answer = chief.post("/settings/line/try", data={"csrf": chief.csrf, "address": "sip:101@10.0.0.2"})
    assert "Подождите полминуты" in answer.text


def test_every_change_is_in_the_access_log_and_no_value_is(house: House, enter: SignIn) -> None:
    _put(enter("chief"), "mail", **MAIL)
    rows = [entry for entry in house.console.access.log.book.walk() if entry.thing == "settings"]
    assert {row.subject for row in rows} >= {"mail"}
    assert any("mail.server" in row.subject for row in rows)
    assert not any("example.org" in f"{row.subject}{row.facts}" or "тайное" in f"{row}" for row in rows)


def test_of_two_who_change_the_same_at_the_same_moment_the_later_is_told(house: House) -> None:
    settings, chief = house.console.rooms.administration.house, an_actor(Role.ADMINISTRATOR, login="chief")
    seen = settings.seen

    async def both() -> list[bool | BaseException]:
        changes = [settings.change(chief, {"municipality": {"title": title}}, seen) for title in ("Первый", "Второй")]
        return await asyncio.gather(*changes, return_exceptions=True)

    told = house.do(both())
    assert isinstance(told, list)
    (late,) = [one for one in told if isinstance(one, RuleBroken)]
    assert (told.count(True), late.code) == (1, "changed_meanwhile")
    assert _overlay(house)["municipality"]["title"] == ("Первый" if told[0] is True else "Второй")
