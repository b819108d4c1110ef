"""Notices and a lease in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ivr.domain.notices import Notice


class MemoryNoticeBook:
    """The port `NoticeBook`."""

    def __init__(self) -> None:
        self.posted: dict[str, Notice] = {}
        self._seen: dict[str, str] = {}

    async def post(self, notices: Sequence[Notice], at: datetime) -> Sequence[Notice]:
        """Keep the new ones."""
        news = {notice.key: notice for notice in notices if notice.key not in self.posted}
        self.posted |= news
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
