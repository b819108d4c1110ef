"""Appendix 2: the journal of messages, thirteen columns, its vocabularies as drop-down lists; a year is streamed."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count, islice
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from ivr.adapters.workbooks import style
from ivr.adapters.workbooks.style import Line, Origin
from ivr.adapters.workbooks.text import cell_text, sheet_title
from ivr.domain.report import MESSAGE_COLUMNS, MessageRow
from ivr.domain.report_words import ReportWords

_WIDTHS = (14, 20, 20, 15, 22, 34, 11, 18, 16, 18, 20, 24, 13)
_LISTED = ("topic", "repeated", "outcome", "result", "status")
_NEED_COMMENT = ("call_again", "dissatisfied", "not_reached", "different")
_HEAD_ROW = 3
_ROWS_AT_MOST = 1_000_000
_LIST_WIDTH = 44
_ROOM_TO_WRITE = 200
_LETTERS = {column: get_column_letter(number) for number, column in enumerate(MESSAGE_COLUMNS, 1)}


def write_messages(path: Path, rows: Iterable[MessageRow], words: ReportWords, origin: Origin) -> int:
    """Write the journal row by row; the number of rows. Memory does not grow with them."""
    workbook = style.new_workbook(origin, write_only=True)
    waiting = iter(rows)
    written = 0
    for part in count(1):
        rows_of_sheet = _write_sheet(workbook, part, islice(waiting, _ROWS_AT_MOST), words, origin)
        written += rows_of_sheet
        if rows_of_sheet < _ROWS_AT_MOST:
            break
    _write_lists(workbook, words, origin)
    workbook.save(path)
    return written


def _write_sheet(workbook: Workbook, part: int, rows: Iterable[MessageRow], words: ReportWords, origin: Origin) -> int:
    sheet: Any = workbook.create_sheet(sheet_title(words.messages.sheet + (f" {part}" if part > 1 else "")))
    last_letter = get_column_letter(len(MESSAGE_COLUMNS))
    for letter, width in zip(_LETTERS.values(), _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = f"B{_HEAD_ROW + 1}"
    style.print_set_up(sheet, origin, head_rows=f"{_HEAD_ROW}:{_HEAD_ROW}")
    Line(sheet, [style.TITLE]).append([words.messages.title])
    Line(sheet, [style.SUBTITLE]).append([f"{words.messages.appendix}. {origin.municipality}. {origin.title}"])
    sheet.merged_cells.add(f"A1:{last_letter}1")
    sheet.merged_cells.add(f"A2:{last_letter}2")
    Line(sheet, [style.HEAD] * len(MESSAGE_COLUMNS), _WIDTHS).append(words.messages.columns)
    line = Line(sheet, [style.MOMENT, *(style.TEXT for _ in MESSAGE_COLUMNS[1:])], _WIDTHS)
    written = 0
    for row in rows:
        line.append([getattr(row, column) for column in MESSAGE_COLUMNS])
        written += 1
    last = _HEAD_ROW + max(written, 1)
    sheet.auto_filter.ref = f"A{_HEAD_ROW}:{last_letter}{last}"
    _offer_lists(sheet, last + _ROOM_TO_WRITE, words)
    _ask_for_comments(sheet, last + _ROOM_TO_WRITE, words)
    return written


def _offer_lists(sheet: Any, last: int, words: ReportWords) -> None:
    """Drop-down lists; only what stands in them may be typed."""
    lists_sheet = quote_sheetname(sheet_title(words.messages.lists_sheet))
    for number, (column, titles) in enumerate(zip(_LISTED, words.lists, strict=True), 1):
        letter = get_column_letter(number)
        offered = DataValidation(
            type="list", formula1=f"{lists_sheet}!${letter}$2:${letter}${len(titles) + 1}", allow_blank=True,
            showErrorMessage=True, errorTitle=words.messages.wrong_value_title, error=words.messages.wrong_value,
        )  # fmt: skip
        offered.add(f"{_LETTERS[column]}{_HEAD_ROW + 1}:{_LETTERS[column]}{last}")
        sheet.data_validations.append(offered)


def _ask_for_comments(sheet: Any, last: int, words: ReportWords) -> None:
    """A blank comment is coloured where the result demands one (interpretation 18)."""
    first = _HEAD_ROW + 1
    result, comment = _LETTERS["result"], _LETTERS["comment"]
    titles = (words.results[key].replace('"', '""') for key in _NEED_COMMENT if key in words.results)
    same = ",".join(f'${result}{first}="{title}"' for title in titles)
    formula = f'AND(OR({same}),TRIM(${comment}{first})="")'
    style.colour(sheet, f"{comment}{first}:{comment}{last}", style.WANTED, formula)


def _write_lists(workbook: Workbook, words: ReportWords, origin: Origin) -> None:
    sheet: Any = workbook.create_sheet(sheet_title(words.messages.lists_sheet))
    lists = words.lists
    for number in range(1, len(lists) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = _LIST_WIDTH
    sheet.freeze_panes = "A2"
    style.print_set_up(sheet, origin, head_rows="1:1")
    Line(sheet, [style.HEAD] * len(lists)).append(words.messages.list_titles)
    line = Line(sheet, [style.TEXT] * len(lists), [_LIST_WIDTH] * len(lists))
    for place in range(max(map(len, lists))):
        line.append([cell_text(titles[place]) if place < len(titles) else None for titles in lists])
