"""Workbooks as municipalities keep them, looked at, taken in and taken back (clause 16)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine, func, select, update

from ivr.adapters.files.calendar import read_calendar
from ivr.adapters.files.report_words import read_report_words
from ivr.adapters.storage import tables
from ivr.adapters.storage.database import connect
from ivr.adapters.storage.intake import DatabaseIntake
from ivr.adapters.storage.report_source import JournalReportSource
from ivr.adapters.storage.vocabularies import keep_vocabulary
from ivr.adapters.workbooks.read_appendix2 import OlderWorkbooks
from ivr.domain.older_journal import Doubt, ReadRow, Verdict
from ivr.domain.report import Period
from ivr.language.lexicon import NumberPlan
from ivr.services.intake import Intake, Shown
from ivr.services.older_journal import OlderJournal
from tests.journals import new_journal
from tests.report_samples import TOWN, keep, messages

WORDS = read_report_words()
CALENDAR = read_calendar(range(2024, 2028))
NOW = datetime(2026, 12, 1, tzinfo=UTC)
EVERYTHING = Shown(everything=True, at_most=None)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = connect(new_journal(tmp_path / "journal.db"))
    keep_vocabulary(engine, WORDS.vocabulary)
    return engine


@pytest.fixture
def intake(engine: Engine) -> Intake:
    def journal_of(municipality: str, now: datetime) -> OlderJournal:
        return OlderJournal(municipality, WORDS, CALENDAR, NumberPlan(), now)

    source = JournalReportSource(engine, CALENDAR)
    return Intake(OlderWorkbooks(WORDS), DatabaseIntake(engine), source, journal_of)


def book(*sheets: Callable[[Any], None]) -> BytesIO:
    """A workbook, each sheet drawn by somebody."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for number, draw in enumerate(sheets, 1):
        draw(workbook.create_sheet(f"\u043b\u0438\u0441\u0442 {number}"))
    file = BytesIO()
    workbook.save(file)
    file.seek(0)
    return file


def the_form_as_printed(sheet: Any) -> None:
    """Appendix 2 copied by hand: a merged title, numbers under the headings, the head again on the next page."""
    sheet["A1"] = "ЭЛЕКТРОННЫЙ ЖУРНАЛ учета сообщений"
    sheet.merge_cells("A1:M1")
    sheet.append([])
    sheet.append(list(WORDS.messages.columns))
    sheet.append(list(range(1, 14)))
    sheet.append([datetime(2026, 11, 24, 10, 15), "Отопление", "Иванова М. П.", "8 900 000-00-00", "", "холодно"])
    sheet.append(list(WORDS.messages.columns))
    sheet.append([datetime(2026, 11, 24, 11, 30), "Транспорт", "", "", "", "не пришёл автобус"])


def a_head_of_two_lines(sheet: Any) -> None:
    """Day and time under one merged heading, a day merged down its rows."""
    sheet.append(["№", "Дата и время звонка", None, "Тематика сообщения", "ФИО абонента", "Краткая суть"])
    sheet.append([None, "дата", "время", None, None, None])
    sheet.merge_cells("B1:C1")
    sheet.append([1, datetime(2026, 11, 24), time(10, 15), "Отопление", "Иванова", "холодно"])
    sheet.append([2, None, "11-30", "Отопление", "Орлова", "тоже холодно"])
    sheet.merge_cells("B3:B4")


def days_as_headings(sheet: Any) -> None:
    """A line with nothing but the day above its calls, a total below them."""
    sheet.append(["Дата, время", "Тема", "Заявитель", "Суть вопроса", "Кто принял"])
    sheet.append(["24 ноября 2026 г."])
    sheet.merge_cells("A2:E2")
    sheet.append([time(9, 5), "Уборка снега", "Иванова", "снег", "Петрова А. В."])
    sheet.append(["Итого за день: 1"])


def more_columns_than_the_form(sheet: Any) -> None:
    """A second telephone, a second note, and columns of their own."""
    sheet.append(["№ п/п", "Дата и время звонка", "Тематика сообщения", "Телефон", "Контактный телефон",
                  "Краткая суть", "Комментарий", "Примечание", "Подпись"])  # fmt: skip
    sheet.append([1, "24.11.2026 10:15", "Отопление", "8 900 000-00-00", "2-10-00", "холодно", "ждёт", "звонить днём",
                  "Петрова"])  # fmt: skip


def looked_at(intake: Intake, *sheets: Callable[[Any], None]) -> list[ReadRow]:
    return intake.preview(TOWN, book(*sheets), "a.xlsx", NOW, EVERYTHING).rows


