"""Whatever a caller's text holds, the workbook is written, opens, and runs nothing (faults F24, F25)."""

import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from ivr.adapters.workbooks.text import cell_text, plain_text, sheet_title
from ivr.domain.report import MESSAGE_COLUMNS
from tests.hostile_texts import ROWS, hostile_file, hostile_rows


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_file(tmp_path_factory.mktemp("hostile"))


def test_no_cell_is_a_formula_and_every_part_is_xml(file: Path) -> None:
    with zipfile.ZipFile(file) as parts:
        for name in parts.namelist():
            text = parts.read(name)
            ElementTree.fromstring(text)
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in text
                assert b"<f " not in text


def test_every_row_comes_back_as_it_was_said(file: Path) -> None:
    workbook = load_workbook(file, read_only=True)
    shown = list(workbook.worksheets[0].iter_rows(min_row=4, values_only=True))
    workbook.close()
    assert len(shown) == ROWS
    for row, cells in zip(hostile_rows(), shown, strict=True):
        assert cells[0] == row.received_at
        for column, cell in zip(MESSAGE_COLUMNS[1:], cells[1:], strict=True):
            assert (cell or "") == cell_text(getattr(row, column))


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
