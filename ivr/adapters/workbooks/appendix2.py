"""Appendix 2: the journal of messages, thirteen columns, its vocabularies as drop-down lists; a year is streamed."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from pathlib import Path
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from ivr.adapters.workbooks import style
from ivr.adapters.workbooks.stream import save_with_rows
from ivr.adapters.workbooks.style import HEAD_ROW
from ivr.adapters.workbooks.text import sheet_title
from ivr.domain.report import MESSAGE_COLUMNS, Heading, MessageRow
from ivr.domain.report_words import ReportWords
from ivr.domain.vocabulary import Kind

_WIDTHS = (15, 17, 15, 13, 17, 30, 11, 16, 13, 14, 17, 19, 11)
_LISTED = ("topic", "repeated", "outcome", "result", "status")
_LIST_WIDTH = 44
_FIRST_ROW = HEAD_ROW + 1
_LAST_ROW = 1_048_576  # of a sheet: lists and colours also wait for the rows people will add
_LETTERS = {column: get_column_letter(number) for number, column in enumerate(MESSAGE_COLUMNS, 1)}


def write_messages(target: Path | IO[bytes], rows: Iterable[MessageRow], words: ReportWords, heading: Heading) -> int:
    """Write the journal row by row; the number of rows. Memory does not grow with them."""
    workbook = style.new_workbook(heading)
    sheet: Any = workbook.create_sheet(sheet_title(words.messages.sheet))
    subtitle = f"{words.messages.appendix}. {heading.municipality}. {heading.title}"
    style.put_head(sheet, words.messages.title, subtitle, words.messages.columns, _WIDTHS)
    sheet.freeze_panes = f"B{_FIRST_ROW}"
    sheet.auto_filter.ref = f"A{HEAD_ROW}:{get_column_letter(len(_WIDTHS))}{_LAST_ROW}"
    style.print_set_up(sheet, words.footer, head_rows=f"{HEAD_ROW}:{HEAD_ROW}")
    _offer_lists(sheet, words)
    _ask_for_comments(sheet, words)
    _write_lists(workbook, words)
    values = map(attrgetter(*MESSAGE_COLUMNS), rows)
    looks = [style.MOMENT, *[style.TEXT] * (len(MESSAGE_COLUMNS) - 1)]
    return save_with_rows(workbook, target, values, looks, _WIDTHS)


def _offer_lists(sheet: Any, words: ReportWords) -> None:
    """Drop-down lists; only what stands in them may be typed."""
    lists_sheet = quote_sheetname(sheet_title(words.messages.lists_sheet))
    for number, (column, titles) in enumerate(zip(_LISTED, words.lists, strict=True), 1):
        letter = get_column_letter(number)
        offered = DataValidation(
            type="list", formula1=f"{lists_sheet}!${letter}$2:${letter}${len(titles) + 1}", allow_blank=True,
            showErrorMessage=True, errorTitle=words.messages.wrong_value_title, error=words.messages.wrong_value,
        )  # fmt: skip
        offered.add(f"{_LETTERS[column]}{_FIRST_ROW}:{_LETTERS[column]}{_LAST_ROW}")
        sheet.add_data_validation(offered)


def _ask_for_comments(sheet: Any, words: ReportWords) -> None:
    """A blank comment is coloured where the result demands one (interpretation 18)."""
    result, comment = _LETTERS["result"], _LETTERS["comment"]
    demanding = (term for term in words.vocabulary.lists[Kind.RESULTS].values() if term.demands)
    titles = (term.title.replace('"', '""') for term in demanding)
    same = ",".join(f'${result}{_FIRST_ROW}="{title}"' for title in titles)
    formula = f'AND(OR({same}),TRIM(${comment}{_FIRST_ROW})="")'
    style.colour(sheet, f"{comment}{_FIRST_ROW}:{comment}{_LAST_ROW}", style.WANTED, formula)


def _write_lists(workbook: Workbook, words: ReportWords) -> None:
    sheet: Any = workbook.create_sheet(sheet_title(words.messages.lists_sheet))
    style.put_row(sheet, 1, words.messages.list_titles, style.HEAD)
    for number, titles in enumerate(words.lists, 1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = _LIST_WIDTH
        for row, title in enumerate(titles, 2):
            style.put(sheet, f"{letter}{row}", title, style.TEXT)
            lines = style.lines_needed(title, _LIST_WIDTH)
            if lines > 1:
                sheet.row_dimensions[row].height = style.row_height(lines, style.TEXT.size)
    sheet.freeze_panes = "A2"
    style.print_set_up(sheet, words.footer, head_rows="1:1")
