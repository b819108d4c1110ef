"""The progress bar of the long steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

_Item = TypeVar("_Item")
CONSOLE = Console(highlight=False)


def bar(*, hidden: bool = False) -> Progress:
    """A bar with what is done of how much, the time spent and the time left."""
    columns = (TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=CONSOLE, disable=hidden)


def tracked(items: Iterable[_Item], title: str, total: int) -> Iterator[_Item]:
    """The items, with a bar that moves on with each."""
    with bar() as shown:
        yield from shown.track(items, total=total, description=title)
