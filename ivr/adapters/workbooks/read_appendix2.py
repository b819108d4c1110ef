"""Reads an existing journal of messages (.xlsx), whatever its sheets, headings and order of columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from ivr.adapters.workbooks.text import plain_text
from ivr.domain.older_journal import TIME, SheetRow
from ivr.domain.report import MESSAGE_COLUMNS
from ivr.domain.report_words import ReportWords
from ivr.errors import SettingsError
from ivr.language.likeness import most_alike, plain

_HEAD_WITHIN = 30
_COLUMNS_AT_LEAST = 4
_ALIKE = 88


def read_rows(path: Path, words: ReportWords) -> Iterator[SheetRow]:
    """Rows of every sheet that has the journal's headings within its first 30 rows.

    Raises:
        SettingsError: the file is no .xlsx workbook, or no sheet of it is a journal.
    """
    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, ParseError) as fault:
        raise SettingsError(f"{path}: not an .xlsx workbook: {fault}") from fault
    headings = _headings(words)
    found = False
    try:
        for sheet in workbook.worksheets:
            sheet.reset_dimensions()
            columns: dict[int, str] = {}
            for line, values in enumerate(sheet.iter_rows(values_only=True), 1):
                if columns and not _is_total(values, words):
                    yield SheetRow(sheet.title, line, _cells(columns, values))
                elif not columns and line <= _HEAD_WITHIN:
                    columns = _columns(values, headings)
                    found = found or bool(columns)
                elif not columns:
                    break
    finally:
        workbook.close()
    if not found:
        raise SettingsError(f"{path}: no sheet has the headings of the journal of messages (appendix 2)")


def _headings(words: ReportWords) -> dict[str, str]:
    """Columns by heading: those of the form, and others that people give them."""
    known = {plain(heading): TIME for heading in words.older.time_columns}
    known |= {plain(alias): column for column, aliases in words.older.aliases.items() for alias in aliases}
    return known | {plain(title): column for title, column in zip(words.messages.columns, MESSAGE_COLUMNS, strict=True)}


def _columns(values: Sequence[Any], headings: dict[str, str]) -> dict[int, str]:
    """Which place holds which column, when this row is the head: at least the call's time and three more."""
    columns: dict[int, str] = {}
    for place, value in enumerate(values):
        heading = plain(value)
        column = headings.get(heading)
        if column is None and heading:
            alike = most_alike(heading, headings, _ALIKE)
            column = headings[alike] if alike else None
        if column and column not in columns.values():
            columns[place] = column
    named = set(columns.values())
    return columns if "received_at" in named and len(named) >= _COLUMNS_AT_LEAST else {}


def _is_total(values: Sequence[Any], words: ReportWords) -> bool:
    first = next((plain(value) for value in values if isinstance(value, str) and value.strip()), "")
    return first.partition(" ")[0] in words.older.skipped


def _cells(columns: dict[int, str], values: Sequence[Any]) -> dict[str, object]:
    cells = {column: values[place] if place < len(values) else None for place, column in columns.items()}
    return {column: plain_text(value) if isinstance(value, str) else value for column, value in cells.items()}
