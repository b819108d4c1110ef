"""Places and streets out of a table that a municipality has: CSV of any common dialect; every bad line is named."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ivr.adapters.files.gazetteers import Places, each_once, wrong_name
from ivr.adapters.files.ui import words
from ivr.errors import SettingsError
from ivr.language.likeness import plain

_MARKS = ";,\t|"
_REMARK = re.compile(r"\([^)]*\)")
_BIGGEST = 10_000_000


def read_places(path: Path) -> Places:
    """The names of a table, freed of «ул.», «дер.» and remarks in brackets.

    Its first line names the columns: a locality, a street, or both; or a kind and a name («ул.»; «Ленина»).

    Raises:
        SettingsError: every line that cannot be read.
    """
    mistakes: list[str] = []
    rows = list(_rows(path))
    table = _Table(path, rows[0][1] if rows else [], mistakes)
    for line, row in rows[1:]:
        table.read(line, row)
    if not mistakes and not (table.found["localities"] or table.found["streets"]):
        mistakes.append(f"{path}: {words('gazetteer.empty')}")
    if mistakes:
        raise SettingsError(mistakes)
    return Places(tuple(each_once(table.found["localities"])), tuple(each_once(table.found["streets"])))


class _Table:
    """One table being read."""

    def __init__(self, path: Path, head: Sequence[str], mistakes: list[str]) -> None:
        self._path, self._mistakes = path, mistakes
        self.found: dict[str, list[str]] = {"localities": [], "streets": []}
        self._columns = {column: place for column in _COLUMNS for place, cell in enumerate(head) if _is(column, cell)}
        by_kind = {"kind", "name"} <= set(self._columns)
        if not (by_kind or {"locality", "street"} & set(self._columns)):
            mistakes.append(f"{path}:1: {words('gazetteer.no_columns')}")
        self._by_kind = by_kind

    def read(self, line: int, row: Sequence[str]) -> None:
        """Take the names of a line."""
        if not any(cell.strip() for cell in row) or not self._columns:
            return
        cells = {column: row[place].strip() for column, place in self._columns.items() if place < len(row)}
        if self._by_kind:
            self._read_kind(line, cells)
            return
        for column, section in (("locality", "localities"), ("street", "streets")):
            if cells.get(column):
                self._take(line, section, cells[column])

    def _read_kind(self, line: int, cells: Mapping[str, str]) -> None:
        kind = plain(cells.get("kind", ""))
        section = next((name for name, kinds in _kinds().items() if kind in kinds), None)
        if section is None:
            self._mistakes.append(f"{self._path}:{line}: {words('gazetteer.no_kind', given=cells.get('kind', ''))}")
        else:
            self._take(line, section, cells.get("name", ""))

    def _take(self, line: int, section: str, given: str) -> None:
        name = _bare(given)
        wrong = wrong_name(name)
        if wrong:
            self._mistakes.append(f"{self._path}:{line}: {wrong}")
        else:
            self.found[section].append(name)


_COLUMNS = ("locality", "street", "kind", "name")


def _is(column: str, cell: str) -> bool:
    return plain(cell) in {plain(name) for name in words(f"gazetteer.columns.{column}").split(",")}


def _kinds() -> dict[str, set[str]]:
    return {
        "localities": {plain(kind) for kind in words("gazetteer.locality_kinds").split(",")},
        "streets": {plain(kind) for kind in words("gazetteer.street_kinds").split(",")},
    }


def _bare(name: str) -> str:
    """«ул. ЛЕНИНА (центр)» is «Ленина»; «Ленина ул.» too."""
    said = _REMARK.sub(" ", name).replace("\u00a0", " ").strip(" \"'\u00ab\u00bb,;")
    said = re.sub(r"(?<=[^\W\d_])\.(?=[^\s.])", ". ", said)
    kinds = set.union(*_kinds().values()) | {plain(mark) for mark in words("gazetteer.marks").split(",")}
    parts = said.split()
    while len(parts) > 1 and plain(parts[0]) in kinds:
        parts = parts[1:]
    while len(parts) > 1 and plain(parts[-1]) in kinds and parts[-1] == parts[-1].lower():
        parts = parts[:-1]
    return " ".join(part.capitalize() if part.isupper() and len(part) > 1 else part for part in parts)


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Lines with their numbers, whatever encoding and mark the table was saved with."""
    text = _text(path)
    head = text.split("\n", 1)[0]
    mark = max(_MARKS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as fault:
        raise SettingsError(f"{path}:{reader.line_num}: {fault}") from fault


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_BIGGEST)
    except OSError as fault:
        raise SettingsError(f"{path}: {fault.strerror}") from fault
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1251")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SettingsError(f"{path}: {words('gazetteer.encoding')}")
