"""Notices and a lease in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ivr.domain.notices import Notice
from ivr.ports import Addressees
from ivr.ports.storage import nobody


class MemoryNoticeBook:
    """The port `NoticeBook`."""

    def __init__(self) -> None:
        self.posted: dict[str, Notice] = {}
        self._seen: dict[str, str] = {}
        self.letters: list[tuple[str, Notice]] = []

    async def post(self, notices: Sequence[Notice], at: datetime, letters: Addressees = nobody) -> Sequence[Notice]:
        """Keep the new ones."""
        news = {notice.key: notice for notice in notices if notice.key not in self.posted}
        self.posted |= news
        self.letters += [(address, notice) for notice in news.values() for address in letters(notice)]
        return list(news.values())

    async def unseen(self, municipality: str) -> Sequence[Notice]:
        """Not marked yet."""
        found = [
            notice
            for key, notice in self.posted.items()
            if notice.municipality == municipality and key not in self._seen
        ]
        return sorted(found, key=lambda notice: (notice.at, notice.key))

    async def seen(self, key: str, by: str, at: datetime) -> bool:
        """Mark once."""
        return key in self.posted and self._seen.setdefault(key, f"{by}@{at}") == f"{by}@{at}"


class MemoryTroubles:
    """The port `Troubles`."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, str], datetime] = {}

    async def since(self, municipality: str, name: str, wrong: bool, now: datetime) -> datetime | None:
        """Note it."""
        if not wrong:
            self._since.pop((municipality, name), None)
            return None
        return self._since.setdefault((municipality, name), now)

    async def standing(self, municipality: str) -> Mapping[str, datetime]:
        """All of them."""
        return {name: since for (whose, name), since in self._since.items() if whose == municipality}


class MemoryLease:
    """The port `Lease`."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[str, datetime]] = {}

    async def hold(self, name: str, node: str, now: datetime, length: timedelta) -> bool:
        """Take or prolong."""
        holder, until = self._held.get(name, (node, now))
        if holder != node and now < until <= now + 2 * length:
            return False
        self._held[name] = node, now + length
        return True

    async def release(self, name: str, node: str) -> None:
        """Give back."""
        if self._held.get(name, ("", None))[0] == node:
            del self._held[name]
