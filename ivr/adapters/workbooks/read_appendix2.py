"""Reads an existing journal of messages (.xlsx), whatever its sheets, headings and order of columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from ivr.adapters.workbooks.text import plain_text
from ivr.domain.older_journal import TIME, Cell, SheetHead, SheetRow
from ivr.domain.report import MESSAGE_COLUMNS
from ivr.domain.report_words import ReportWords
from ivr.errors import RuleBroken
from ivr.language.likeness import most_alike, plain

_HEAD_WITHIN = 30
_COLUMNS_AT_LEAST = 4
_ALIKE = 88
_NUMBERED_AT_LEAST = 3


class OlderWorkbooks:
    """Older journals as .xlsx workbooks (fulfils `ports.reports.OlderFiles`)."""

    def __init__(self, words: ReportWords) -> None:
        self._words = words
        known = {plain(heading): TIME for heading in words.older.time_columns}
        known |= {plain(alias): column for column, aliases in words.older.aliases.items() for alias in aliases}
        known |= {plain(title): column for title, column in zip(words.messages.columns, MESSAGE_COLUMNS, strict=True)}
        self._headings = known

    def rows(self, file: IO[bytes], name: str) -> Iterator[SheetHead | SheetRow]:
        """The head of each sheet that has the journal's headings within its first 30 rows, and then its rows.

        Raises:
            RuleBroken: the file is no .xlsx workbook, or no sheet of it is a journal.
        """
        try:
            workbook = load_workbook(file, read_only=True, data_only=True)
        except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, ParseError) as fault:
            raise RuleBroken("16", f"{name}: not an .xlsx workbook: {fault}", "not_xlsx", file=name) from fault
        found = False
        try:
            for sheet in workbook.worksheets:
                sheet.reset_dimensions()
                for item in self._sheet(sheet.title, sheet.iter_rows(values_only=True)):
                    found = True
                    yield item
        except (BadZipFile, ParseError, KeyError, ValueError) as fault:
            raise RuleBroken("16", f"{name}: the workbook is damaged: {fault}", "damaged_xlsx", file=name) from fault
        finally:
            workbook.close()
        if not found:
            reason = f"{name}: no sheet has the headings of the journal of messages (appendix 2)"
            raise RuleBroken("16", reason, "no_journal", file=name)

    def _sheet(self, title: str, lines: Iterator[Sequence[Any]]) -> Iterator[SheetHead | SheetRow]:
        head: _Head | None = None
        number = 0
        for number, values in enumerate(lines, 1):
            if head is None:
                if number > _HEAD_WITHIN:
                    return
                found = _Head(self._columns(values), values)
                head = found if found.is_journal else None
                if head is None:
                    continue
                first_lines, begins = True, number
            elif first_lines and self._goes_on(head, values):
                continue
            else:
                if first_lines:
                    yield head.shown(title, begins)
                first_lines = False
                if not self._is_no_message(values, head):
                    yield head.row(title, number, values)
        if head is not None and first_lines:
            yield head.shown(title, begins)

    def _columns(self, values: Sequence[Any]) -> dict[int, str]:
        """Which place holds which column, if this row is the head."""
        found = {place: self._column(value) for place, value in enumerate(values)}
        return {place: column for place, column in found.items() if column}

    def _column(self, value: Any) -> str | None:
        heading = plain(value) if isinstance(value, str) else ""
        known = self._headings.get(heading)
        if known is None and heading:
            alike = most_alike(heading, self._headings, _ALIKE)
            known = self._headings[alike] if alike else None
        return known

    def _goes_on(self, head: _Head, values: Sequence[Any]) -> bool:
        """A second line of the head: only headings, some of them of places that had none above."""
        columns = self._columns(values)
        filled = [place for place, value in enumerate(values) if value not in (None, "")]
        if not filled or set(filled) - set(columns):
            return False
        head.take(columns, values)
        return True

    def _is_no_message(self, values: Sequence[Any], head: _Head) -> bool:
        """A total, the head once more on a new page, or the numbers of the columns under it."""
        filled = [value for value in values if value not in (None, "")]
        first = next((plain(value) for value in filled if isinstance(value, str) and value.strip()), "")
        if first.partition(" ")[0] in self._words.older.skipped:
            return True
        texts = [plain(value) for value in filled]
        if len(texts) >= _NUMBERED_AT_LEAST and all(text.isdigit() for text in texts):
            return [int(text) for text in texts] == list(range(int(texts[0]), int(texts[0]) + len(texts)))
        return len(texts) >= _COLUMNS_AT_LEAST and all(text in head.headings for text in texts)


class _Head:
    """What the places of a sheet hold."""

    def __init__(self, columns: Mapping[int, str], values: Sequence[Any]) -> None:
        self._columns: dict[int, str] = {}
        self._further: list[int] = []
        self._titles: dict[int, str] = {}
        self.headings: set[str] = set()
        self.take(columns, values)

    def take(self, columns: Mapping[int, str], values: Sequence[Any]) -> None:
        """A line of the head; a place keeps what the line above said, unless this one says that it is the time."""
        for place, value in enumerate(values):
            if value not in (None, ""):
                self._titles[place] = " ".join(str(value).split())
                self.headings.add(plain(value))
            column = columns.get(place)
            if column is None or (place in self._columns and column != TIME):
                continue
            if column not in self._columns.values():
                self._columns[place] = column
            elif place not in self._columns:
                self._further.append(place)

    @property
    def is_journal(self) -> bool:
        """At least the call's time and three more columns are there."""
        named = set(self._columns.values())
        return "received_at" in named and len(named) >= _COLUMNS_AT_LEAST

    def shown(self, sheet: str, line: int) -> SheetHead:
        """The head for people."""
        read = {column: self._titles.get(place, "") for place, column in self._columns.items()}
        unread = (title for place, title in self._titles.items() if place not in {*self._columns, *self._further})
        return SheetHead(sheet, line, read, tuple(unread))

    def row(self, sheet: str, line: int, values: Sequence[Any]) -> SheetRow:
        """A row under it."""
        cells = {column: _cell(values, place) for place, column in self._columns.items()}
        more = ((self._titles[place], _cell(values, place)) for place in self._further)
        return SheetRow(sheet, line, cells, tuple((title, cell) for title, cell in more if cell not in (None, "")))


def _cell(values: Sequence[Any], place: int) -> Cell:
    value = values[place] if place < len(values) else None
    return plain_text(value) if isinstance(value, str) else value