def test_the_form_as_printed_is_read_without_its_furniture(intake: Intake) -> None:
    first, second = looked_at(intake, the_form_as_printed)
    assert first.row
    assert second.row
    assert (first.row.received_at, first.row.topic) == (datetime(2026, 11, 24, 10, 15), "Отопление")
    assert (second.row.topic, second.row.gist) == ("Транспорт", "не пришёл автобус")
    assert not first.remarks
    assert not second.remarks


def test_a_head_of_two_lines_and_merged_days_are_understood(intake: Intake) -> None:
    first, second = looked_at(intake, a_head_of_two_lines)
    assert [row.row.received_at for row in (first, second) if row.row] == [
        datetime(2026, 11, 24, 10, 15), datetime(2026, 11, 24, 11, 30),
    ]  # fmt: skip
    assert [remark.doubt for remark in second.remarks] == [Doubt.DATE_ABOVE]


def test_a_day_above_its_calls_holds_for_them(intake: Intake) -> None:
    (row,) = looked_at(intake, days_as_headings)
    assert row.row
    assert (row.row.received_at, row.row.operator) == (datetime(2026, 11, 24, 9, 5), "Петрова А. В.")


def test_nothing_of_a_second_column_is_lost_and_columns_of_their_own_are_named(intake: Intake) -> None:
    report = intake.preview(TOWN, book(more_columns_than_the_form), "a.xlsx", NOW, EVERYTHING)
    (row,) = report.rows
    assert row.row
    assert row.row.phone == "+79000000000"
    assert row.row.comment == "ждёт; Контактный телефон: 2-10-00; звонить днём"
    assert report.heads[0].unread == ("№ п/п", "Подпись")


def test_several_sheets_make_one_journal(intake: Intake) -> None:
    drawn = (the_form_as_printed, days_as_headings, lambda sheet: sheet.append(["памятка оператору"]))
    report = intake.preview(TOWN, book(*drawn), "a.xlsx", NOW)
    assert [head.sheet for head in report.heads] == ["лист 1", "лист 2"]
    assert report.counts == {Verdict.NEW: 3}


def test_a_preview_writes_nothing_and_a_second_run_nothing_twice(intake: Intake, engine: Engine) -> None:
    def kept() -> int:
        with engine.connect() as db:
            return int(db.execute(select(func.count()).select_from(tables.message)).scalar_one())

    drawn = (the_form_as_printed, days_as_headings)
    assert intake.preview(TOWN, book(*drawn), "a.xlsx", NOW).done is None
    assert kept() == 0
    first = intake.take_in(TOWN, book(*drawn), "a.xlsx", NOW)
    assert (first.done, first.counts) == (3, {Verdict.NEW: 3})
    second = intake.take_in(TOWN, book(*drawn), "a.xlsx", NOW)
    assert (second.done, second.counts) == (0, {Verdict.KNOWN: 3})
    assert kept() == 3
    assert not JournalReportSource(engine, CALENDAR).load(TOWN, Period.parse("2026")), "they count in no load"


def test_an_intake_can_be_undone_but_never_what_somebody_changed_or_what_came_by_telephone(
    intake: Intake, engine: Engine
) -> None:
    keep(engine, messages(5))
    drawn = (the_form_as_printed, days_as_headings)
    assert intake.take_in(TOWN, book(*drawn), "a.xlsx", NOW).done == 3
    with engine.begin() as db:
        db.execute(update(tables.message).where(tables.message.c.gist == "снег").values(gist="снег убран"))
    assert intake.take_back(TOWN, book(*drawn), "a.xlsx", NOW).done == 2
    with engine.connect() as db:
        assert db.execute(select(func.count()).select_from(tables.message)).scalar() == 6
        assert db.execute(select(func.count()).select_from(tables.call)).scalar() == 6


def test_a_long_report_is_cut_and_says_how_much_was_left_out(intake: Intake) -> None:
    def draw(sheet: Any) -> None:
        sheet.append(["Дата", "Тема", "ФИО", "Суть"])
        for number in range(30):
            sheet.append(["вчера", "Отопление", "", f"холодно {number}"])

    told: list[ReadRow] = []
    report = intake.preview(TOWN, book(draw), "a.xlsx", NOW, Shown(at_most=10, told=told.append))
    assert (len(report.rows), report.left_out, len(told)) == (10, 20, 10)
    assert report.counts == {Verdict.REFUSED: 30}
