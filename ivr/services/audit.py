"""Keeping the access log: nothing is shown, played or changed that is not written down first (152-FZ)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ivr.domain.access import Actor, Deed, Thing, Via
from ivr.domain.audit import Entry, LogQuery, Verdict, verify
from ivr.errors import RuleBroken
from ivr.ports import Clock
from ivr.ports.access import AccessBook, Facts

log = logging.getLogger(__name__)

_AGAIN = timedelta(minutes=5)
_EXPORT_PAGE = 5_000
EXPORTED_AT_MOST = 100_000
_BREATH_EVERY, _BREATH_SECONDS = 500, 0.005


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look at the whole chain found, and when.

    Attributes:
        verdict: None while the first look goes on.
        looked: rows looked at so far, while a look goes on.
    """

    verdict: Verdict | None = None
    at: datetime | None = None
    looked: int = 0
    running: bool = False


@dataclass(slots=True)
class AccessLog:
    """Writes rows, reads them to those who may, proves that none was changed."""

    book: AccessBook
    clock: Clock
    checked: Checked = field(default_factory=Checked)
    _lately: dict[tuple[str, ...], datetime] = field(default_factory=dict)
    _look: asyncio.Task[Verdict] | None = None

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

    async def note_house(
        self, deed: Deed, thing: Thing, subject: str, municipality: str, facts: Facts | None = None
    ) -> None:
        """The house does something by itself, as its timetable says.

        Raises:
            JournalError: it could not be written down.
        """
        await self.book.append(
            Entry(self.clock.now(), "", Via.TIMETABLE, "", deed, thing, subject, municipality, facts or {})
        )

    async def read(
        self, actor: Actor, query: LogQuery, before: int | None = None, limit: int = 50
    ) -> Sequence[Entry]:  # fmt: skip
        """The newest rows of the actor's municipality first; looking at them is a row too.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.LIST, Thing.ACCESS_LOG)
        await self.note_once(actor, Deed.LIST, Thing.ACCESS_LOG, facts=_asked(query))
        return await self.book.page(replace(query, municipality=actor.account.municipality), before, limit)

    async def export(self, actor: Actor, query: LogQuery) -> Sequence[Entry]:
        """All rows that are wanted, the newest first.

        Raises:
            Forbidden: not for this role.
            RuleBroken: more than `EXPORTED_AT_MOST`: choose fewer days.
        """
        actor.require(Deed.EXPORT, Thing.ACCESS_LOG)
        await self.note(actor, Deed.EXPORT, Thing.ACCESS_LOG, facts=_asked(query))
        query, rows = replace(query, municipality=actor.account.municipality), list[Entry]()
        while page := await self.book.page(query, rows[-1].number if rows else None, _EXPORT_PAGE):
            rows += page
            if len(rows) > EXPORTED_AT_MOST:
                raise RuleBroken("3", "too many rows: choose fewer days", "too_many_rows", most=EXPORTED_AT_MOST)
        return rows

    async def verify(self, anchors: Mapping[int, str] | None = None) -> Verdict:
        """Walk the whole chain (fault F36)."""
        return await asyncio.to_thread(lambda: verify(self.book.walk(), anchors))

    async def look(self, actor: Actor) -> None:
        """Begin to walk the whole chain in the background; `checked` tells how far it is and what was found.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.VIEW, Thing.ACCESS_LOG)
        await self.note(actor, Deed.VIEW, Thing.ACCESS_LOG, "chain")
        self.begin_look()

    def begin_look(self) -> None:
        """The same for the house itself, once a day; harmless while a look goes on."""
        if not self.checked.running:
            self.checked = replace(self.checked, looked=0, running=True)
            self._look = asyncio.create_task(self._walk())

    async def _walk(self) -> Verdict:
        try:
            found = await asyncio.to_thread(lambda: verify(self._breathing(self.book.walk())))
        except BaseException:
            self.checked = replace(self.checked, running=False)
            raise
        self.checked = Checked(found, self.clock.now(), found.rows)
        if found.broken is not None:
            log.error("the access log was changed", extra={"action": "access_log_broken", "row": found.broken})
        return found

    def _breathing(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """The same rows, slowly enough that nobody waits for his page meanwhile."""
        for looked, entry in enumerate(entries, 1):
            yield entry
            if looked % _BREATH_EVERY == 0:
                self.checked = replace(self.checked, looked=looked)
                time.sleep(_BREATH_SECONDS)


def _asked(query: LogQuery) -> Facts:
    """The filters, for the row about looking; days are enough."""
    facts = {"who": query.who, "subject": query.subject, "deeds": " ".join(sorted(query.deeds))}
    days = {"since": query.since, "until": query.until}
    facts |= {name: day.date().isoformat() for name, day in days.items() if day}
    return {name: value for name, value in facts.items() if value}
