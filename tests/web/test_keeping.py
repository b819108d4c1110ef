"""«Хранение»: holds, acts of destruction, withheld recordings, one person's data found, handed out, erased."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from ivr.adapters.storage import tables
from ivr.domain.audit import verify
from tests.console_house import House
from tests.samples import SetClock
from tests.web.conftest import Browser, SignIn

NUMBER = "8 (900) 000-12-34"
"""Of Иванова, who left the first row."""


def texts(page: str) -> str:
    """A page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\xa0", " ").split())


def close(house: House, key: str) -> None:
    """Nothing more is owed to a citizen."""
    with house.console.callbacks.engine.begin() as db:
        db.execute(update(tables.callback).where(tables.callback.c.id == key).values(state="closed", is_open=False))


def kept(house: House, *things: str) -> list[tuple[str, str, str]]:
    """Rows of the access log about these things."""
    rows = list(house.console.access.log.book.walk())
    assert verify(rows).broken is None
    return [(one.who, one.deed, one.thing) for one in rows if one.thing in things]


def count_of(page: str) -> str:
    """How much the page asks to confirm."""
    found = re.search(r'name="count" value="(\d+)"', page)
    assert found, texts(page)
    return found[1]


def erased(house: House, vera: Browser, why: str = "заявление № 7") -> str:
    """The path of the act by which Иванова's data went."""
    close(house, house.rows[0])
    count = count_of(vera.act("/keeping/person", asked=NUMBER).text)
    answer = vera.act("/keeping/person/erase", number=NUMBER, why=why, count=count, sure="yes")
    assert answer.status_code == 204, texts(answer.text)
    return str(answer.headers["HX-Redirect"].partition("?")[0])


def test_a_hold_is_put_by_the_cards_address_and_lifted(house: House, enter: SignIn) -> None:
    vera, key = enter("vlasova"), house.rows[0]
    assert "Запретов нет" in vera.get("/keeping").text
    assert f'href="/keeping?subject={key}"' in vera.get(f"/callbacks/{key}").text
    assert f'value="{key}"' in vera.get(f"/keeping?subject={key}").text
    answer = vera.act("/keeping/holds", subject=f"https://ivr.example/callbacks/{key}?x", why="запрос прокуратуры")
    assert answer.headers["HX-Redirect"] == "/keeping?said=held"
    page = vera.get("/keeping").text
    assert "запрос прокуратуры" in page and "Власова В. И." in page and f'href="/callbacks/{key}"' in page
    path = re.search(r'action="(/keeping/holds/[0-9a-f]{32}/release)"', page)
    assert path
    auditor = enter("auditor")
    assert "запрос прокуратуры" in auditor.get("/keeping").text and path[1] not in auditor.get("/keeping").text
    assert auditor.act(path[1]).status_code == 403
    assert vera.act(path[1]).headers["HX-Redirect"] == "/keeping?said=released"
    assert vera.act(path[1]).status_code == 404
    assert "Запретов нет" in vera.get("/keeping").text
    assert kept(house, "hold") == [
        ("vlasova", "list", "hold"), ("vlasova", "manage", "hold"), ("auditor", "list", "hold"),
        ("vlasova", "manage", "hold"), ("vlasova", "manage", "hold"),
    ]  # fmt: skip


@pytest.mark.parametrize(("subject", "why", "told"), [
    ("0" * 32, "дело № 1", "Такой строки нет"), ("какая-то", "дело № 1", "Такой строки нет"), ("", " ", "причину"),
])  # fmt: skip
def test_a_hold_that_cannot_be_says_why_and_loses_nothing(enter: SignIn, subject: str, why: str, told: str) -> None:
    answer = enter("vlasova").act("/keeping/holds", subject=subject, why=why)
    assert answer.status_code == 409 and told in answer.text and f'value="{why}"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_what_a_hold_stands_on_is_named_whatever_it_is(house: House, enter: SignIn) -> None:
    vera, engine = enter("vlasova"), house.console.callbacks.engine
    with engine.connect() as db:
        tried, of = db.execute(select(tables.attempt.c.id, tables.attempt.c.callback_id)).first() or ("", "")
    vera.act("/keeping/holds", subject=tried, why="жалоба")
    page = vera.get("/keeping").text
    assert "Звонок гражданину" in page and f'href="/callbacks/{of}"' in page


