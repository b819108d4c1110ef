"""The curator's evening in a real browser: the week let go, a paper taken, an older journal taken in and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from ivr.domain.letter import ReportKind
from tests.browser.conftest import Enter
from tests.console_house import TOWN, House, make_house, served
from tests.report_samples import keep, messages
from tests.services.test_intake import book, the_form_as_printed
from tests.web.test_reports import MAIL


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house with the messages of two weeks, both reports filed."""
    made = make_house(tmp_path / "house", more=MAIL)
    now = datetime.now(UTC)
    rows = messages(40, now - timedelta(days=40), days=39)
    keep(made.console.callbacks.engine, (replace(one, municipality=TOWN) for one in rows))
    made.console.rooms.reports.office.filing_of(TOWN).sweep(now)
    with served(made):
        yield made
    made.console.dispose()


def _filed(house: House, kind: ReportKind) -> str:
    return house.console.rooms.reports.office.filing_of(TOWN).archive.filed(TOWN, kind)[0].id


def test_the_week_is_let_go_and_a_paper_is_taken_to_the_disk(house: House, enter: Enter) -> None:
    page = enter("vlasova").go("/reports")
    page.locator("section", has_text="Еженедельный отчёт").locator("a").first.click()
    expect(page.locator("table").first).to_contain_text("Тематика")
    page.click("text=Отправить отчёт")
    expect(page.locator("[role=status].good")).to_contain_text("Отчёт отправляется")
    expect(page.locator("#letters")).to_contain_text("ждёт отправки")
    page.goto(house.url + "/reports")
    page.check("[name=paper][value=messages]")
    page.select_option("[name=span]", "days")
    expect(page.locator("[name=since]")).to_be_visible()
    page.fill("[name=since]", f"{datetime.now(UTC) - timedelta(days=41):%Y-%m-%d}")
    page.click("form[data-draft=paper] button.main")
    with page.expect_download() as taken:
        page.click("text=Скачать")
    assert load_workbook(BytesIO(taken.value.path().read_bytes())).worksheets[0].max_row >= 40


def test_an_older_journal_is_taken_in_and_back_by_clicks(house: House, enter: Enter, tmp_path: Path) -> None:
    file = tmp_path / "журнал 2025.xlsx"
    file.write_bytes(book(the_form_as_printed).getvalue())
    page = enter("vlasova").go("/reports")
    page.click("text=Загрузить прежний журнал")
    page.set_input_files("[name=file]", file)
    page.click("text=Посмотреть")
    page.click("text=Загрузить новые строки")
    expect(page.locator("main")).to_contain_text("Загружено строк")
    page.click("text=Отменить загрузку")
    expect(page.locator("main")).to_contain_text("Убрано строк")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_no_page_of_the_reports_hinders_anybody(
    house: House, enter: Enter, tmp_path: Path, scheme: str, width: int
) -> None:
    file = tmp_path / "journal.xlsx"
    file.write_bytes(book(the_form_as_printed).getvalue())
    person = enter("vlasova", width=width, scheme=scheme)
    paths = ["/reports", *(f"/reports/{_filed(house, kind)}" for kind in ReportKind), "/reports/older-journal"]
    for path in paths:
        person.go(path)
        person.prove_accessible()
        assert person.page.evaluate("document.documentElement.scrollWidth") <= width, path
        person.page.screenshot(path=tmp_path / f"{path.replace('/', '-')}.png", full_page=True)
    person.page.set_input_files("[name=file]", file)
    person.page.click("text=Посмотреть")
    expect(person.page.locator("main")).to_contain_text("Это просмотр")
    person.prove_accessible()
    person.go("/reports")
    person.page.click("form[data-draft=paper] button.main")
    expect(person.page.locator("main")).to_contain_text("Готово")
    person.prove_accessible()
    assert person.page.evaluate("document.documentElement.scrollWidth") <= width
