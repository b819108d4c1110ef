"""The curator's evening: reports looked at, let go, corrected, told of; papers of any period; an older journal."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ivr.domain.letter import FiledReport, ReportKind
from ivr.domain.people import Role
from ivr.domain.report import Form
from tests.access_samples import ADMINISTRATOR, PASSWORD
from tests.console_house import TOWN, House, make_house, run
from tests.report_samples import keep, messages
from tests.samples import SetClock
from tests.services.test_intake import book, the_form_as_printed
from tests.web.conftest import NOON, Browser, SignIn

MAIL = (
    '[mail]\nserver = "127.0.0.1"\nport = 9\nsender = "helpline@example.org"\nweekly_to = ["info@example.org"]\n'
    'by_itself = false\n[[municipalities]]\nkey = "next"\ntitle = "Соседний район"\nnumbers = ["48700"]\n'
    'weekly_to = ["next@example.org"]\n'
)
DECEMBER = datetime(2026, 12, 1, 6, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path, clock: SetClock) -> Iterator[House]:
    """A house with twenty messages of the week before, and a mail server that is away."""
    made = make_house(tmp_path / "house", clock=clock, now=NOON, more=MAIL)
    keep(made.console.callbacks.engine, (replace(one, municipality=TOWN) for one in messages(20)))
    yield made
    made.console.dispose()


def filed(house: House, kind: ReportKind, now: datetime = NOON) -> FiledReport:
    filing = house.console.rooms.reports.office.filing_of(TOWN)
    filing.sweep(now)
    return filing.archive.filed(TOWN, kind)[0]


def until_ready(client: Browser, path: str) -> str:
    """The page of a work when it is done."""
    give_up = time.monotonic() + 30
    while 'hx-trigger="load delay:1s"' in (page := client.get(path).text):
        assert time.monotonic() < give_up, page
        time.sleep(0.05)
    return page


def deeds(house: House) -> list[tuple[str, str, dict[str, str]]]:
    return [(entry.deed, entry.thing, dict(entry.facts)) for entry in house.console.access.log.book.walk()]


def test_an_empty_house_says_what_will_come(house: House, enter: SignIn) -> None:
    page = enter("vlasova").get("/reports").text
    assert "в понедельник в 00:05" in page
    assert 'aria-current="page">Отчёты' in page


def test_the_week_is_read_before_it_goes_and_let_go_by_the_curator(house: House, enter: SignIn) -> None:
    report = filed(house, ReportKind.WEEK)
    curator = enter("vlasova")
    assert "не отправлен, срок был" in curator.get("/reports").text
    page = curator.get(f"/reports/{report.id}").text
    assert "Третий день нет горячей воды" in page
    assert "info@example.org" in page
    assert "Иванова" not in page.split("Что в отчёте")[1].replace("Петрова А. В.", "")
    answer = curator.post(f"/reports/{report.id}/approve", data={"csrf": curator.csrf})
    assert answer.headers["location"].endswith("said=approved")
    again = curator.post(f"/reports/{report.id}/approve", data={"csrf": curator.csrf})
    assert again.headers["location"].endswith("said=approved_before")
    page = curator.get(f"/reports/{report.id}").text
    assert "Власова В. И." in page
    assert "ждёт отправки" in page
    assert f'hx-get="/reports/{report.id}/letters"' in page
    house.console.rooms.reports.office.filing_of(TOWN).sweep(datetime.now(UTC) + timedelta(seconds=5))
    assert "почтовый сервер не принял" in curator.get(f"/reports/{report.id}/letters").text
    assert ("manage", "report", "approve") in [(d, t, f.get("verb", "")) for d, t, f in deeds(house)]


def test_a_week_that_is_told_otherwise_by_now_goes_again_as_edition_two(house: House, enter: SignIn) -> None:
    report = filed(house, ReportKind.WEEK)
    curator = enter("vlasova")
    curator.post(f"/reports/{report.id}/approve", data={"csrf": curator.csrf})
    refused = curator.post(f"/reports/{report.id}/correct", data={"csrf": curator.csrf})
    assert refused.status_code == 409
    assert "исправлять нечего" in refused.text
    with house.console.callbacks.engine.begin() as db:
        db.exec_driver_sql("UPDATE message SET gist = 'Прорвало трубу' WHERE id = '" + "0" * 32 + "'")
    assert "Журнал с тех пор изменился" in curator.get(f"/reports/{report.id}").text
    answer = curator.post(f"/reports/{report.id}/correct", data={"csrf": curator.csrf})
    second = answer.headers["location"].split("/")[2].partition("?")[0]
    page = curator.get(f"/reports/{second}").text
    assert "Прорвало трубу" in page
    assert "редакция 2" in page
    assert "Это прежняя редакция" in curator.get(f"/reports/{report.id}").text


def test_the_month_takes_the_curators_words_and_is_marked_as_told(house: House, enter: SignIn) -> None:
    house.console.rooms.clock.now = lambda: DECEMBER  # type: ignore[method-assign]
    report = filed(house, ReportKind.MONTH, DECEMBER)
    curator = enter("vlasova")
    assert "доложить до" in curator.get("/reports").text
    words = "Решено: усилить уборку снега. <b>"
    answer = curator.post(f"/reports/{report.id}/retell", data={"csrf": curator.csrf, "remarks": words})
    second = answer.headers["location"].split("/")[2].partition("?")[0]
    page = curator.get(f"/reports/{second}").text
    assert page.count("усилить уборку снега. &lt;b&gt;") >= 2
    answer = curator.post(f"/reports/{second}/told", data={"csrf": curator.csrf})
    assert answer.headers["location"].endswith("said=told")
    assert "доложено" in curator.get("/reports").text
    assert curator.post(f"/reports/{second}/told", data={"csrf": curator.csrf}).headers["location"].endswith("before")
    assert curator.post(f"/reports/{second}/approve", data={"csrf": curator.csrf}).status_code == 409


def test_the_file_is_the_one_that_was_filed_and_its_taking_is_written_down(house: House, enter: SignIn) -> None:
    report = filed(house, ReportKind.WEEK)
    auditor = enter("auditor")
    answer = auditor.get(f"/reports/{report.id}/file")
    assert answer.content == house.console.rooms.reports.office.filing_of(TOWN).archive.content(report.id)
    assert answer.headers["content-disposition"].endswith('week-2026-11-16-2026-11-22-1.xlsx"')
    facts = {"form": "week", "period": "2026-11-16..2026-11-22", "edition": "1"}
    assert ("export", "report", facts) in deeds(house)
    page = auditor.get(f"/reports/{report.id}").text
    assert "Отправить отчёт" not in page
    assert auditor.post(f"/reports/{report.id}/approve", data={"csrf": auditor.csrf}).status_code == 403


def test_every_paper_of_named_days_is_made_and_taken(house: House, enter: SignIn) -> None:
    curator, other = enter("vlasova"), enter("auditor")
    for paper in Form:
        days = {"span": "days", "since": "2026-11-16", "until": "2026-11-22"}
        form = {"paper": str(paper), **days, "csrf": curator.csrf}
        path = curator.post("/reports/papers", data=form).headers["location"]
        assert "Готово" in until_ready(curator, path)
        answer = curator.get(f"{path}/file")
        assert answer.headers["content-disposition"] == f'attachment; filename="{paper}-2026-11-16-2026-11-22.xlsx"'
        load_workbook(BytesIO(answer.content))
        assert ("export", "report", {"form": str(paper), "period": "2026-11-16..2026-11-22"}) in deeds(house)
        assert other.get(path).status_code == other.get(f"{path}/file").status_code == 404


def test_a_neighbours_paper_is_made_for_his_own_curator_alone(house: House, enter: SignIn) -> None:
    people, facts = house.console.rooms.people, ("next", "Соседин В. И.", {Role.CURATOR}, PASSWORD)
    run(people.add(ADMINISTRATOR, *facts, municipality="next"))
    theirs, own = enter("next"), enter("vlasova")
    form = {"paper": "load", "span": "last_month"}
    path = theirs.post("/reports/papers", data={**form, "csrf": theirs.csrf}).headers["location"]
    assert "Соседний район" in until_ready(theirs, path)
    sheet = load_workbook(BytesIO(theirs.get(f"{path}/file").content)).worksheets[0]
    assert "Соседний район" in "".join(str(cell.value) for row in sheet.iter_rows(max_row=3) for cell in row)
    assert "Соседний район" not in own.get("/reports").text
    refused = own.post("/reports/papers", data={**form, "municipality": "next", "csrf": own.csrf})
    assert (refused.status_code, "Нет муниципалитета «next»" in refused.text) == (409, True)


def test_each_municipality_s_reports_are_filed_and_shown_to_its_own_people(house: House, enter: SignIn) -> None:
    room = house.console.callbacks
    keep(room.engine, (replace(one, id=f"a{one.id[1:]}", municipality="next") for one in messages(5)))
    filings = {filing.municipality: filing for filing in room.clerk().filings_of(NOON.date())}
    assert {key: filing.recipients for key, filing in filings.items()} == {
        TOWN: ("info@example.org",), "next": ("next@example.org",)
    }  # fmt: skip
    filings["next"].sweep(NOON)
    (report,) = filings["next"].archive.filed("next", ReportKind.WEEK)
    assert report.rows == 5
    run(house.console.rooms.people.add(ADMINISTRATOR, "next", "Соседин В. И.", {Role.CURATOR}, PASSWORD, "", "next"))
    assert enter("next").get(f"/reports/{report.id}").status_code == 200
    assert enter("vlasova").get(f"/reports/{report.id}").status_code == 404


def test_days_that_are_no_period_are_asked_for_again(house: House, enter: SignIn) -> None:
    curator = enter("vlasova")
    for since, until in (("", ""), ("2026-11-22", "2026-11-16"), ("x", "2026-11-16")):
        form = {"paper": "week", "span": "days", "since": since, "until": until, "csrf": curator.csrf}
        answer = curator.post("/reports/papers", data=form)
        assert answer.status_code == 409
        assert "Назовите оба дня" in answer.text


def _bring(curator: Browser, content: bytes, name: str = "прежний журнал.xlsx") -> str:
    answer = curator.post("/reports/older-journal", data={"csrf": curator.csrf}, files={"file": (name, content)})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def _act(curator: Browser, path: str, act: str, **more: str) -> str:
    return curator.post(path, data={"csrf": curator.csrf, "act": act, **more}).headers["location"]


def _count(house: House) -> int:
    with house.console.callbacks.engine.connect() as db:
        return int(db.exec_driver_sql("SELECT count(*) FROM message").scalar() or 0)


def test_an_older_journal_is_looked_at_taken_in_once_and_taken_back(house: House, enter: SignIn) -> None:
    curator, before = enter("vlasova"), _count(house)
    content = book(the_form_as_printed).getvalue()
    path = _bring(curator, content)
    page = until_ready(curator, path)
    assert "прежний журнал.xlsx" in page
    assert "Загрузить новые строки: 2" in page
    assert _count(house) == before
    everything = until_ready(curator, _act(curator, path, "preview", everything="yes"))
    assert "не пришёл автобус" in everything
    taken = _act(curator, path, "take_in")
    assert "Загружено строк: 2" in until_ready(curator, taken)
    assert _count(house) == before + 2
    again = until_ready(curator, _bring(curator, content))
    assert "Загрузить новые строки" not in again
    assert "Отменить загрузку этого файла" in again
    assert "Убрано строк: 2" in until_ready(curator, _act(curator, taken, "take_back"))
    assert _count(house) == before
    verbs = [facts.get("verb") for deed, thing, facts in deeds(house) if (deed, thing) == ("manage", "message")]
    assert verbs == ["journal_preview", "journal_preview", "journal_take_in", "journal_preview", "journal_take_back"]


def test_what_is_no_journal_is_refused_in_words(house: House, enter: SignIn) -> None:
    curator = enter("vlasova")
    assert "сохраните как .xlsx" in until_ready(curator, _bring(curator, b"no workbook at all"))
    none = curator.post("/reports/older-journal", data={"csrf": curator.csrf}, files={"file": ("x.xlsx", b"")})
    assert none.status_code == 409
    assert "Выберите файл" in none.text
    gone = curator.get("/reports/older-journal/0123456789abcdef")
    assert gone.status_code == 404
    assert "сделайте ещё раз" in gone.text


def test_an_operator_finds_no_way_to_the_reports(house: House, enter: SignIn) -> None:
    operator = enter("petrova")
    assert not re.search(r'href="/reports', operator.get("/callbacks").text)
    assert operator.get("/reports").status_code == operator.get("/reports/older-journal").status_code == 403


def test_a_program_does_the_same_by_its_key(house: House, stranger: Browser) -> None:
    report = filed(house, ReportKind.WEEK)
    people = house.console.rooms.people
    key = house.do(people.give_token(ADMINISTRATOR, "vlasova", "отчёты", timedelta(days=1)))
    stranger.headers["Authorization"] = f"Bearer {key}"
    (listed,) = stranger.get("/api/v1/reports").json()
    assert (listed["id"], listed["first"], listed["rows"], listed["letters"]) == (report.id, "2026-11-16", 20, [])
    let_go = stranger.post(f"/api/v1/reports/{report.id}/approve").json()
    assert (let_go["approved_by"], let_go["letters"][0]["state"]) == ("Власова В. И.", "waiting")
    letter = let_go["letters"][0]["id"]
    settled = stranger.post(f"/api/v1/reports/{report.id}/letters/{letter}", json={"arrived": True})
    assert settled.json() == {"done": False}
    paper = stranger.get("/api/v1/papers/messages?period=2026-W47")
    assert load_workbook(BytesIO(paper.content)).worksheets[0].max_row > 20
    assert stranger.get("/api/v1/papers/messages?period=soon").json()["error"]["code"] == "bad_period"
    content, before = book(the_form_as_printed).getvalue(), _count(house)
    looked = stranger.post("/api/v1/older-journals/preview", content=content).json()
    assert (looked["counts"], looked["done"]) == ({"new": 2}, None)
    assert stranger.post("/api/v1/older-journals/take_in", content=content).json()["done"] == 2
    assert stranger.post("/api/v1/older-journals/take_back", content=content).json()["done"] == 2
    assert _count(house) == before
