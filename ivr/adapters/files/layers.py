"""The installer's files with the people's own over them: a file that people have changed lies in the data folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Folder(Protocol):
    """Where files are found by name; a path is one."""

    def __truediv__(self, name: str, /) -> Path:
        """The file with this name."""


@dataclass(frozen=True, slots=True)
class Layers:
    """Two folders as one.

    Attributes:
        over: files that people have changed; each hides the installer's of the same name.
        under: the installer's, which may be two folders themselves.
    """

    over: Path
    under: Folder

    def __truediv__(self, name: str, /) -> Path:
        """The people's file, or the installer's."""
        own = self.over / name
        return own if own.exists() else self.under / name
