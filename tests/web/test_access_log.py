"""«Кто что слушал»: who, what, when, which seconds; proven, filtered, exported (152-FZ, fault F36)."""

from __future__ import annotations

import re
import time
from io import BytesIO

import pytest
from openpyxl import load_workbook

from ivr.domain.access import Deed, Thing
from tests.access_samples import an_actor
from tests.console_house import House, run
from tests.samples import SetClock
from tests.web.conftest import Browser, SignIn


def _rows(page: str) -> list[str]:
    """The table's rows as text."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in body.split("<tr>")[1:]]


def _chain(client: Browser) -> str:
    """The chain's state when the walk is over."""
    for _ in range(100):
        page = client.get("/access-log/chain").text
        if "Проверяется" not in page:
            return page
        time.sleep(0.05)
    raise AssertionError("the walk does not end")


def test_every_second_heard_is_shown_with_who_heard_it(house: House, enter: SignIn) -> None:
    anna, curator = enter("petrova"), enter("vlasova")
    recording = house.rows[0]
    for start, end in ((0, 65536), (65536, 131072)):
        anna.get(f"/recordings/{recording}", headers={"Range": f"bytes={start}-{end - 1}"})
    heard = [row for row in _rows(curator.get("/access-log?kind=heard").text) if "запись разговора" in row]
    assert len(heard) == 1
    assert "Петрова А. В." in heard[0]
    assert "0:00–0:08" in heard[0]
    page = curator.get("/access-log?kind=heard").text
    assert f'href="/callbacks/{recording}"' in page


def test_filters_are_links_and_meet_each_other(house: House, enter: SignIn, clock: SetClock) -> None:
    enter("petrova").get(f"/callbacks/{house.rows[0]}")
    enter("sidorov").get(f"/callbacks/{house.rows[1]}")
    clock.pass_minutes(24 * 60)
    auditor = enter("auditor")
    auditor.get("/callbacks")

    def shown(query: str) -> list[str]:
        return _rows(auditor.get(f"/access-log?{query}").text)

    assert all("Петрова" in row for row in shown("who=petrova"))
    assert {row.split()[-1] for row in shown("kind=entered")} == {"testclient"}
    assert len(shown(f"subject={house.rows[1]}")) == 1
    assert not any("Ревизоров" in row for row in shown("since=2026-11-25&until=2026-11-25"))
    assert all("Ревизоров" in row for row in shown("since=2026-11-26"))
    assert shown("since=2026-11-26&who=petrova") == []
    assert "Таких записей нет" in auditor.get("/access-log?who=petrova&kind=exported").text
    assert auditor.get("/access-log?since=вчера&until=99999-99-99&kind=all").status_code == 200
    assert auditor.get("/access-log?since=0001-01-01&until=9999-12-31").status_code == 200


def test_older_rows_are_a_page_away(house: House, enter: SignIn) -> None:
    log, actor = house.console.rooms.log, an_actor()
    for number in range(230):
        run(log.note(actor, Deed.VIEW, Thing.CALLBACK, f"x{number}"))
    curator = enter("vlasova")
    page, seen = curator.get("/access-log?kind=seen").text, list[str]()
    for _ in range(5):
        seen += re.findall(r">\s*(x\d+)</", page)
        link = re.search(r'class="more-link"><a class="button" href="([^"]+)"', page)
        if not link:
            break
        page = curator.get(link[1].replace("&amp;", "&")).text
    assert seen == [f"x{number}" for number in reversed(range(230))]


def test_the_chain_is_proven_and_a_changed_row_is_named(house: House, enter: SignIn) -> None:
    with enter("vlasova") as curator:
        assert "ещё не проверялась" in curator.get("/access-log").text
        assert "Проверяется" in curator.act("/access-log/check").text
        page = _chain(curator)
        assert re.search(r"Цепочка цела: \d+ строк", page)
        rows, head = re.search(r"<code>(\d+):([0-9a-f]{64})</code>", page).groups()  # type: ignore[union-attr]
        assert run(house.console.rooms.log.verify({int(rows): head})).broken is None
        with house.console.callbacks.engine.begin() as db:
            db.exec_driver_sql("UPDATE access_log SET who = 'sidorov' WHERE number = 3")
        curator.act("/access-log/check")
        page = _chain(curator)
        assert "Цепочка нарушена на строке 3: строка изменена" in " ".join(page.split())


def test_the_selection_is_exported_and_that_is_a_row_too(house: House, enter: SignIn) -> None:
    run(house.console.rooms.log.note(an_actor(), Deed.VIEW, Thing.CALLBACK, "=1+1", {"searched": "yes"}))
    enter("petrova").get(f"/recordings/{house.rows[0]}")
    auditor = enter("auditor")
    answer = auditor.get("/access-log/export?who=petrova")
    assert answer.headers["content-disposition"].endswith('.xlsx"')
    sheet = load_workbook(BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert rows[0][:4] == ("№", "Когда", "Кто", "Логин")
    assert all(row[3] == "petrova" for row in rows[1:])
    assert any("прослушано: запись разговора" in row and "секунды: 0.0-" in str(row[7]) for row in rows[1:])
    hostile = next(cell for line in sheet.iter_rows() for cell in line if cell.value == "=1+1")  # type: ignore[union-attr]
    assert hostile.data_type != "f"
    assert "выгрузка: журнал доступа" in " ".join(_rows(auditor.get("/access-log?kind=exported").text))


def test_too_long_a_selection_is_refused_in_words(house: House, enter: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.services.audit.EXPORTED_AT_MOST", 3)
    answer = enter("vlasova").get("/access-log/export")
    assert (answer.status_code, "сузьте период" in answer.text) == (409, True)


def test_another_towns_rows_do_not_exist(house: House, enter: SignIn) -> None:
    run(house.console.rooms.log.note(an_actor(town="elsewhere"), Deed.VIEW, Thing.CALLBACK, "theirs"))
    assert "theirs" not in enter("vlasova").get("/access-log").text


def test_hostile_texts_are_inert(house: House, enter: SignIn) -> None:
    run(house.console.rooms.log.note_stranger("<script>alert(1)</script>", "demo", "<img src=x>", {"<b>": '"><i>'}))
    page = enter("vlasova").get("/access-log").text
    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    assert "<b>" not in page


def test_an_administrator_sees_the_log_but_no_citizens_page(house: House, enter: SignIn) -> None:
    enter("petrova").get(f"/callbacks/{house.rows[0]}")
    chief = enter("chief")
    page = chief.get("/access-log").text
    assert house.rows[0] in page
    assert f'href="/callbacks/{house.rows[0]}"' not in page
    assert "/access-log/export" not in page
    assert chief.get("/access-log/export").status_code == 403
    assert enter("petrova").get("/access-log").status_code == 403
