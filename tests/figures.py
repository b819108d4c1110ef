"""What a long run measures, promise by promise; told as a table when all tests are over."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Figures:
    """Lines of the table: the promise (a row of docs/reliability.md) and what was measured."""

    lines: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, promise: str, measured: str) -> None:
        """Write a line."""
        self.lines.append((promise, measured))
