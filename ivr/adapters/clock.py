"""The time of day."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The machine's clock (fulfils `ports.Clock`)."""

    def now(self) -> datetime:
        """The present moment, UTC."""
        return datetime.now(UTC)
