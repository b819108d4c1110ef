"""One workbook of each form, with its edges: norms met exactly, idle days, a holiday, a worked Saturday."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr.adapters.files.calendar import read_calendar
from ivr.adapters.files.report_words import read_report_words
from ivr.adapters.workbooks.appendix1 import write_load
from ivr.adapters.workbooks.appendix2 import write_messages
from ivr.adapters.workbooks.appendix3 import write_week
from ivr.adapters.workbooks.month import write_month
from ivr.domain.month import MonthReport, Tally
from ivr.domain.regulation import Regulation
from ivr.domain.report import Heading, LoadDay, Period, Punctuality, WeekRow
from ivr.domain.report_words import LISTED
from ivr.services.reports import Editions, load_weeks, message_row
from tests.report_samples import MONDAY, load, messages

WORDS = read_report_words()
CALENDAR = read_calendar(range(2024, 2028))
RULES = Regulation()
WEEK = Period.parse("2026-W47")
HEADING = Heading(
    "Администрация муниципального образования Тёпло-Огарёвский район", "16.11.2026 – 22.11.2026",
    datetime(2026, 11, 23, 5, tzinfo=UTC),
)  # fmt: skip
MESSAGES = 6


def load_file(folder: Path) -> Path:
    """Appendix 1 of three weeks: an ordinary one, one with a holiday, one with a worked Saturday."""
    path = folder / "load.xlsx"
    holiday = load_weeks(Period.parse("2026-W45"), [LoadDay(MONDAY - timedelta(days=14), 3, 0)], CALENDAR)
    saturday = load_weeks(Period.parse("2025-W44"), [LoadDay(MONDAY.replace(2025, 11, 1), 5, 1)], CALENDAR)
    write_load(path, (*load_weeks(WEEK, load(), CALENDAR), *holiday, *saturday), WORDS, RULES, HEADING)
    return path


def message_file(folder: Path, count: int = MESSAGES) -> Path:
    """Appendix 2."""
    path = folder / "messages.xlsx"
    editions = Editions(lambda _edition, _kind: {}, WORDS.vocabulary)
    rows = (message_row(one, WORDS, CALENDAR, editions) for one in messages(count))
    assert write_messages(path, rows, WORDS, HEADING) == count
    return path


def week_file(folder: Path) -> Path:
    """Appendix 3."""
    path = folder / "week.xlsx"
    rows = [WeekRow(datetime(2026, 11, 16, 9, 5), "Уборка снега", "Не убран снег у школы", "автоответчик")]
    assert write_week(path, rows, WORDS, HEADING) == 1
    return path


def month_report() -> MonthReport:
    """A month with a norm met, a norm broken, and the curator's words."""
    days = tuple(load())
    titles = {
        kind.value: tuple(Tally(title, place, 3) for place, title in enumerate(WORDS.titles(kind).values()))
        for kind in LISTED
    }
    return MonthReport(
        Period.parse("2026-11"), Tally("messages", 50, 40), Tally("machine", 20, 25), Tally("repeated", 5, 5),
        **titles, executors=(Tally("отдел ЖКХ", 7, 0),), days=days,
        load=replace(LoadDay.total(MONDAY, days), ring_seconds=3.5), load_before=LoadDay(MONDAY, 10, 1, 5, 4),
        punctuality=Punctuality(48, 1, 1), punctuality_before=Punctuality(40),
        highlights=("Просрочено и ждёт обратного звонка: 1.",), remarks="Открыть вторую линию.\nПровести сход.",
    )  # fmt: skip


def month_file(folder: Path) -> Path:
    """The month for the head."""
    path = folder / "month.xlsx"
    assert write_month(path, month_report(), WORDS, RULES, HEADING) == 50
    return path
