"""The filing swept now and then, and each thing told once (clauses 17-19)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from ivr.domain.notices import Notice
from ivr.ports import Addressees, Announce, Clock, NoticeBook
from ivr.ports.storage import nobody
from ivr.services.deadlines import tell
from ivr.services.filing import Filing


@dataclass(slots=True)
class ReportClerk:
    """Sweeps the filing off the loop's thread, and tells each thing once.

    Attributes:
        filing_of: the filing with the calendar of a day.
        letters: who is written to of each notice.
    """

    filing_of: Callable[[date], Filing]
    notices: NoticeBook
    clock: Clock
    announce: Announce
    letters: Addressees = nobody
    _today: date | None = None
    _filing: Filing | None = None

    async def sweep(self) -> int:
        """One turn; how much is news."""
        now = self.clock.now()
        found = await asyncio.to_thread(self._sweep, now)
        return await tell(found, self.notices, self.announce, now, self.letters)

    def _sweep(self, now: datetime) -> tuple[Notice, ...]:
        if self._filing is None or self._today != now.date():
            self._filing, self._today = self.filing_of(now.date()), now.date()
        return self._filing.sweep(now)
