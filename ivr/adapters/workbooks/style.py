"""How every sheet looks and prints: fonts, borders, colours with words beside them, A4 landscape, page numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter

from ivr.adapters.workbooks.book import Book, Result
from ivr.adapters.workbooks.text import cell_text
from ivr.domain.report import Heading

_FONT = "Times New Roman"
_LINE = Side(style="thin", color="FF808080")
FRAME = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
HEAD_FILL = PatternFill("solid", fgColor="FFE8ECF1")
NORM_FILL = PatternFill("solid", fgColor="FFF4F4F4")
BROKEN = DifferentialStyle(font=Font(b=True, color="FF9C0006"), fill=PatternFill(bgColor="FFFFC7CE"))
KEPT = DifferentialStyle(font=Font(color="FF006100"), fill=PatternFill(bgColor="FFC6EFCE"))
WANTED = DifferentialStyle(fill=PatternFill(bgColor="FFFFEB9C"))
CREATED_BY = "ivr"
HEAD_ROW = 3
_A4 = 9
_LETTERS_PER_WIDTH = 1.2  # letters of the text's font in one unit of a column's width
_LINE_HEIGHT = 1.28  # of the font's size
_HEIGHT_AT_MOST = 409


def new_workbook(heading: Heading) -> Book:
    """A workbook without sheets, with its properties, that reckons its formulas when it is opened."""
    workbook = Book()
    properties = workbook.properties
    properties.title = cell_text(heading.title)
    properties.creator = cell_text(heading.municipality) or CREATED_BY
    properties.lastModifiedBy = properties.creator
    properties.created = properties.modified = heading.made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    properties.language = "ru-RU"
    return workbook


def print_set_up(sheet: Any, footer: str, *, head_rows: str, one_page: bool = False) -> None:
    """A4 landscape, as wide as the page (or all on one), the head on every page, page numbers below.

    Args:
        footer: "&P" and "&N" in it are the page and the pages.
    """
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = int(one_page)
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = head_rows
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom = 0.5, 0.6
    sheet.page_margins.header = sheet.page_margins.footer = 0.3
    sheet.oddFooter.center.text = footer
    sheet.oddFooter.center.size = 9


@dataclass(frozen=True, slots=True)
class Look:
    """Style of a cell.

    Attributes:
        centre: both ways. middle: up and down only. across: to the sides only.
    """

    bold: bool = False
    size: int = 11
    centre: bool = False
    middle: bool = False
    across: str | None = None
    wrap: bool = True
    frame: bool = True
    fill: PatternFill | None = None
    number_format: str = "General"
    quoted: bool = False


def dressed(cell: Any, look: Look) -> Any:
    """Give a cell its look."""
    cell.font = Font(name=_FONT, sz=look.size, b=look.bold)
    cell.alignment = Alignment(
        horizontal="center" if look.centre else look.across,
        vertical="center" if look.centre or look.middle else "top",
        wrap_text=look.wrap,
        indent=1 if look.across == "left" else 0,
    )
    if look.frame:
        cell.border = FRAME
    if look.fill:
        cell.fill = look.fill
    cell.number_format = look.number_format
    if look.quoted:
        cell.quotePrefix = True
    return cell


TITLE = Look(bold=True, size=13, centre=True, frame=False)
SUBTITLE = Look(size=10, centre=True, frame=False)
CORNER = Look(size=10, frame=False, wrap=False, across="right")
HEAD = Look(bold=True, size=10, centre=True, fill=HEAD_FILL)
TEXT = Look(size=10, number_format="@", quoted=True)
LABEL = Look(size=11, middle=True, across="left")
COUNT = Look(centre=True, number_format="0")
SHARE = Look(centre=True, number_format="0.0%")
DATE = Look(centre=True, number_format="dd.mm.yyyy")
MOMENT = Look(size=10, across="center", number_format="dd.mm.yyyy hh:mm")


def put(sheet: Any, place: str, value: object, look: Look) -> Any:
    """A value into a cell; text stays text, a formula has to be put by `put_formula`."""
    cell = dressed(sheet[place], look)
    if isinstance(value, str):
        cell.value = None
        cell._value = cell_text(value)
        cell.data_type = "s"
    else:
        cell.value = value
    return cell


def put_row(sheet: Any, row: int, values: Sequence[object], look: Look) -> None:
    """Values into the first cells of a row."""
    for number, value in enumerate(values, 1):
        put(sheet, f"{get_column_letter(number)}{row}", value, look)


def put_head(sheet: Any, title: str, subtitle: str, columns: Sequence[str], widths: Sequence[int]) -> None:
    """Title, subtitle and headings in rows 1 to 3, frozen; the columns as wide as they have to be."""
    last = get_column_letter(len(columns))
    for row, text, look in ((1, title, TITLE), (2, subtitle, SUBTITLE)):
        sheet.merge_cells(f"A{row}:{last}{row}")
        put(sheet, f"A{row}", text, look)
        sheet.row_dimensions[row].height = row_height(lines_needed(text, sum(widths)), look.size)
    put_row(sheet, HEAD_ROW, columns, HEAD)
    lines = max(lines_needed(text, width) for text, width in zip(columns, widths, strict=True))
    sheet.row_dimensions[HEAD_ROW].height = row_height(lines, HEAD.size)
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = f"A{HEAD_ROW + 1}"


def put_formula(sheet: Any, place: str, formula: str, result: Result, look: Look) -> Any:
    """A live formula of our own, never made of text from outside, and what it comes to now."""
    cell = dressed(sheet[place], look)
    cell.value = formula
    sheet.parent.results[sheet.title, place] = result
    return cell


def lines_needed(text: str, width: int) -> int:
    """How many lines a text takes in a column of this width; an estimate, for LibreOffice makes no row higher."""
    room = int(width * _LETTERS_PER_WIDTH)
    if len(text) <= room and "\n" not in text:
        return 1
    return sum(-(-len(part) // room) or 1 for part in text.split("\n"))


def row_height(lines: int, size: int) -> int:
    """Points for so many lines of a font of this size."""
    return min(round(_LINE_HEIGHT * size * lines) + 2, _HEIGHT_AT_MOST)


def colour(sheet: Any, area: str, look: DifferentialStyle, formula: str) -> None:
    """Colour the cells of an area where the formula (written for its first cell) is true."""
    sheet.conditional_formatting.add(area, Rule(type="expression", dxf=look, formula=[formula]))
