"""The button «call»: refused at once where it must be, else the engine rings while the page looks on (clause 13)."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.dial_plan import may_be_dialled
from ivr.errors import LineError, RuleBroken
from ivr.ports import Announce
from ivr.ports.console import Switchboard
from ivr.services.audit import AccessLog
from ivr.services.workplace import Workplace

log = logging.getLogger(__name__)

_SIP = re.compile(r"sips?:[^@\s]+@[^@\s]+")


@dataclass(slots=True)
class Calling:
    """Click to call, for somebody who is signed in.

    Attributes:
        telephones: SIP addresses by name, where the person has none of his own.
        steps: how far each call has come, by callback: what a page opened meanwhile shows.
    """

    workplace: Workplace
    switchboard: Switchboard
    log: AccessLog
    announce: Announce
    telephones: Callable[[], Mapping[str, str]]
    steps: dict[str, str] = field(default_factory=dict)
    _calls: set[asyncio.Task[None]] = field(default_factory=set)

    async def call(self, actor: Actor, callback: str) -> None:
        """Begin; what becomes of it is announced.

        Raises:
            Forbidden: not for this role.
            RuleBroken: not taken, no number, a number that may not be dialled, dialled already, before its window, or
                nobody knows which telephone to ring.
        """
        case = await self.workplace.case(actor, callback, Deed.WORK)
        case.callback.dial("", actor.account.person, self.workplace.desk.clock.now())  # only whether it is allowed
        if not may_be_dialled(case.callback.number):
            raise RuleBroken("13", "this number may not be dialled: only Russian city and mobile ones", "not_in_plan")
        telephone = actor.account.telephone or self.telephones().get(actor.account.name, "")
        if not telephone:
            raise RuleBroken("13", "no telephone of this operator is known", "no_phone")
        await self.log.note(actor, Deed.WORK, Thing.CALLBACK, callback, {"verb": "call"})
        self._start(self._call(actor, callback, telephone))

    async def _call(self, actor: Actor, callback: str, telephone: str) -> None:
        facts = {"callback": callback, "who": actor.account.login}
        try:
            told = await self.switchboard.call_back(callback, actor.account.name, telephone)
        except LineError:
            self.announce("call_refused", {**facts, "code": "engine_away"})
            return
        if "outcome" not in told:
            self.announce("call_refused", {**facts, "sentence": str(told.get("refused", ""))})

    async def try_line(self, actor: Actor, address: str) -> str:
        """Ring a telephone, for the first start and the administrator; how it ended (`AttemptOutcome`).

        Raises:
            Forbidden: not for this role.
            RuleBroken: not a SIP address.
            LineError: no engine is there.
        """
        actor.require(Deed.MANAGE, Thing.SETTINGS)
        if not _SIP.fullmatch(address):
            raise RuleBroken("6.1", "not a SIP address like sip:101@10.0.0.2", "bad_sip")
        await self.log.note(actor, Deed.MANAGE, Thing.SETTINGS, "try_line")
        told = await self.switchboard.try_line(address)
        return str(told.get("outcome", "unavailable"))

    def follow(self, news: Mapping[str, object]) -> None:
        """Remember how far each call has come."""
        callback, step = str(news.get("callback", "")), str(news.get("step", ""))
        if news.get("action") != "call_out" or not callback:
            return
        if step == "over":
            self.steps.pop(callback, None)
        else:
            self.steps[callback] = step

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
