"""A plain table as a workbook: a head that stays, columns as wide as their texts, nothing in it runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from ivr.adapters.workbooks import style
from ivr.adapters.workbooks.stream import save_with_rows
from ivr.adapters.workbooks.text import sheet_title

_NARROWEST, _WIDEST = 8, 60
_LOOKED_AT = 500


def write_table(title: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """The workbook; values are texts, or moments without a zone.

    Raises:
        RuleBroken: more rows than a sheet can hold.
    """
    workbook = Workbook()
    sheet: Any = workbook.active
    sheet.title = sheet_title(title)
    widths = [_width(head, [row[column] for row in rows[:_LOOKED_AT]]) for column, head in enumerate(heads)]
    style.put_row(sheet, 1, heads, style.HEAD)
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{max(len(rows), 1) + 1}"
    moments = {column for row in rows[:1] for column, value in enumerate(row) if isinstance(value, datetime)}
    looks = [style.MOMENT if column in moments else style.TEXT for column in range(len(heads))]
    target = BytesIO()
    save_with_rows(workbook, target, rows, looks, widths)
    return target.getvalue()


def _width(head: str, values: Sequence[Any]) -> int:
    longest = max((len(str(value)) for value in values if value), default=0)
    return min(max(len(head), longest, _NARROWEST) + 2, _WIDEST)
