from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ivr.adapters.files.calendar import read_calendar
from ivr.adapters.files.lexicons import read_lexicon
from ivr.adapters.files.report_words import read_report_words
from ivr.adapters.files.settings import project_root
from ivr.adapters.storage.database import connect
from ivr.adapters.storage.intake import DatabaseIntake
from ivr.adapters.storage.report_source import JournalReportSource
from ivr.adapters.workbooks.excel import ExcelWorkbooks
from ivr.domain.contact import Address, PersonName, PhoneNumber
from ivr.domain.message import Message
from ivr.domain.regulation import Regulation
from ivr.domain.report import Form, LoadDay, Period, Promise, Punctuality
from ivr.errors import RuleBroken
from ivr.language.discretion import Covers, Discretion
from ivr.language.morphology import Morphology
from ivr.services.month import punctuality
from ivr.services.papers import Papers
from ivr.services.reports import Editions, Reports, load_weeks, message_row
from tests.journals import new_journal
from tests.report_samples import TOWN, keep, load, messages

WORDS = read_report_words()
CALENDAR = read_calendar(range(2024, 2028))
COVERS = Covers(WORDS.week.hidden_number, WORDS.week.hidden_name, frozenset(WORDS.week.flat_words))
EDITIONS = Editions(lambda edition, _kind: {"snow": "Снег"} if edition == "2020-01-01" else {}, WORDS.vocabulary)
NIGHT = datetime(2026, 11, 20, 20, 15, 30, 999, tzinfo=UTC)


@pytest.fixture(scope="module")
def discretion() -> Discretion:
    return Discretion(read_lexicon(project_root() / "config"), Morphology(), COVERS)


@pytest.fixture
def reports(tmp_path: Path, discretion: Discretion) -> Reports:
    engine = connect(new_journal(tmp_path / "journal.db"))
    keep(engine, messages(60, days=14), due_after=timedelta(hours=10))
    return Reports(JournalReportSource(engine, CALENDAR), WORDS, CALENDAR, discretion)


def test_a_week_has_monday_to_friday_whatever_was_counted() -> None:
    (week,) = load_weeks(Period.parse("2026-W47"), load()[:2], CALENDAR)
    assert [day.day.weekday() for day in week.days] == [0, 1, 2, 3, 4]
    assert [day.received for day in week.days] == [100, 100, 0, 0, 0]


def test_a_worked_saturday_adds_a_row() -> None:
    (week,) = load_weeks(Period.parse("2025-W44"), [LoadDay(date(2025, 11, 1), 5, 0)], CALENDAR)
    assert [day.day for day in week.days][-1] == date(2025, 11, 1)
    assert week.days[-1].received == 5


def test_a_holiday_keeps_its_row_blank_with_a_note() -> None:
    (week,) = load_weeks(Period.parse("2026-W45"), [LoadDay(date(2026, 11, 4), 3, 3, after_hours=3)], CALENDAR)
    holiday = week.days[2]
    assert (holiday.day, holiday.received, holiday.outgoing, holiday.note) == (
        date(2026, 11, 4), None, None, "public_holiday",
    )  # fmt: skip
    assert [day.day for day in week.after_hours] == [date(2026, 11, 4)]


def test_days_outside_the_period_stay_blank() -> None:
    weeks = load_weeks(Period.parse("2026-11"), [LoadDay(date(2026, 12, 1), 9, 0)], CALENDAR)
    assert len(weeks) == 6
    assert [(day.received, day.note) for day in weeks[-1].days] == [(0, ""), *[(None, "outside")] * 4]


def test_a_message_is_printed_in_thirteen_columns_in_local_time() -> None:
    message = Message(
        "1", TOWN, NIGHT, topic="snow", name=PersonName("Иванова", "Мария", "Петровна"),
        phone=PhoneNumber("+79000000000"), caller_number="+79000000001",
        address=Address("Тёплое", "улица Советская", "5", "12"), gist="Не убран снег", repeated=True,
        outcome="passed_on", executor="отдел ЖКХ", result="explained", comment="до среды", status="passed_on",
    )  # fmt: skip
    row = message_row(message, WORDS, CALENDAR, EDITIONS)
    assert [getattr(row, name) for name in type(row).__dataclass_fields__] == [
        datetime(2026, 11, 20, 23, 15, 30), "Уборка снега", "Иванова Мария Петровна", "+79000000000",
        "Тёплое, улица Советская, д. 5, кв. 12", "Не убран снег", "повторно", "вопрос передан в отдел, организацию",
        "автоответчик", "отдел ЖКХ", "даны разъяснения", "до среды", "передано исполнителю",
    ]  # fmt: skip
    assert message_row(replace(message, phone=None, repeated=None), WORDS, CALENDAR, EDITIONS).phone == "+79000000001"


