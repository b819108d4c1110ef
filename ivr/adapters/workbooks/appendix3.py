"""Appendix 3: the weekly report, four columns, nothing personal of the callers (clause 19)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from ivr.adapters.workbooks import style
from ivr.adapters.workbooks.stream import save_with_rows
from ivr.adapters.workbooks.style import HEAD_ROW
from ivr.adapters.workbooks.text import sheet_title
from ivr.domain.report import Heading, WeekRow
from ivr.domain.report_words import ReportWords

_WIDTHS = (18, 36, 76, 28)


def write_week(target: Path | IO[bytes], rows: Iterable[WeekRow], words: ReportWords, heading: Heading) -> int:
    """Write the workbook; the number of rows."""
    workbook = style.new_workbook(heading)
    sheet: Any = workbook.create_sheet(sheet_title(words.week.sheet))
    subtitle = f"{words.week.appendix}. {heading.municipality}. {heading.title}"
    style.put_head(sheet, words.week.title, subtitle, words.week.columns, _WIDTHS)
    style.print_set_up(sheet, words.footer, head_rows=f"{HEAD_ROW}:{HEAD_ROW}")
    values = ((row.received_at, row.topic, row.gist, row.operator) for row in rows)
    return save_with_rows(workbook, target, values, [style.MOMENT, *[style.TEXT] * 3], _WIDTHS)
