"""Whatever a caller's text holds, the workbook is written, opens, and runs nothing (faults F24, F25)."""

import random
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from ivr.adapters.files.report_words import read_report_words
from ivr.adapters.workbooks.appendix2 import write_messages
from ivr.adapters.workbooks.text import cell_text, plain_text, sheet_title
from ivr.domain.report import MESSAGE_COLUMNS, Heading, MessageRow
from tests.workbook_text import converted

WORDS = read_report_words()
HEADING = Heading("=1+1", "@SUM(A1)", datetime(2026, 11, 23, tzinfo=UTC))
ROWS = 5000

_PIECES = [
    "=1+1", "=HYPERLINK(\"http://example.org\",\"x\")", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r\n=1",
    "=DDE(\"a\";\"b\";\"c\")", "{=1}", "'=1", "\x00", "\x07\x1b[31m", "\ud800", "\udfff\ud800", "\ufffe\uffff",
    "\u202etxt.exe", "\u2028", "_x0041_", "_x000D_", "&amp;<b>", "]]>", "<!--", "<script>alert(1)</script>", "%P&P",
    "Иванова\nМария", " края ", "👩‍👩‍👧", "\U0010ffff", "ё" * 300, "", "#REF!", "TRUE", "1e309", "00012", "12.03",
    "\n" * 400,
]  # fmt: skip


def hostile_rows() -> Iterator[MessageRow]:
    chance = random.Random(25)
    at = datetime(2026, 1, 1)
    for number in range(ROWS):
        texts = ["".join(chance.choices(_PIECES, k=chance.randint(1, 3))) for _ in MESSAGE_COLUMNS[1:]]
        if number % 1000 == 0:
            texts[4] = "\u0451" * 40_000
            texts[5] = "\U0001f600" * 40_000
        yield MessageRow(at + timedelta(minutes=number), *texts)


@pytest.fixture(scope="module")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "hostile.xlsx"
    assert write_messages(path, hostile_rows(), WORDS, HEADING) == ROWS
    return path


def test_no_cell_is_a_formula_and_every_part_is_xml(hostile_file: Path) -> None:
    with zipfile.ZipFile(hostile_file) as parts:
        for name in parts.namelist():
            text = parts.read(name)
            ElementTree.fromstring(text)
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in text
                assert b"<f " not in text


def test_every_row_comes_back_as_it_was_said(hostile_file: Path) -> None:
    workbook = load_workbook(hostile_file, read_only=True)
    shown = list(workbook.worksheets[0].iter_rows(min_row=4, values_only=True))
    workbook.close()
    assert len(shown) == ROWS
    for row, cells in zip(hostile_rows(), shown, strict=True):
        assert cells[0] == row.received_at
        for column, cell in zip(MESSAGE_COLUMNS[1:], cells[1:], strict=True):
            assert (cell or "") == cell_text(getattr(row, column))


def test_libreoffice_opens_it_and_nothing_runs(hostile_file: Path, tmp_path: Path) -> None:
    workbook = load_workbook(converted(hostile_file, "xlsx", tmp_path / "office"))
    sheet = workbook.worksheets[0]
    assert sheet.max_row >= ROWS + 3
    assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.hyperlink]


def test_a_cell_holds_32_767_units_at_most_and_says_that_more_was_said() -> None:
    for letter in ("a", "\u0451", "\U0001f600"):
        text = cell_text(letter * 40_000)
        assert len(text.encode("utf-16-le")) <= 2 * 32_767
        assert text.endswith("\u2026")
    assert cell_text("a" * 32_767) == "a" * 32_767


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=50))
def test_ordinary_text_stays_exactly_as_it_is(text: str) -> None:
    assert plain_text(cell_text(text)) == text


@given(st.text(st.characters(), max_size=60))
def test_any_text_is_fit_for_xml(text: str) -> None:
    fit = cell_text(text)
    fit.encode()
    assert not any(ord(c) < 32 and c != "\n" for c in fit)
    assert cell_text(plain_text(fit)) == fit


@given(st.text(max_size=60))
def test_any_text_can_name_a_sheet(text: str) -> None:
    title = sheet_title(text)
    assert 0 < len(title) <= 31
    assert not set(title) & set("[]:*?/\\")