def test_an_old_row_keeps_the_words_of_its_edition() -> None:
    old = Message("1", TOWN, NIGHT, topic="snow", outcome="consulted", result="forgotten", edition="2020-01-01")
    row = message_row(old, WORDS, CALENDAR, EDITIONS)
    assert (row.topic, row.outcome, row.result) == ("Снег", "консультация в рамках полномочий", "forgotten")


def test_what_a_result_demands_stands_in_the_comment() -> None:
    at = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
    told = Message("1", TOWN, NIGHT, planned_at=at, attempted_at=(at, at + timedelta(hours=1)), reason="нет денег",
                   comment="ждёт")  # fmt: skip
    assert message_row(told, WORDS, CALENDAR, EDITIONS).comment == (
        "перезвонить 23.11.2026 10:30; не дозвонились: 23.11.2026 10:30, 23.11.2026 11:30; нет денег; ждёт"
    )


def test_appendix_2_reads_a_period_page_by_page_in_order(reports: Reports) -> None:
    week = list(reports.messages(TOWN, Period.parse("2026-W47")))
    assert len(week) == reports.source.count(TOWN, Period.parse("2026-W47"))
    assert 25 < len(week) < 35
    assert [row.received_at for row in week] == sorted(row.received_at for row in week)
    assert not list(reports.messages("another", Period.parse("2026")))


def test_appendix_3_holds_four_columns_and_nothing_personal(reports: Reports) -> None:
    rows = tuple(reports.week(TOWN, Period.parse("2026-W47")))
    assert len(rows) > 25
    assert {row.operator for row in rows} == {"автоответчик", "Петрова А. В."}
    assert not any("+7900" in row.gist or "Иванов" in row.gist for row in rows)


def test_a_call_on_sunday_night_belongs_to_the_week_that_ends() -> None:
    late = datetime(2026, 11, 22, 20, 59, 59, tzinfo=UTC)
    begins, ends = Period.parse("2026-W47").moments(CALENDAR.zone)
    assert begins <= late < ends == late + timedelta(seconds=1)


def test_the_first_attempt_is_what_clause_13_binds() -> None:
    due = datetime(2026, 11, 23, 9, tzinfo=UTC)
    now = due + timedelta(hours=1)
    second = timedelta(seconds=1)
    promises = [
        Promise(due, due, is_open=True),
        Promise(due, due + second, is_open=False),
        Promise(due, None, is_open=True),
        Promise(now + second, None, is_open=True),
        Promise(due, None, is_open=False),
    ]
    assert punctuality(promises, now) == Punctuality(in_time=1, late=1, overdue=1, waiting=1, needless=1)
    assert punctuality(promises, now).share == 1 / 3
    assert Punctuality().share is None


def test_the_month_adds_up_and_is_compared_with_the_month_before(reports: Reports) -> None:
    month = reports.month(TOWN, Period.parse("2026-11"), datetime(2026, 12, 1, tzinfo=UTC))
    assert (month.messages.now, month.messages.before) == (60, 0)
    assert sum(topic.now for topic in month.topics) == 60
    assert len(month.topics) == 33  # the regulation's list and "not stated"
    assert sum(one.now for one in month.results) == sum(one.now for one in month.statuses) == 60
    assert month.punctuality.overdue == 60
    assert month.load.after_hours == 60
    assert [topic.now for topic in month.topics] == sorted((topic.now for topic in month.topics), reverse=True)


