"""The end of terms: what is due is destroyed every night, by an act; who has a reason holds a row (clause 6.3)."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.retention import Act, Destroyed, Hold, Rule, Term, term_begins
from ivr.errors import RuleBroken
from ivr.ports import Clock, Recordings
from ivr.ports.keeping import ActBook, Erasure, Held, HoldBook
from ivr.services.audit import AccessLog

log = logging.getLogger(__name__)

_AT_ONCE = 100
_SHORTEST_REASON = 3


@dataclass(slots=True)
class Retention:
    """Destroys what is due.

    Attributes:
        terms: by municipality, how long its rows are kept and in which time zone, as the settings say now; "" is for
            those that are served no longer.
        forget_files: removes lines of personal data older than this from files that wait for a person; how many.
    """

    erasure: Erasure
    acts: ActBook
    recordings: Recordings
    log: AccessLog
    clock: Clock
    terms: Callable[[], Mapping[str, Term]]
    forget_files: Callable[[datetime], int] = lambda _before: 0

    def days(self, municipality: str) -> int:
        """How many whole days rows of a municipality are kept."""
        terms = self.terms()
        return terms.get(municipality, terms[""]).days

    async def sweep(self) -> int:
        """Destroy all that is due by now; how many rows. Broken off, it is simply done again."""
        now = self.clock.now()
        before = {town: term_begins(now, term.zone, term.days) for town, term in self.terms().items()}
        act = Act(uuid.uuid4().hex, "", now, "", Rule.TERM)
        gone = 0
        while found := await self.erasure.destroy_due(before, act, _AT_ONCE):
            gone += found
        gone += await self._forget_loose(min(before.values()))
        await self.settle()
        return gone

    async def settle(self, only: Rule | None = None) -> Sequence[Act]:
        """Sum up the acts that are begun, write each down, and let no trace of what they name stay behind.

        Args:
            only: acts of this rule; a sweep's act grows until the sweep itself is over, and is nobody else's to sum up.
        """
        finished = []
        for begun in await self.acts.unfinished():
            if only not in (None, begun.rule):
                continue
            act = await self.acts.finish(begun.id, self.clock.now())
            if act is None:
                continue
            facts = {name: str(count) for name, count in act.counts.items()}
            facts |= {"rule": act.rule.value, "digest": act.digest}
            await self.log.note_house(Deed.ERASE, Thing.ACT, act.id, act.municipality, facts)
            log.info("personal data destroyed", extra={"action": "destroyed", "act": act.id, "rule": act.rule.value})
            finished.append(act)
        if finished:
            await self.erasure.forget_traces()
        return finished

    async def _forget_loose(self, before: datetime) -> int:
        """Recordings that no row speaks of (their row was lost, or went before them), and lines put aside: nobody
        knows whose they were, so the longest term is theirs."""
        old = await asyncio.to_thread(self.recordings.older, before)
        gone = 0
        for start in range(0, len(old), _AT_ONCE):
            some = old[start : start + _AT_ONCE]
            known = await self.erasure.knows(some)
            gone += sum([await asyncio.to_thread(self.recordings.remove, name) for name in some if name not in known])
        return gone + await asyncio.to_thread(self.forget_files, before)


@dataclass(slots=True)
class Keeping:
    """Holds and acts, for somebody who is signed in."""

    holds: HoldBook
    acts: ActBook
    log: AccessLog
    clock: Clock

    async def hold(self, actor: Actor, subject: str, why: str) -> Hold:
        """From now on nothing of this row is destroyed.

        Args:
            subject: id of a callback (with all that belongs to it), of a call or of an attempt.

        Raises:
            Forbidden: not for this role.
            RuleBroken: no reason is given, there is no such row in this town, or its data are gone already.
        """
        actor.require(Deed.MANAGE, Thing.HOLD)
        why = reason(why)
        hold = Hold(
            uuid.uuid4().hex, actor.account.municipality, subject, why, actor.account.name, self.clock.now()
        )  # fmt: skip
        await self.log.note(actor, Deed.MANAGE, Thing.HOLD, subject, {"verb": "hold"})
        if not await self.holds.put(hold):
            raise RuleBroken("6.3", "there is nothing of this row to be held", "nothing_to_hold")
        return hold

    async def release(self, actor: Actor, hold: str) -> Hold:
        """It protects nothing from now on; what is overdue goes the next night.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such hold that stands.
        """
        actor.require(Deed.MANAGE, Thing.HOLD)
        await self.log.note(actor, Deed.MANAGE, Thing.HOLD, hold, {"verb": "release"})
        found = await self.holds.release(actor.account.municipality, hold, actor.account.name, self.clock.now())
        if found is None:
            raise RuleBroken("6.3", "there is no such hold", "unknown_hold")
        return found

    async def standing(self, actor: Actor, subjects: Sequence[str] | None = None) -> Sequence[Hold]:
        """Holds that stand, all or of these rows, oldest first.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.LIST, Thing.HOLD)
        return await self.holds.standing(actor.account.municipality, subjects)

    async def held(self, actor: Actor) -> Sequence[tuple[Hold, Held | None]]:
        """The same with what each stands on; None: its row is gone.

        Raises:
            Forbidden: not for this role.
        """
        holds = await self.standing(actor)
        await self.log.note_once(actor, Deed.LIST, Thing.HOLD)
        about = await self.holds.about(actor.account.municipality, [hold.subject for hold in holds])
        return [(hold, about.get(hold.subject)) for hold in holds]

    async def destructions(self, actor: Actor, limit: int = 100) -> Sequence[Act]:
        """Acts of destruction, the newest first.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.LIST, Thing.ACT)
        await self.log.note_once(actor, Deed.LIST, Thing.ACT)
        return await self.acts.acts(actor.account.municipality, limit)

    async def paper(self, actor: Actor, act: str) -> tuple[Act, Sequence[Destroyed]]:
        """One act with all that it names, to be printed, signed and kept for three years.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such act.
        """
        return await self._named(actor, Deed.EXPORT, act)

    async def look(self, actor: Actor, act: str) -> tuple[Act, Sequence[Destroyed]]:
        """The same on the screen.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such act.
        """
        return await self._named(actor, Deed.VIEW, act)

    async def _named(self, actor: Actor, deed: Deed, act: str) -> tuple[Act, Sequence[Destroyed]]:
        actor.require(deed, Thing.ACT)
        found = await self.acts.find(actor.account.municipality, act)
        if found is None:
            raise RuleBroken("6.3", "there is no such act", "unknown_act")
        await self.log.note(actor, deed, Thing.ACT, found.id)
        return found, await asyncio.to_thread(lambda: list(self.acts.destroyed(found.id)))


def reason(why: str) -> str:
    """A reason as it is kept.

    Raises:
        RuleBroken: none is given.
    """
    text = " ".join(why.split())[:1000]
    if len(text) < _SHORTEST_REASON:
        raise RuleBroken("3", "say why", "no_reason")
    return text
