"""An older journal taken in: people's habits, the round trip, nothing twice (clause 16)."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine

from ivr.adapters.files.calendar import read_calendar
from ivr.adapters.files.report_words import read_report_words
from ivr.adapters.storage.database import connect
from ivr.adapters.storage.intake import DatabaseIntake
from ivr.adapters.storage.report_source import JournalReportSource
from ivr.adapters.storage.vocabularies import keep_vocabulary
from ivr.adapters.workbooks.appendix2 import write_messages
from ivr.adapters.workbooks.read_appendix2 import OlderWorkbooks
from ivr.domain.message import Message
from ivr.domain.older_journal import Doubt, ReadRow, SheetRow, Verdict
from ivr.domain.report import Heading, MessageRow, Period
from ivr.errors import RuleBroken
from ivr.language.lexicon import NumberPlan
from ivr.services.older_journal import OlderJournal
from ivr.services.reports import Editions, message_row
from tests.journals import new_journal
from tests.report_samples import TOWN, keep, messages

WORDS = read_report_words()
CALENDAR = read_calendar(range(2024, 2028))
NOW = datetime(2026, 12, 1, tzinfo=UTC)
YEAR = Period.parse("2026")
HEADING = Heading("Администрация", "2026", NOW)
HEAD = ["№ п/п", "Дата", "Время", "Тема", "Ф.И.О.", "Телефон", "Адрес", "Суть", "Первично/повторно",
        "Итог консультации", "Оператор", "Исполнитель", "Результат", "Примечание", "Статус"]  # fmt: skip


def journal(path: Path) -> Engine:
    engine = connect(new_journal(path))
    keep_vocabulary(engine, WORDS.vocabulary)
    return engine


def judged(file: Path, engine: Engine) -> list[ReadRow]:
    reader = OlderJournal(TOWN, WORDS, CALENDAR, NumberPlan(), NOW)
    with file.open("rb") as opened:
        read = OlderWorkbooks(WORDS).rows(opened, file.name)
        rows = [row for row in read if isinstance(row, SheetRow)]
    return list(reader.judge(rows, JournalReportSource(engine, CALENDAR)))


def take_in(engine: Engine, taken: list[Message]) -> int:
    return DatabaseIntake(engine).take_in(taken)


def printed(engine: Engine) -> list[MessageRow]:
    source = JournalReportSource(engine, CALENDAR)
    editions = Editions(source.titles, WORDS.vocabulary)
    return [message_row(one, WORDS, CALENDAR, editions) for one in source.messages(TOWN, YEAR)]


def new(rows: Iterable[ReadRow]) -> list[Message]:
    return [row.message for row in rows if row.verdict is Verdict.NEW and row.message]


def sheet_of(path: Path, *rows: list, head: list | None = None) -> Path:
    workbook = Workbook()
    sheet = workbook.active
    sheet.append(["Журнал обращений за ноябрь"])
    sheet.append([])
    sheet.append(head or HEAD)
    for row in rows:
        sheet.append(row)
    workbook.save(path)
    return path


def test_what_was_exported_comes_back_exactly(tmp_path: Path) -> None:
    first, second = journal(tmp_path / "one.db"), journal(tmp_path / "two.db")
    keep(first, messages(300, datetime(2026, 11, 1, 5, 0, 7, tzinfo=UTC), days=25))
    write_messages(tmp_path / "a.xlsx", printed(first), WORDS, HEADING)
    rows = judged(tmp_path / "a.xlsx", second)
    assert {row.verdict for row in rows} == {Verdict.NEW}
    assert take_in(second, new(rows)) == 300
    assert printed(second) == printed(first)
    write_messages(tmp_path / "b.xlsx", printed(second), WORDS, HEADING)
    assert {row.verdict for row in judged(tmp_path / "b.xlsx", first)} == {Verdict.KNOWN}


def test_nothing_is_taken_in_twice(tmp_path: Path) -> None:
    engine = journal(tmp_path / "one.db")
    row = [1, "24.11.2026", "10:15", "Уборка снега", "Иванова Мария", "8 (900) 000-00-00", "ул. Садовая, 5", "снег"]
    file = sheet_of(tmp_path / "a.xlsx", row, row, [*row[:7], "другая суть"])
    rows = judged(file, engine)
    assert [one.verdict for one in rows] == [Verdict.NEW, Verdict.REPEATS, Verdict.NEW]
    assert take_in(engine, new(rows)) == 2
    assert take_in(engine, new(rows)) == 2  # the same rows again leave the journal as it is
    assert len(printed(engine)) == 2
    assert [one.verdict for one in judged(file, engine)] == [Verdict.KNOWN, Verdict.REPEATS, Verdict.KNOWN]


def test_a_call_known_with_other_words_is_left_to_a_person(tmp_path: Path) -> None:
    engine = journal(tmp_path / "one.db")
    row = [1, "24.11.2026", "10:15", "Уборка снега", "Иванова Мария", "8 (900) 000-00-00", "", "снег"]
    take_in(engine, new(judged(sheet_of(tmp_path / "a.xlsx", row), engine)))
    changed = sheet_of(tmp_path / "b.xlsx", [*row[:7], "снег уже убран"])
    assert [one.verdict for one in judged(changed, engine)] == [Verdict.DIFFERS]


@pytest.mark.parametrize(
    ("given_date", "given_time", "expected"),
    [
        (datetime(2026, 11, 24, 10, 15), None, datetime(2026, 11, 24, 10, 15)),
        (date(2026, 11, 24), time(10, 15), datetime(2026, 11, 24, 10, 15)),
        (datetime(2026, 11, 24), "10-15", datetime(2026, 11, 24, 10, 15)),
        ("24.11.2026 10:15", None, datetime(2026, 11, 24, 10, 15)),
        ("24.11.26г. в 10-15", None, datetime(2026, 11, 24, 10, 15)),
        ("24/11/2026", "10.15", datetime(2026, 11, 24, 10, 15)),
        ("24 ноября 2026 г., 9 ч 05 мин", None, datetime(2026, 11, 24, 9, 5)),
        ("24 мая 2026", "9:05:30", datetime(2026, 5, 24, 9, 5, 30)),
        ("2026-11-24 10:15:20", None, datetime(2026, 11, 24, 10, 15, 20)),
        (46350.427083333336, None, datetime(2026, 11, 24, 10, 15)),
        (46350, 0.427083333333333, datetime(2026, 11, 24, 10, 15)),
    ],
)
def test_dates_are_read_as_people_type_them(
    tmp_path: Path, given_date: object, given_time: object, expected: datetime
) -> None:
    file = sheet_of(tmp_path / "a.xlsx", [1, given_date, given_time, "Отопление", "", "", "", "холодно"])
    (row,) = judged(file, journal(tmp_path / "one.db"))
    assert row.row
    assert row.row.received_at == expected
    assert not row.remarks


@pytest.mark.parametrize(
    ("given", "doubt"),
    [("вчера", Doubt.BAD_DATE), ("31.02.2026", Doubt.BAD_DATE), ("01.01.2062", Doubt.FUTURE_DATE),
     (None, Doubt.NO_DATE), (12345678, Doubt.BAD_DATE)],
)  # fmt: skip
def test_a_row_without_a_sensible_date_is_refused_with_its_reason(tmp_path: Path, given: object, doubt: Doubt) -> None:
    file = sheet_of(tmp_path / "a.xlsx", [1, given, None, "Отопление", "", "", "", "холодно"])
    (row,) = judged(file, journal(tmp_path / "one.db"))
    assert row.verdict is Verdict.REFUSED
    assert [remark.doubt for remark in row.remarks] == [doubt]
    assert (row.sheet, row.line) == ("Sheet", 4)


def test_a_date_written_once_a_day_holds_for_the_rows_below(tmp_path: Path) -> None:
    file = sheet_of(
        tmp_path / "a.xlsx",
        [1, "24.11.2026", "10:15", "Отопление", "", "", "", "холодно"],
        [2, None, "11:20", "Отопление", "", "", "", "тоже холодно"],
        ["Итого", "", "", "2 звонка"],
        [],
    )
    first, second = judged(file, journal(tmp_path / "one.db"))
    assert second.row
    assert second.row.received_at == datetime(2026, 11, 24, 11, 20)
    assert [remark.doubt for remark in second.remarks] == [Doubt.DATE_ABOVE]
    assert not first.remarks


def test_words_are_read_by_likeness_and_what_is_in_no_list_goes_to_the_comment(tmp_path: Path) -> None:
    file = sheet_of(
        tmp_path / "a.xlsx",
        [1, "24.11.2026", "10:15", "улично - дорожная  сеть", "Иванов И.И.", 89000000000, "", "яма", "повт.",
         "Консультация в рамках полномочий.", "автоответчик", "", "Даны разьяснения", "", "архив"],
        [2, "24.11.2026", "10:20", "Ямы", "", "2-10-00; 8 900 000 00 01", "", "яма", "не знаю", "", "", "",
         "недозвон/телефон недоступен/занято (обязательно указание даты и времени попытки)", "перезвонить", ""],
    )  # fmt: skip
    first, second = (row for row in judged(file, journal(tmp_path / "one.db")))
    assert first.row
    assert second.row
    assert (first.row.topic, first.row.phone, first.row.repeated) == (
        "Улично-дорожная сеть",
        "+79000000000",
        "повторно",
    )
    assert (first.row.outcome, first.row.result) == ("консультация в рамках полномочий", "даны разъяснения")
    assert (first.row.operator, second.row.operator) == ("автоответчик", "")
    assert first.row.comment == "Статус: архив"
    assert [remark.doubt for remark in first.remarks] == [Doubt.READ_AS, Doubt.NOT_IN_LIST]
    assert second.row.result == "недозвон/телефон недоступен/занято"
    assert second.row.phone == "+74875521000"
    assert second.row.comment == (
        "перезвонить; Тематика сообщения: Ямы; 2-10-00; 8 900 000 00 01; Первично/ повторно: не знаю"
    )


def test_columns_are_known_by_their_headings_in_any_order_and_on_every_sheet(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    workbook = Workbook()
    for month, day in (("октябрь", 1), ("ноябрь", 2)):
        sheet = workbook.create_sheet(month)
        sheet.append(["КРАТКАЯ СУТЬ", "Статус", "дата и время звонка", "ФИО  абонента", "Тематика собщения"])
        sheet.append([f"яма {month}", "закрыто", datetime(2026, 10, day, 9), "Иванов", "Отопление"])
    workbook.create_sheet("Памятка").append(["просто текст"])
    workbook.save(path)
    rows = judged(path, journal(tmp_path / "one.db"))
    assert [(row.sheet, row.row.gist, row.row.status, row.row.topic) for row in rows if row.row] == [
        ("октябрь", "яма октябрь", "закрыто", "Отопление"), ("ноябрь", "яма ноябрь", "закрыто", "Отопление"),
    ]  # fmt: skip


def test_what_is_no_journal_is_refused_with_a_sentence(tmp_path: Path) -> None:
    engine = journal(tmp_path / "one.db")
    (tmp_path / "a.xlsx").write_text("not a zip")
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(2000))
    for name in ("a.xlsx", "a.xls"):
        with pytest.raises(RuleBroken, match=r"not an \.xlsx workbook") as fault:
            judged(tmp_path / name, engine)
        assert fault.value.code == "not_xlsx"
    sheet_of(tmp_path / "b.xlsx", head=["a", "b"])
    with pytest.raises(RuleBroken, match="no sheet has the headings"):
        judged(tmp_path / "b.xlsx", engine)
    whole = sheet_of(tmp_path / "c.xlsx", [1, "24.11.2026"]).read_bytes()
    (tmp_path / "c.xlsx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RuleBroken):
        judged(tmp_path / "c.xlsx", engine)
