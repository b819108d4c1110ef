"""Figures to the shapes of a drawing (SVG): made on the server, so that charts need no script and print well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 140
_HEATS = 6


@dataclass(frozen=True, slots=True)
class LineChart:
    """A line over time.

    Attributes:
        pieces: the line's points "x,y x,y …", broken where there is no value.
        dots: x, y, place of the value.
        norm: height of the norm's line.
    """

    pieces: Sequence[str]
    dots: Sequence[tuple[float, float, int]]
    norm: float


def line(values: Sequence[float | None], norm: float) -> LineChart:
    """The values and the norm to one scale that begins at nought."""
    known = [value for value in values if value is not None]
    top = max([*known, norm]) * 1.1 or 1.0
    step = WIDTH / max(len(values) - 1, 1)
    pieces: list[list[str]] = [[]]
    dots = []
    for place, value in enumerate(values):
        if value is None:
            pieces.append([])
            continue
        x, y = round(place * step, 1), round(HEIGHT * (1 - value / top), 1)
        pieces[-1].append(f"{x},{y}")
        dots.append((x, y, place))
    return LineChart([" ".join(piece) for piece in pieces if piece], dots, round(HEIGHT * (1 - norm / top), 1))


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart."""

    x: float
    y: float
    width: float
    height: float


def bars(values: Sequence[float]) -> Sequence[Bar]:
    """Bars side by side, the highest as high as the chart."""
    top, step = max(values, default=0) or 1, WIDTH / max(len(values), 1)
    return [
        Bar(round(place * step + step * 0.1, 1), round(HEIGHT * (1 - value / top), 1), round(step * 0.8, 1),
            round(HEIGHT * value / top, 1))
        for place, value in enumerate(values)
    ]  # fmt: skip


def heat(count: int, most: int) -> int:
    """How warm a cell is: 0 for nothing, else 1 to 6."""
    return min(_HEATS, 1 + count * _HEATS // (most + 1)) if count else 0
