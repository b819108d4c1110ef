"""A paper of ours as it is read on a screen: the cells' texts, formulas as the results they carry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from ivr.adapters.workbooks.style import HEAD_ROW
from ivr.domain.paper import PaperSheet

_ROWS_SHOWN = 300
_PERCENT = "\u00a0%"


def on_screen(content: bytes, most: int = _ROWS_SHOWN) -> Sequence[PaperSheet]:
    """The sheets of a workbook that this product has made."""
    workbook = load_workbook(BytesIO(content), data_only=True)
    return [_sheet(sheet, most) for sheet in workbook.worksheets]


def _sheet(sheet: Any, most: int) -> PaperSheet:
    rows = [[_shown(cell) for cell in row] for row in sheet.iter_rows()]
    above = [next(filter(None, row), "") for row in rows[: HEAD_ROW - 1]]
    head = rows[HEAD_ROW - 1] if len(rows) >= HEAD_ROW else []
    width = max((place for row in rows[HEAD_ROW - 1 :] for place, text in enumerate(row, 1) if text), default=0)
    told = [row[:width] for row in rows[HEAD_ROW:] if any(row)]
    return PaperSheet(
        sheet.title, [line for line in above if line], head[:width], told[:most], max(len(told) - most, 0)
    )


def _shown(cell: Any) -> str:
    """A cell's value as the sheet prints it."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, int | float):
        number, share = cell.number_format or "", "%" in (cell.number_format or "")
        sign = number[1] if number[:1] == '"' and number[2:3] == '"' else ""
        shown = f"{value * 100 if share else value:.1f}".removesuffix(".0").replace(".", ",")
        return f"{sign}{shown}{_PERCENT if share else ''}"
    return str(value)
