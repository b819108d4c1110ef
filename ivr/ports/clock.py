"""What time it is, and whom to tell what happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """What time it is; only entry points ask."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""


Announce = Callable[[str, Mapping[str, object]], None]
"""Tells the live board (or the demo) what happens: an action's name and its facts. Never written to a log."""