def test_all_of_a_number_is_counted_before_anything_is_done(house: House, enter: SignIn) -> None:
    vera = enter("vlasova")
    page = vera.act("/keeping/person", asked=NUMBER).text
    said = texts(page)
    for words in ("Звонки 1", "Сообщения 1", "Записи разговоров 1", "Обратные звонки 1", "ещё обещан звонок"):
        assert words in said
    assert "/keeping/person/erase" not in page and f'href="/callbacks/{house.rows[0]}"' in page
    close(house, house.rows[0])
    page = vera.act("/keeping/person", asked=NUMBER).text
    assert f"Уничтожить {count_of(page)} строк и записей" in page
    vera.act("/keeping/holds", subject=house.rows[0], why="дело № 2")
    page = vera.act("/keeping/person", asked=NUMBER).text
    assert "стоит запрет" in page and "/keeping/person/erase" not in page


def test_a_name_leads_to_its_numbers(house: House, enter: SignIn) -> None:
    vera = enter("vlasova")
    page = vera.act("/keeping/person", asked="Мария Иванова").text
    assert "Иванова Мария Петровна" in page and 'name="asked" value="+79000001234"' in page
    assert "Кузнецов" not in page
    assert "нет" in texts(vera.act("/keeping/person", asked="Несуществующева").text).partition("с этими словами")[2]
    for asked, told in (("12", "не номер телефона"), ("+79000009876", "ничего не хранится")):
        answer = vera.act("/keeping/person", asked=asked)
        assert answer.status_code == 409 and told in answer.text
    log = [row for row in house.console.access.log.book.walk() if row.who == "vlasova"]
    assert not [row for row in log if "Иванов" in repr(row) or "1234" in repr(row)]


def test_the_archive_holds_what_is_kept_and_is_written_down(house: House, enter: SignIn) -> None:
    vera = enter("vlasova")
    answer = vera.act("/keeping/person/export", number=NUMBER)
    assert answer.headers["content-type"] == "application/zip"
    assert "person-2026-11-25.zip" in answer.headers["content-disposition"]
    archive = zipfile.ZipFile(BytesIO(answer.content))
    assert archive.testzip() is None
    assert "Иванова" in archive.read("index.html").decode()
    assert {"call", "message", "callback"} <= {row["table"] for row in json.loads(archive.read("data.json"))}
    assert vera.act("/keeping/person/export", number="12").status_code == 409
    assert kept(house, "citizen") == [("vlasova", "export", "citizen")]


def test_what_is_erased_leaves_an_act_with_its_list_and_hash(house: House, enter: SignIn) -> None:
    vera = enter("vlasova")
    path = erased(house, vera)
    page = texts(vera.get(f"{path}?said=erased").text)
    assert "Данные уничтожены" in page and "требование: заявление № 7" in page and house.rows[0] in page
    digest = re.search(r"[0-9a-f]{64}", page)
    assert digest and "заявление № 7" in vera.get("/keeping/acts").text
    paper = vera.get(f"{path}/paper")
    assert paper.headers["content-type"].startswith("text/plain") and digest[0] in paper.text
    assert house.rows[0] in paper.text and "АКТ ОБ УНИЧТОЖЕНИИ" in paper.text
    rows = list(load_workbook(BytesIO(vera.get(f"{path}/table").content)).active.values)  # type: ignore[union-attr]
    assert rows[0][:2] == ("Что", "Идентификатор") and rows[-1][1] == digest[0]
    assert house.rows[0] in {row[1] for row in rows}
    assert vera.act("/keeping/person", asked=NUMBER).status_code == 409
    assert not (house.folder / "recordings" / f"{house.rows[0]}.wav").exists()
    assert kept(house, "citizen", "act") == [
        ("vlasova", "view", "citizen"), ("vlasova", "erase", "citizen"), ("", "erase", "act"),
        ("vlasova", "view", "act"), ("vlasova", "list", "act"), ("vlasova", "export", "act"),
        ("vlasova", "export", "act"),
    ]  # fmt: skip
    assert f'href="{path}"' in vera.get("/access-log?kind=changed").text


