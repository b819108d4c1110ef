"""A workbook as lines of text that a person can compare, and LibreOffice asked to open one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

GOLDEN = Path(__file__).parent / "data" / "reports"


def as_text(path: Path) -> str:
    """Everything that makes the sheets what they are, one fact a line."""
    workbook = load_workbook(path)
    properties = workbook.properties
    lines = [f"properties: {properties.title} | {properties.creator} | {properties.created} | {properties.language}"]
    for sheet in workbook.worksheets:
        lines += _sheet(sheet)
    return "\n".join(lines) + "\n"


def _sheet(sheet: Any) -> Iterator[str]:
    setup = sheet.page_setup
    yield f"\nsheet: {sheet.title}"
    yield f"  page: {setup.orientation} paper {setup.paperSize} fit {setup.fitToWidth}x{setup.fitToHeight}"
    yield f"  head: {sheet.print_title_rows} freeze {sheet.freeze_panes} filter {sheet.auto_filter.ref}"
    yield f"  footer: {sheet.oddFooter.center.text}"
    yield f"  widths: {' '.join(f'{k}={v.width:g}' for k, v in sorted(sheet.column_dimensions.items()))}"
    yield f"  merged: {' '.join(sorted(str(area) for area in sheet.merged_cells.ranges))}"
    for validation in sheet.data_validations.dataValidation:
        yield f"  list: {validation.sqref} {validation.formula1} {validation.error}"
    for area, rules in sheet.conditional_formatting._cf_rules.items():
        for rule in rules:
            yield f"  colour: {area.sqref} {rule.formula[0]} {rule.dxf.fill.bgColor.rgb}"
    for chart in sheet._charts:
        yield f"  chart: {type(chart).__name__} {[series.val.numRef.f for series in chart.series]}"
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is not None:
                look = f"{cell.number_format}{' bold' if cell.font.b else ''}{' quoted' if cell.quotePrefix else ''}"
                yield f"  {cell.coordinate} {cell.data_type} {cell.value!r} [{look}]"


def assert_golden(path: Path, name: str) -> None:
    """The workbook equals the text kept; IVR_GOLDEN=write keeps a new one, to be read before it is committed."""
    kept = GOLDEN / f"{name}.txt"
    text = as_text(path)
    if os.environ.get("IVR_GOLDEN") == "write":
        kept.write_text(text, "utf-8")
    assert text == kept.read_text("utf-8")


CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true"
"""Kind of file: the first sheet as UTF-8, every cell as it is shown."""


def converted(paths: Sequence[Path], kind: str, folder: Path) -> dict[str, Path]:
    """Files as LibreOffice opened, reckoned and saved them anew, by stem; it is started once for all of them.

    The test is skipped aloud without LibreOffice.
    """
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("LibreOffice (soffice) is not installed: apt-get install libreoffice-calc-nogui")
    folder.mkdir(exist_ok=True)
    profile = f"-env:UserInstallation=file://{folder.parent}/profile"
    command = [program, profile, "--headless", "--convert-to", kind, "--outdir", str(folder), *map(str, paths)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    made = {path.stem: folder / f"{path.stem}.{kind.partition(':')[0]}" for path in paths}
    missing = [path.name for path in made.values() if not path.exists()]
    assert not missing, f"LibreOffice could not open {missing}"
    return made
