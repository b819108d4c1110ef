"""An exchange's call records as CSV, read by a mapping of `config/cdr.toml`; broken lines are named."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from ivr.adapters.files.settings import project_root
from ivr.adapters.files.tables import checked, read_table
from ivr.domain.cdr import CdrLine, Direction, plain_number, telephone_of
from ivr.domain.leg import OK
from ivr.errors import SettingsError

_MOST_COLUMNS = 200
_LONGEST_FIELD = 10_000


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Fields(_Shape):
    """Which column tells what."""

    id: str
    caller: str = Field(alias="from")
    called: str = Field(alias="to")
    who: str = ""
    invited: str
    answered: str
    ended: str
    outcome: str


class Directions(_Shape):
    """By which column calls are told apart."""

    column: str
    incoming: tuple[str, ...]
    outgoing: tuple[str, ...] = ()


class Layout(_Shape):
    """How one kind of file is read."""

    delimiter: str = Field(default=",", min_length=1, max_length=1)
    header: bool = True
    columns: tuple[str, ...] = ()
    time_format: str = "%Y-%m-%d %H:%M:%S"
    utc: bool = False
    fields: Fields
    outcomes: dict[str, int]
    direction: Directions


class BrokenLine(ValueError):
    """A line that tells nothing; the sentence says why."""


def read_layouts(path: Path | None = None) -> Mapping[str, Layout]:
    """All layouts by name.

    Raises:
        SettingsError: every mistake of the file.
    """
    file = path or project_root() / "config" / "cdr.toml"
    layouts: dict[str, Layout] = checked(dict[str, Layout], read_table(file), file)
    for name, layout in layouts.items():
        known = set(layout.columns)
        named = {*layout.fields.model_dump().values(), layout.direction.column} - {""}
        if not layout.header and named - known:
            raise SettingsError(f"{file}: [{name}]: no such column: {', '.join(sorted(named - known))}")
    return layouts


def read_cdr(path: Path, layout: Layout, zone: ZoneInfo) -> Iterator[CdrLine | tuple[int, str]]:
    """The lines of a file; a broken one as its number and what is wrong with it.

    Args:
        zone: the exchange's, where it does not write UTC.

    Raises:
        SettingsError: the file cannot be read, or lacks a column.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            yield from _rows(file, path, layout, UTC if layout.utc else zone)
    except OSError as fault:
        raise SettingsError(f"{path}: {fault.strerror}") from fault


def _rows(file: Iterator[str], path: Path, layout: Layout, zone: tzinfo) -> Iterator[CdrLine | tuple[int, str]]:
    columns: tuple[str, ...] | None = None if layout.header else layout.columns
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:  # line by line: a quotation mark that is never closed must not swallow the lines after it
            row = next(csv.reader([line.replace("\0", " ")], delimiter=layout.delimiter, strict=True))
            if columns is None:
                columns = _head(row, path, layout)
            else:
                yield _line(number, row, columns, layout, zone)
        except (csv.Error, BrokenLine, ValueError) as fault:
            yield number, str(fault)


def _head(row: list[str], path: Path, layout: Layout) -> tuple[str, ...]:
    columns = tuple(cell.strip() for cell in row[:_MOST_COLUMNS])
    missing = {*layout.fields.model_dump().values(), layout.direction.column} - {"", *columns}
    if missing:
        raise SettingsError(f"{path}: no such column: {', '.join(sorted(missing))}")
    return columns


def _line(number: int, row: list[str], columns: tuple[str, ...], layout: Layout, zone: tzinfo) -> CdrLine:
    if len(row) != len(columns):
        raise BrokenLine(f"{len(row)} columns, {len(columns)} are expected")
    cells = {name: cell.strip()[:_LONGEST_FIELD] for name, cell in zip(columns, row, strict=True)}
    fields = layout.fields
    if not cells[fields.id]:
        raise BrokenLine(f"{fields.id} is empty")
    cause = layout.outcomes.get(cells[fields.outcome])
    if cause is None:
        raise BrokenLine(f"{fields.outcome}: unknown {cells[fields.outcome]!r}")
    invited, answered, ended = (_moment(cells, name, layout, zone) for name in _times(fields))
    if invited is None or ended is None or ended < invited:
        raise BrokenLine(f"{fields.ended} is missing, or before {fields.invited}")
    if cause == OK and answered is None:
        raise BrokenLine(f"{fields.answered} is missing in an answered call")
    return CdrLine(
        number, cells[fields.id], _direction(cells, layout), plain_number(cells[fields.caller]),
        plain_number(cells[fields.called]), telephone_of(cells[fields.who]) if fields.who else "",
        invited, answered, ended, cause,
    )  # fmt: skip


def _times(fields: Fields) -> tuple[str, str, str]:
    return fields.invited, fields.answered, fields.ended


def _moment(cells: Mapping[str, str], name: str, layout: Layout, zone: tzinfo) -> datetime | None:
    text = cells[name]
    if not text:
        return None
    try:
        found = datetime.strptime(text, layout.time_format)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise BrokenLine(f"{name}: {text!r} is no time like {layout.time_format}") from fault


def _direction(cells: Mapping[str, str], layout: Layout) -> Direction:
    value = cells[layout.direction.column]
    if value in layout.direction.incoming:
        return Direction.INCOMING
    return Direction.OUTGOING if value in layout.direction.outgoing else Direction.INTERNAL
