"""The workbooks against golden texts, and against what LibreOffice reckons."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ivr.adapters.files.calendar import read_calendar
from ivr.adapters.files.report_words import read_report_words
from ivr.adapters.workbooks.appendix1 import write_load
from ivr.adapters.workbooks.appendix2 import write_messages
from ivr.adapters.workbooks.appendix3 import write_week
from ivr.adapters.workbooks.month import write_month
from ivr.domain.regulation import Regulation
from ivr.domain.month import MonthReport, Tally
from ivr.domain.report import Heading, LoadDay, Period, Punctuality, WeekRow
from ivr.domain.report_words import LISTED
from ivr.services.reports import Editions, load_weeks, message_row
from tests.report_samples import MONDAY, load, messages
from tests.workbook_text import assert_golden, converted

WORDS = read_report_words()
CALENDAR = read_calendar(range(2024, 2028))
RULES = Regulation()
WEEK = Period.parse("2026-W47")
HEADING = Heading(
    "Администрация муниципального образования Тёпло-Огарёвский район", "16.11.2026 – 22.11.2026",
    datetime(2026, 11, 23, 5, tzinfo=UTC),
)  # fmt: skip


@pytest.fixture
def load_file(tmp_path: Path) -> Path:
    path = tmp_path / "load.xlsx"
    holiday = load_weeks(Period.parse("2026-W45"), [LoadDay(MONDAY - timedelta(days=14), 3, 0)], CALENDAR)
    saturday = load_weeks(Period.parse("2025-W44"), [LoadDay(MONDAY.replace(2025, 11, 1), 5, 1)], CALENDAR)
    write_load(path, (*load_weeks(WEEK, load(), CALENDAR), *holiday, *saturday), WORDS, RULES, HEADING)
    return path


@pytest.fixture
def message_file(tmp_path: Path) -> Path:
    path = tmp_path / "messages.xlsx"
    editions = Editions(lambda _edition, _kind: {}, WORDS.vocabulary)
    rows = (message_row(one, WORDS, CALENDAR, editions) for one in messages(6))
    assert write_messages(path, rows, WORDS, HEADING) == 6
    return path


@pytest.fixture
def month_file(tmp_path: Path) -> Path:
    path = tmp_path / "month.xlsx"
    days = tuple(load())
    titles = {
        kind.value: tuple(Tally(title, place, 3) for place, title in enumerate(WORDS.titles(kind).values()))
        for kind in LISTED
    }
    report = MonthReport(
        Period.parse("2026-11"), Tally("messages", 50, 40), Tally("machine", 20, 25), Tally("repeated", 5, 5),
        **titles, executors=(Tally("отдел ЖКХ", 7, 0),), days=days,
        load=replace(LoadDay.total(MONDAY, days), ring_seconds=3.5), load_before=LoadDay(MONDAY, 10, 1, 5, 4),
        punctuality=Punctuality(48, 1, 1), punctuality_before=Punctuality(40),
    )  # fmt: skip
    write_month(path, report, WORDS, RULES, HEADING)
    return path


def test_appendix_1_is_what_the_regulation_draws(load_file: Path) -> None:
    assert_golden(load_file, "appendix1")


def test_appendix_2_is_what_the_regulation_draws(message_file: Path) -> None:
    assert_golden(message_file, "appendix2")


def test_appendix_3_is_what_the_regulation_draws(tmp_path: Path) -> None:
    path = tmp_path / "week.xlsx"
    rows = [WeekRow(datetime(2026, 11, 16, 9, 5), "Уборка снега", "Не убран снег у школы", "автоответчик")]
    assert write_week(path, rows, WORDS, HEADING) == 1
    assert_golden(path, "appendix3")


def test_the_month_is_told_in_figures_and_charts(month_file: Path) -> None:
    assert_golden(month_file, "month")


def test_the_titles_are_those_of_the_regulation() -> None:
    text = Path(__file__).parents[4] / "shared" / "regulation.md"
    if not text.exists():
        pytest.skip("the regulation's text is not beside the project")
    said = text.read_text("utf-8").replace("$", "").replace("\\%", "%")
    for title in (*WORDS.load.columns, *WORDS.messages.columns, *WORDS.week.columns,
                  *(title for kind in LISTED[:3] for title in WORDS.titles(kind).values()),
                  WORDS.week.title, WORDS.load.norms):  # fmt: skip
        assert title in said


def test_libreoffice_reckons_the_load_as_we_do(load_file: Path, tmp_path: Path) -> None:
    sheet = load_workbook(converted(load_file, "xlsx", tmp_path / "office"), data_only=True).worksheets[0]
    for row, day in enumerate(load(), 6):
        shown = [sheet[f"{letter}{row}"].value for letter in "CDEFGHIJ"]
        shares = (day.lost_share, day.availability, day.productivity)
        lost, availability, productivity = ("" if share is None else pytest.approx(share) for share in shares)
        expected = [day.received, day.lost, lost, day.accepted, availability, day.outgoing, day.reached, productivity]
        assert [value if value is not None else "" for value in shown] == expected


def test_libreoffice_reckons_holidays_blank_and_adds_the_nights_up(load_file: Path, tmp_path: Path) -> None:
    workbook = load_workbook(converted(load_file, "xlsx", tmp_path / "office"), data_only=True)
    holiday = [workbook.worksheets[1][f"{letter}8"].value for letter in "CDEFGHIJ"]
    assert not any(holiday), "04.11.2026 is a holiday"
    nights = workbook.worksheets[-1]
    assert nights.cell(nights.max_row, 3).value == sum(day.after_hours for day in load())


def test_libreoffice_reckons_the_month_without_an_error(month_file: Path, tmp_path: Path) -> None:
    workbook = load_workbook(converted(month_file, "xlsx", tmp_path / "office"), data_only=True)
    values = [cell.value for sheet in workbook.worksheets for row in sheet.iter_rows() for cell in row]
    assert not [value for value in values if isinstance(value, str) and value.startswith(("#", "Err:"))]
    verdicts = {row[0].value: row[3].value for row in workbook.worksheets[0].iter_rows(min_row=4) if row[2].value}
    assert verdicts[WORDS.month.figures["ring_seconds"]] == WORDS.month.met
    assert verdicts[WORDS.month.figures["punctual"]] == WORDS.month.not_met


def test_every_sheet_prints_on_a4_pages(message_file: Path, tmp_path: Path) -> None:
    made = converted(message_file, "pdf", tmp_path / "office")
    assert made.read_bytes().startswith(b"%PDF")
