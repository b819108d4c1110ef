"""One person's data: all of it handed out, or erased, when he asks (152-FZ, articles 14, 20, 21)."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.retention import Act, Rule
from ivr.errors import RuleBroken
from ivr.ports import Clock
from ivr.ports.keeping import Belongings, Dossiers, Erasure, Inventory
from ivr.services.audit import AccessLog
from ivr.services.retention import Retention, reason

_ACTS_MEANWHILE = 50
_MESSAGE = re.compile("[0-9a-f]{32}")


@dataclass(slots=True)
class CitizenData:
    """All that is kept of whoever has a number; of one who left none, a message of his and what hangs on it.

    Everywhere `number` may also be the id of a message.

    Attributes:
        numbers: a number as people write it in all the forms in which it may be kept; none: it is no number.
        dossiers: writes what is handed out.
    """

    erasure: Erasure
    retention: Retention
    dossiers: Dossiers
    log: AccessLog
    clock: Clock
    numbers: Callable[[str], Sequence[str]]

    async def find(self, actor: Actor, number: str) -> Belongings:
        """What there is of him; nothing is told of what it says.

        Raises:
            Forbidden: not for this role.
            RuleBroken: it is neither a number nor the id of a message, or nothing is kept of it.
        """
        actor.require(Deed.VIEW, Thing.CITIZEN)
        found = await self._belongings(actor, number)
        await self.log.note(actor, Deed.VIEW, Thing.CITIZEN, _masked(number))
        return found

    async def inventory(self, actor: Actor, number: str) -> tuple[Belongings, Inventory]:
        """The same, counted row by row.

        Raises:
            Forbidden: not for this role.
            RuleBroken: it is no number, or nothing is kept of it.
        """
        found = await self.find(actor, number)
        return found, await asyncio.to_thread(self.erasure.inventory, found.keys)

    async def export(self, actor: Actor, number: str, target: IO[bytes]) -> Belongings:
        """Write an archive of all his rows, texts and recordings with an index that people can read.

        Raises:
            Forbidden: not for this role.
            RuleBroken: it is no number, or nothing is kept of it.
        """
        found, write = await self.dossier(actor, number)
        await asyncio.to_thread(write, target)
        return found

    async def dossier(self, actor: Actor, number: str) -> tuple[Belongings, Callable[[IO[bytes]], object]]:
        """The same, to be written while it is sent; it counts as handed out. Never write on the loop's thread.

        Raises:
            Forbidden: not for this role.
            RuleBroken: it is no number, or nothing is kept of it.
        """
        actor.require(Deed.EXPORT, Thing.CITIZEN)
        found = await self._belongings(actor, number)
        rows = {name: str(len(keys)) for name, keys in found.keys.items()}
        await self.log.note(actor, Deed.EXPORT, Thing.CITIZEN, _masked(number), rows)
        made_at = self.clock.now()
        return found, lambda target: self.dossiers.write(target, self.erasure.rows(found.keys), made_at)

    async def erase(self, actor: Actor, number: str, why: str, confirmed: int | None = None) -> Act:
        """Destroy all of it; what reports count stays as bare figures.

        Args:
            confirmed: how much a person has agreed to destroy, as `inventory` counted it.

        Raises:
            Forbidden: not for this role.
            RuleBroken: no reason is given, it is no number, nothing is kept, a hold stands, a call back is owed, or
                there is more or less than was agreed to.
        """
        actor.require(Deed.ERASE, Thing.CITIZEN)
        why = reason(why)
        found = await self._belongings(actor, number)
        if found.owed:
            raise RuleBroken("13", "a call back is owed to him: close it first", "still_owed", subject=found.owed[0])
        if found.held:
            raise RuleBroken("3", "a hold stands on it: release it first", "held", subject=found.held[0])
        if confirmed is not None:
            there = (await asyncio.to_thread(self.erasure.inventory, found.keys)).total
            if there != confirmed:
                raise RuleBroken("3", "it is not what was agreed to: look again", "not_as_agreed", there=there)
        await self.log.note(actor, Deed.ERASE, Thing.CITIZEN, _masked(number))
        act = Act(uuid.uuid4().hex, "", self.clock.now(), actor.account.login, Rule.REQUEST, why)
        await self.erasure.destroy(found.keys, act)
        await self.retention.settle(Rule.REQUEST)  # or the sweep has done so: it is whole since its one transaction
        return await self._summed_up(actor, act)

    async def _summed_up(self, actor: Actor, act: Act) -> Act:
        for one in await self.retention.acts.acts(actor.account.municipality, _ACTS_MEANWHILE):
            if (one.rule, one.begun_at, one.by, one.why) == (act.rule, act.begun_at, act.by, act.why):
                return one
        raise RuleBroken("3", "nothing is kept of this number", "nothing_kept")  # somebody else was first

    async def _belongings(self, actor: Actor, number: str) -> Belongings:
        town = actor.account.municipality
        if is_message(number):
            found = await self.erasure.belongings_of(town, number)
        elif forms := self.numbers(number):
            found = await self.erasure.belongings(town, forms)
        else:
            raise RuleBroken("3", "this is no telephone number", "bad_number")
        if found.empty:
            raise RuleBroken("3", "nothing is kept of this number", "nothing_kept")
        return found


def is_message(asked: str) -> bool:
    """It is the id of a message, and no number."""
    return _MESSAGE.fullmatch(asked) is not None


def _masked(number: str) -> str:
    """The access log outlives what it speaks of; an id tells nothing of anybody."""
    if is_message(number):
        return number
    digits = "".join(letter for letter in number if letter.isdigit())
    return f"…{digits[-2:]}"
