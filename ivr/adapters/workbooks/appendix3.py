"""Appendix 3: the weekly report, four columns, nothing personal of the callers (clause 19)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any

from openpyxl.utils import get_column_letter

from ivr.adapters.workbooks import style
from ivr.adapters.workbooks.style import Line, Origin
from ivr.adapters.workbooks.text import sheet_title
from ivr.domain.report import WeekRow
from ivr.domain.report_words import ReportWords

_WIDTHS = (18, 36, 76, 28)
_HEAD_ROW = 3


def write_week(target: IO[bytes], rows: Iterable[WeekRow], words: ReportWords, origin: Origin) -> int:
    """Write the workbook; the number of rows."""
    workbook = style.new_workbook(origin, write_only=True)
    sheet: Any = workbook.create_sheet(sheet_title(words.week.sheet))
    for number, width in enumerate(_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = f"A{_HEAD_ROW + 1}"
    style.print_set_up(sheet, origin, head_rows=f"{_HEAD_ROW}:{_HEAD_ROW}")
    Line(sheet, [style.TITLE]).append([words.week.title])
    Line(sheet, [style.SUBTITLE]).append([f"{words.week.appendix}. {origin.municipality}. {origin.title}"])
    last_letter = get_column_letter(len(_WIDTHS))
    sheet.merged_cells.add(f"A1:{last_letter}1")
    sheet.merged_cells.add(f"A2:{last_letter}2")
    Line(sheet, [style.HEAD] * len(_WIDTHS)).append(words.week.columns)
    line = Line(sheet, [style.MOMENT, *[style.TEXT] * 3], _WIDTHS)
    written = 0
    for row in rows:
        line.append([row.received_at, row.topic, row.gist, row.operator])
        written += 1
    workbook.save(target)
    return written