def test_nothing_is_erased_without_the_tick_the_reason_and_the_right_number(house: House, enter: SignIn) -> None:
    vera = enter("vlasova")
    close(house, house.rows[0])
    count = count_of(vera.act("/keeping/person", asked=NUMBER).text)
    good = {"number": NUMBER, "why": "заявление № 7", "count": count, "sure": "yes"}
    for wrong, told in (
        ({"sure": ""}, "безвозвратно"),
        ({"why": ""}, "причину"),
        ({"count": "1"}, "стало храниться другое"),
    ):
        answer = vera.act("/keeping/person/erase", **{**good, **wrong})
        assert answer.status_code == 409 and told in answer.text
        assert count_of(answer.text) == count
    assert (house.folder / "recordings" / f"{house.rows[0]}.wav").exists()
    assert enter("auditor").act("/keeping/person/erase", **good).status_code == 403
    assert "Ничего ещё не уничтожалось" in vera.get("/keeping/acts").text


def test_what_the_night_destroyed_is_an_act_of_the_house_itself(house: House, enter: SignIn, clock: SetClock) -> None:
    for key in house.rows:
        close(house, key)
    clock.pass_minutes(timedelta(days=400) // timedelta(minutes=1))
    house.do(house.console.rooms.keeping.citizens.retention.sweep())
    page = texts(enter("vlasova").get("/keeping/acts").text)
    assert "истёк срок хранения программа, по расписанию" in page and "Записи разговоров: 8" in page


def test_recordings_without_proof_are_listed_with_the_reason(house: House, enter: SignIn) -> None:
    vera, call = enter("vlasova"), tables.call
    proof = {"notice_seconds": 9.0, "notice_whole": 9.0, "notice_hash": "a" * 64}
    with house.console.callbacks.engine.begin() as db:
        db.execute(update(call).values(**proof))
    assert "Таких записей нет" in vera.get("/keeping/withheld").text
    with house.console.callbacks.engine.begin() as db:
        db.execute(update(call).where(call.c.id == house.rows[0]).values(notice_seconds=2.0))
        db.execute(update(call).where(call.c.id == house.rows[2]).values(notice_hash=""))
    page = vera.get("/keeping/withheld").text
    assert "прослушано не до конца" in page and "не прозвучало" in page
    assert f'href="/callbacks/{house.rows[0]}"' in page and f'href="/callbacks/{house.rows[2]}"' in page


def test_operators_and_the_administrator_have_no_part_in_it(enter: SignIn) -> None:
    for login in ("petrova", "chief"):
        client = enter(login)
        assert 'href="/keeping"' not in client.get("/account").text
        for path in ("/keeping", "/keeping/acts", "/keeping/withheld", "/keeping/person"):
            assert client.get(path).status_code == 403
    auditor = enter("auditor")
    assert 'href="/keeping/person"' not in auditor.get("/keeping").text
    assert auditor.get("/keeping/person").status_code == 403


def test_who_left_no_number_is_found_by_name_and_goes_with_one_message(house: House, enter: SignIn) -> None:
    vera, key = enter("vlasova"), house.rows[0]
    close(house, key)
    with house.console.callbacks.engine.begin() as db:
        mine = tables.message.c.id == key
        db.execute(update(tables.message).where(mine).values(phone="", caller_number=""))
    named = vera.act("/keeping/person", asked="Иванова").text
    assert "номера нет" in texts(named)
    assert f'name="asked" value="{key}"' in named
    page = vera.act("/keeping/person", asked=key).text
    assert f'name="number" value="{key}"' in page
    assert key not in texts(page)
    answer = vera.act("/keeping/person/erase", number=key, why="заявление № 9", count=count_of(page), sure="yes")
    assert answer.status_code == 204, texts(answer.text)
    gone = vera.act("/keeping/person", asked=key)
    assert gone.status_code == 409
    assert "ничего не хранится" in texts(gone.text)