def test_both_databases_tell_the_same(journal_url: str, discretion: Discretion) -> None:
    engine = connect(journal_url)
    keep(engine, messages(60, days=14), due_after=timedelta(hours=10))
    source = JournalReportSource(engine, CALENDAR)
    reports = Reports(source, WORDS, CALENDAR, discretion)
    month = reports.month(TOWN, Period.parse("2026-11"), datetime(2026, 12, 1, tzinfo=UTC))
    assert (month.messages.now, month.load.after_hours, month.punctuality.overdue) == (60, 60, 60)
    assert source.municipalities() == [TOWN]
    taken = [replace(one, id=f"a{one.id[1:]}") for one in messages(3)]
    assert DatabaseIntake(engine).take_in(taken) == 3
    assert source.count(TOWN, Period.parse("2026-11")) == 63
    assert DatabaseIntake(engine).take_back([one.id for one in taken] + [next(messages(1)).id]) == 3
    assert source.count(TOWN, Period.parse("2026-11")) == 60
    engine.dispose()


def test_what_stands_out_in_a_month_is_said_in_sentences(reports: Reports) -> None:
    november = reports.month(TOWN, Period.parse("2026-11"), datetime(2026, 12, 1, tzinfo=UTC))
    often, broken, overdue, unhappy = november.highlights
    first = november.topics[0]
    assert often.startswith(f"Чаще всего сообщали: {first.title} — {first.now} (")
    assert broken == "Не выполнены нормативы: Перезвонили в срок, % (п. 13) — 0 % при нормативе ≥ 100 %."
    assert overdue == "Просрочено и ждёт обратного звонка: 60."
    assert unhappy.startswith("Ответ дан, но гражданин не удовлетворён: ")
    december = reports.month(TOWN, Period.parse("2026-12"), datetime(2027, 1, 1, tzinfo=UTC))
    assert december.highlights[0] == "Сообщений не было."
    fewer = reports.month(TOWN, Period.parse("2026-11-23..2026-11-29"), datetime(2026, 12, 1, tzinfo=UTC)).highlights
    assert any(sentence.startswith(("Стало больше: ", "Стало меньше: ")) for sentence in fewer)


def test_what_the_machine_took_is_a_loss_unless_the_settings_say_otherwise(reports: Reports) -> None:
    class Counted(JournalReportSource):
        def load(self, _municipality: str, _period: Period) -> list[LoadDay]:
            return [LoadDay(date(2026, 11, 16), received=10, lost=3, by_machine=2)]

    source = Counted(reports.source._engine, CALENDAR)  # type: ignore[attr-defined]
    for machine_is_loss, lost in ((True, 3), (False, 1)):
        rules = Regulation(machine_is_loss=machine_is_loss)
        (week,) = replace(reports, source=source, rules=rules).load(TOWN, Period.parse("2026-W47"))
        assert (week.days[0].lost, week.days[0].by_machine, week.days[0].accepted) == (lost, 2, 10 - lost)


def test_any_paper_of_any_municipality_tells_how_far_it_is(reports: Reports) -> None:
    papers = Papers(TOWN, {TOWN: "Администрация", "plavsky": "Плавский район"}, reports,
                    ExcelWorkbooks(WORDS, Regulation()))  # fmt: skip
    for form in Form:
        steps: list[int] = []
        file = BytesIO()
        rows = papers.write(form, Period.parse("2026-W47"), file, progress=steps.append)
        assert sum(steps) == papers.size(form, Period.parse("2026-W47"))
        sheet = load_workbook(file).worksheets[0]
        assert "16.11.2026 – " in str(sheet["A2"].value) + str(sheet["A3"].value)
        assert rows > 0
    assert papers.write(Form.MESSAGES, Period.parse("2026"), BytesIO(), municipality="plavsky") == 0
    with pytest.raises(RuleBroken, match="teplo-ogarevsky, plavsky") as fault:
        papers.write(Form.WEEK, Period.parse("2026"), BytesIO(), municipality="plawsky")
    assert fault.value.code == "no_municipality"


def test_periods_are_named_as_people_name_them() -> None:
    named = [WORDS.named(Period.parse(text)) for text in ("2026-11", "2026", "2026-W47", "2025-01-01..2026-12-31")]
    assert named == ["ноябрь 2026", "2026", "16.11.2026 – 22.11.2026", "2025-2026"]
    assert (WORDS.percent(0.0625), WORDS.percent(1), WORDS.number(2.5)) == ("6,2 %", "100 %", "2,5")
