"""What LibreOffice makes of the workbooks: figures, colours, pages. It is started three times for all of them."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from ivr.adapters.workbooks.text import cell_text, plain_text
from ivr.domain.report import MESSAGE_COLUMNS
from tests.hostile_texts import hostile_file, hostile_rows
from tests.report_samples import load
from tests.workbook_samples import WORDS, load_file, message_file, month_file, week_file
from tests.workbook_text import CSV, converted

_CELL_AT_MOST = 200_000


@dataclass(frozen=True)
class Office:
    """The files as LibreOffice saved them anew: reckoned, printed, and the hostile one as plain text."""

    reckoned: dict[str, Path]
    printed: dict[str, Path]
    hostile: Path

    def sheets(self, name: str) -> list[Any]:
        """The reckoned sheets of a file."""
        return load_workbook(self.reckoned[name], data_only=True).worksheets


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("office")
    files = [load_file(folder), message_file(folder, 60), week_file(folder), month_file(folder)]
    hostile = hostile_file(folder)
    return Office(
        converted(files, "xlsx", folder / "reckoned"), converted(files, "pdf", folder / "printed"),
        converted([hostile], CSV, folder / "text")[hostile.stem],
    )  # fmt: skip


def test_it_reckons_the_load_as_we_do(office: Office) -> None:
    sheet = office.sheets("load")[0]
    for row, day in enumerate(load(), 6):
        shown = [sheet[f"{letter}{row}"].value for letter in "CDEFGHIJ"]
        shares = (day.lost_share, day.availability, day.productivity)
        lost, availability, productivity = ("" if share is None else pytest.approx(share) for share in shares)
        expected = [day.received, day.lost, lost, day.accepted, availability, day.outgoing, day.reached, productivity]
        assert [value if value is not None else "" for value in shown] == expected


def test_it_reckons_holidays_blank_and_adds_the_nights_up(office: Office) -> None:
    sheets = office.sheets("load")
    holiday = [sheets[1][f"{letter}8"].value for letter in "CDEFGHIJ"]
    assert not any(holiday), "04.11.2026 is a holiday"
    nights = sheets[-1]
    assert nights.cell(nights.max_row, 3).value == sum(day.after_hours for day in load())


def test_it_reckons_every_formula_to_the_result_that_stands_beside_it(office: Office, tmp_path: Path) -> None:
    for name, file in (("load", load_file(tmp_path)), ("month", month_file(tmp_path))):
        ours = load_workbook(file, data_only=True).worksheets
        for mine, theirs, live in zip(ours, office.sheets(name), load_workbook(file).worksheets, strict=True):
            for cell in (cell for row in live.iter_rows() for cell in row if cell.data_type == "f"):
                result, reckoned = (one[cell.coordinate].value for one in (mine, theirs))
                expected = pytest.approx(result) if isinstance(result, int | float) else result or ""
                assert ("" if reckoned is None else reckoned) == expected


def test_no_cell_of_the_month_is_an_error(office: Office) -> None:
    values = [cell.value for sheet in office.sheets("month") for row in sheet.iter_rows() for cell in row]
    assert not [value for value in values if isinstance(value, str) and value.startswith(("#", "Err:"))]
    charts = [len(sheet._charts) for sheet in load_workbook(office.reckoned["month"]).worksheets]
    assert charts == [3, 1, 2, 2]


def test_the_lists_of_appendix_2_are_still_offered(office: Office) -> None:
    sheet = load_workbook(office.reckoned["messages"]).worksheets[0]
    offered = {str(one.sqref).split(":")[0]: one.formula1 for one in sheet.data_validations.dataValidation}
    assert set(offered) == {"B4", "G4", "H4", "K4", "M4"}
    assert all(WORDS.messages.lists_sheet in formula for formula in offered.values())


def test_every_page_is_a4_landscape_with_its_number_and_its_head(office: Office) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed: apt-get install poppler-utils")
    for name, pages in (("load", 4), ("messages", 3), ("week", 1), ("month", 4)):
        printed = subprocess.run(["pdfinfo", office.printed[name]], check=True, capture_output=True, text=True).stdout
        assert int(re.search(r"Pages:\s+(\d+)", printed)[1]) == pages  # type: ignore[index]
        assert re.search(r"Page size:\s+841\.\d+ x 595\.\d+ pts \(A4\)", printed)
        told = subprocess.run(["pdftotext", "-layout", office.printed[name], "-"], check=True, capture_output=True)
        for number, page in enumerate(told.stdout.decode().split("\f")[:-1], 1):
            assert f"Страница {number} из {pages}" in page
            if name == "messages" and number < pages:
                assert set(WORDS.messages.columns[0].split()) <= set(page.split()), "the head stands on every page"


def test_hostile_text_opens_and_nothing_in_it_runs(office: Office) -> None:
    csv.field_size_limit(_CELL_AT_MOST)
    with office.hostile.open(encoding="utf-8", newline="") as text:
        shown = list(csv.reader(text))[3:]
    for row, cells in zip(hostile_rows(), shown, strict=True):
        for column, cell in zip(MESSAGE_COLUMNS[1:], cells[1:], strict=True):
            assert cell == plain_text(cell_text(getattr(row, column)))
