"""A workbook whose formulas carry their results: previews, telephones and protected views reckon nothing themselves."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

Result = float | str | None
"""What a formula comes to; None and "" show nothing."""

_FORMULA = re.compile(r'<c r="([A-Z]+\d+)"([^>]*)><f>(.*?)</f><v\s*(?:/>|></v>)</c>', re.DOTALL)


class Book(Workbook):
    """openpyxl writes formulas without results; here they are put in when the file is saved.

    Attributes:
        results: by sheet and place.
    """

    def __init__(self) -> None:
        super().__init__()
        self.remove(self.worksheets[0])
        self.calculation.fullCalcOnLoad = True
        self.results: dict[tuple[str, str], Result] = {}

    def save(self, filename: Path | IO[bytes]) -> None:  # type: ignore[override]
        """Save with the results known."""
        skeleton = BytesIO()
        super().save(skeleton)
        sheets = {f"xl/worksheets/sheet{number}.xml": sheet.title for number, sheet in enumerate(self.worksheets, 1)}
        with ZipFile(skeleton) as made, ZipFile(filename, "w", ZIP_DEFLATED) as whole:
            for part in made.infolist():
                content = made.read(part)
                if part.filename in sheets:
                    content = self._reckoned(sheets[part.filename], content.decode()).encode()
                whole.writestr(part, content, ZIP_DEFLATED)

    def _reckoned(self, sheet: str, xml: str) -> str:
        def with_result(found: re.Match[str]) -> str:
            place, attributes, formula = found.groups()
            result = self.results.get((sheet, place))
            if isinstance(result, int | float):
                return f'<c r="{place}"{attributes}><f>{formula}</f><v>{result!r}</v></c>'
            return f'<c r="{place}"{attributes} t="str"><f>{formula}</f><v>{escape(result or "")}</v></c>'

        return _FORMULA.sub(with_result, xml)
