"""A paper that was made: the file, and its sheets as they are shown before it goes anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A workbook ready to be taken.

    Attributes:
        rows: how many rows it tells of.
    """

    name: str
    content: bytes
    rows: int


@dataclass(frozen=True, slots=True)
class PaperSheet:
    """A sheet as it is read on a screen.

    Attributes:
        above: lines over the table. head: titles of the columns. left_out: rows that are not shown.
    """

    title: str
    above: Sequence[str]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    left_out: int = 0
