"""Appendix 1: the journal of the load, a sheet for each week, live formulas, norms with colours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from ivr.adapters.workbooks import style
from ivr.adapters.workbooks.style import put, put_formula
from ivr.adapters.workbooks.text import sheet_title
from ivr.domain.regulation import Regulation
from ivr.domain.report import Heading, LoadDay, LoadWeek
from ivr.domain.report_words import ReportWords

_LETTERS = "ABCDEFGHIJ"
_BESIDE = "KL"
_WIDTHS = (15, 12, 15, 15, 15, 14, 15, 19, 13, 18, 15, 22)
_LETTER_ROW = 4
_HEAD_ROW = 5
_FIRST_ROW = 6
_FRIDAY = 4
_ROW_HEIGHT = 24
_NOTE = style.Look(size=10, middle=True, across="left")


def write_load(
    target: Path | IO[bytes], weeks: Sequence[LoadWeek], words: ReportWords, rules: Regulation, heading: Heading
) -> int:
    """Write the workbook: the weeks, then the calls outside working hours (interpretation 9); the number of days."""
    workbook = style.new_workbook(heading)
    for week in weeks:
        ends = week.monday + timedelta(days=max(_FRIDAY, *(day.day.weekday() for day in week.days)))
        dates = words.dates.format(first=f"{week.monday:%d.%m.%Y}", last=f"{ends:%d.%m.%Y}")
        sheet = workbook.create_sheet(sheet_title(dates))
        _write_head(sheet, words, f"{heading.municipality}, {dates}")
        for row, day in enumerate(week.days, _FIRST_ROW):
            _write_day(sheet, row, day, words)
        last = _FIRST_ROW + len(week.days) - 1
        _write_norms(sheet, last + 1, words, rules)
        _colour(sheet, last, rules)
        _finish(sheet, words)
    _write_after_hours(workbook, weeks, words)
    workbook.save(target)
    return sum(len(week.days) for week in weeks)


def _write_head(sheet: Any, words: ReportWords, subtitle: str) -> None:
    put(sheet, "J1", words.load.appendix, style.CORNER)
    sheet.merge_cells("A2:J2")
    put(sheet, "A2", words.load.title, style.TITLE)
    sheet.merge_cells("A3:J3")
    put(sheet, "A3", subtitle, style.SUBTITLE)
    for letter, title in zip(_LETTERS, words.load.columns, strict=True):
        put(sheet, f"{letter}{_LETTER_ROW}", letter, style.HEAD)
        put(sheet, f"{letter}{_HEAD_ROW}", title, style.HEAD)
    for letter, title in zip(_BESIDE, words.load.beside, strict=True):
        put(sheet, f"{letter}{_HEAD_ROW}", title, style.HEAD)
    sheet.row_dimensions[2].height = 22
    sheet.row_dimensions[_LETTER_ROW].height = 16
    sheet.row_dimensions[_HEAD_ROW].height = 80


def _write_day(sheet: Any, row: int, day: LoadDay, words: ReportWords) -> None:
    put(sheet, f"A{row}", words.weekdays[day.day.weekday()], style.LABEL)
    put(sheet, f"B{row}", day.day, style.DATE)
    for letter, count in zip("CDHI", (day.received, day.lost, day.outgoing, day.reached), strict=True):
        put(sheet, f"{letter}{row}", count, style.COUNT)
    reckoned = (
        ("E", f'=IF(N(C{row})=0,"",D{row}/C{row}*100%)', day.lost_share, style.SHARE),
        ("F", f'=IF(C{row}="","",C{row}-D{row})', day.accepted, style.COUNT),
        ("G", f'=IF(N(C{row})=0,"",F{row}/C{row}*100%)', day.availability, style.SHARE),
        ("J", f'=IF(N(H{row})=0,"",I{row}/H{row}*100%)', day.productivity, style.SHARE),
    )
    for letter, formula, result, look in reckoned:
        put_formula(sheet, f"{letter}{row}", formula, result, look)
    put(sheet, f"K{row}", None if day.received is None else day.by_machine, style.COUNT)
    put(sheet, f"L{row}", words.load.notes.get(day.note, day.note), _NOTE)
    sheet.row_dimensions[row].height = _ROW_HEIGHT


def _write_norms(sheet: Any, row: int, words: ReportWords, rules: Regulation) -> None:
    norms = {
        "A": words.load.norms,
        "E": f"<{rules.lost_share_below * 100:g}%",
        "G": f">{rules.availability_above * 100:g}%",
        "J": f">{rules.productivity_above * 100:g}%",
    }
    look = style.Look(bold=True, centre=True, fill=style.NORM_FILL)
    for letter in _LETTERS:
        put(sheet, f"{letter}{row}", norms.get(letter, ""), look)
    sheet.row_dimensions[row].height = _ROW_HEIGHT


def _colour(sheet: Any, last: int, rules: Regulation) -> None:
    """Strict signs: exactly the norm does not meet it (interpretation 10)."""
    norms = (("E", "<", rules.lost_share_below), ("G", ">", rules.availability_above),
             ("J", ">", rules.productivity_above))  # fmt: skip
    for letter, sign, norm in norms:
        cell = f"{letter}{_FIRST_ROW}"
        met = f"AND(ISNUMBER({cell}),{cell}{sign}{norm!r})"
        not_met = f"AND(ISNUMBER({cell}),NOT({cell}{sign}{norm!r}))"
        area = f"{cell}:{letter}{last}"
        style.colour(sheet, area, style.BROKEN, not_met)
        style.colour(sheet, area, style.KEPT, met)


def _finish(sheet: Any, words: ReportWords) -> None:
    for letter, width in zip(_LETTERS + _BESIDE, _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = f"C{_FIRST_ROW}"
    style.print_set_up(sheet, words.footer, head_rows=f"{_LETTER_ROW}:{_HEAD_ROW}")


def _write_after_hours(workbook: Any, weeks: Sequence[LoadWeek], words: ReportWords) -> None:
    sheet = workbook.create_sheet(sheet_title(words.load.after_hours_sheet))
    sheet.merge_cells("A1:C1")
    put(sheet, "A1", words.load.after_hours_title, style.TITLE)
    for letter, title in zip("ABC", words.load.after_hours_columns, strict=True):
        put(sheet, f"{letter}3", title, style.HEAD)
        sheet.column_dimensions[letter].width = 28
    days = [day for week in weeks for day in week.after_hours]
    for row, day in enumerate(days, 4):
        put(sheet, f"A{row}", words.weekdays[day.day.weekday()], style.LABEL)
        put(sheet, f"B{row}", day.day, style.DATE)
        put(sheet, f"C{row}", day.after_hours, style.COUNT)
    last = 4 + len(days)
    put(sheet, f"A{last}", words.load.total, style.Look(bold=True, middle=True, across="left"))
    put(sheet, f"B{last}", None, style.DATE)
    total = sum(day.after_hours for day in days)
    put_formula(sheet, f"C{last}", f"=SUM(C3:C{last - 1})", total, style.Look(bold=True, centre=True))
    sheet.row_dimensions[1].height = 34
    sheet.freeze_panes = "A4"
    style.print_set_up(sheet, words.footer, head_rows="3:3")
