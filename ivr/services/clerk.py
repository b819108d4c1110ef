"""The filing swept now and then, and each thing told once (clauses 17-19)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
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
        filings_of: of each municipality its filing, with the calendar of a day.
        letters: who is written to of each notice.
    """

    filings_of: Callable[[date], Sequence[Filing]]
    notices: NoticeBook
    clock: Clock
    announce: Announce
    letters: Addressees = nobody
    _today: date | None = None
    _filings: Sequence[Filing] = ()

    async def sweep(self) -> int:
        """One turn; how much is news."""
        now = self.clock.now()
        found = await asyncio.to_thread(self._sweep, now)
        return await tell(found, self.notices, self.announce, now, self.letters)

    def _sweep(self, now: datetime) -> tuple[Notice, ...]:
        if self._today != now.date():
            self._filings, self._today = self.filings_of(now.date()), now.date()
        return tuple(notice for filing in self._filings for notice in filing.sweep(now))
