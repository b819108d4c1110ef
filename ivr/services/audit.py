"""Keeping the access log: nothing is shown, played or changed that is not written down first (152-FZ)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.audit import Entry, Verdict, verify
from ivr.ports import Clock
from ivr.ports.access import AccessBook, Facts

_AGAIN = timedelta(minutes=5)


@dataclass(slots=True)
class AccessLog:
    """Writes rows, reads them to those who may, proves that none was changed."""

    book: AccessBook
    clock: Clock
    _lately: dict[tuple[str, ...], datetime] = field(default_factory=dict)

    async def note(self, actor: Actor, deed: Deed, thing: Thing, subject: str = "", facts: Facts | None = None) -> None:
        """Somebody known does something.

        Raises:
            JournalError: it could not be written down: do not do it.
        """
        account = actor.account
        entry = Entry(
            self.clock.now(), account.login, actor.via, actor.source, deed, thing, subject, account.municipality,
            facts or {},
        )  # fmt: skip
        await self.book.append(entry)

    async def note_once(
        self, actor: Actor, deed: Deed, thing: Thing, subject: str = "", facts: Facts | None = None
    ) -> None:
        """The same for what a page repeats by itself: the same again within five minutes is one row."""
        now = self.clock.now()
        same = (actor.account.id, actor.session, deed, thing, subject, *map(str, sorted((facts or {}).items())))
        last = self._lately.get(same)
        if last is None or now - last >= _AGAIN:
            await self.note(actor, deed, thing, subject, facts)
            self._lately = {known: at for known, at in self._lately.items() if now - at < _AGAIN}
            self._lately[same] = now

    async def note_stranger(self, deed: str, municipality: str, source: str, facts: Facts | None = None) -> None:
        """Somebody unknown tries to come in."""
        await self.book.append(
            Entry(self.clock.now(), "", "", source, deed, Thing.SESSION, "", municipality, facts or {})
        )

    async def read(
        self, actor: Actor, *, who: str = "", subject: str = "", before: int | None = None, limit: int = 50
    ) -> Sequence[Entry]:
        """The newest rows first; looking at them is a row too.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.LIST, Thing.ACCESS_LOG)
        facts = {name: value for name, value in (("who", who), ("subject", subject)) if value}
        await self.note_once(actor, Deed.LIST, Thing.ACCESS_LOG, facts=facts)
        return await self.book.page(actor.account.municipality, who=who, subject=subject, before=before, limit=limit)

    async def verify(self, anchors: Mapping[int, str] | None = None) -> Verdict:
        """Walk the whole chain (fault F36)."""
        return await asyncio.to_thread(lambda: verify(self.book.walk(), anchors))
