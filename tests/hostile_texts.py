"""Texts that people and programs have broken workbooks with, in 5,000 rows (faults F24, F25)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr.adapters.workbooks.appendix2 import write_messages
from ivr.domain.report import MESSAGE_COLUMNS, Heading, MessageRow
from tests.workbook_samples import WORDS

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
    """The same rows each time."""
    chance = random.Random(25)
    at = datetime(2026, 1, 1)
    for number in range(ROWS):
        texts = ["".join(chance.choices(_PIECES, k=chance.randint(1, 3))) for _ in MESSAGE_COLUMNS[1:]]
        if number % 1000 == 0:
            texts[4] = "\u0451" * 40_000
            texts[5] = "\U0001f600" * 40_000
        yield MessageRow(at + timedelta(minutes=number), *texts)


def hostile_file(folder: Path) -> Path:
    """Appendix 2 made of them, its title and municipality too."""
    path = folder / "hostile.xlsx"
    assert write_messages(path, hostile_rows(), WORDS, HEADING) == ROWS
    return path
