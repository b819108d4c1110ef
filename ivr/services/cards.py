"""The operators' side of a call: the card is theirs from the moment they lift the handset (clauses 15, 20)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from ivr.domain.call import Call
from ivr.domain.callback import Callback
from ivr.domain.people import Person
from ivr.domain.regulation import Regulation
from ivr.errors import IvrError
from ivr.ports import Announce, Clock, Journal
from ivr.services.callbacks import CallbackDesk
from ivr.services.closing import blank_card
from ivr.services.presence import Shift

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Cards:
    """Puts operators on cards; never delays a conversation.

    Attributes:
        desk: where the promises of one who calls himself are closed, and cards change hands; None: nowhere.
        shift: told of work after a call; None: nobody keeps count.
        after_call_minutes: how long an operator is not rung after a call, to write the card; 0: he is at once.
    """

    journal: Journal
    rules: Regulation
    clock: Clock
    edition: str = ""
    desk: CallbackDesk | None = None
    shift: Shift | None = None
    after_call_minutes: float = 0.0
    _holders: dict[str, str] = field(default_factory=dict)
    _work: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def met(self, call: Call, who: str, tell: Announce) -> None:
        """An operator talks with the caller now: the first has the card, a later one takes it over."""
        before = self._holders.get(call.id)
        self._holders[call.id] = who
        if before is None:
            self._after(call, self._given(call, who, tell))
        elif before != who:
            self._after(call, self._handed_over(call, before, who, tell))

    def parted(self, call: Call, who: str) -> None:
        """An operator has hung up, and writes the card."""
        if self.shift and self.after_call_minutes:
            self._after(call, self._writes(call, who))

    async def settled(self, call: Call) -> None:
        """Wait until all this is kept: the call's row is closed after it."""
        self._holders.pop(call.id, None)
        work = self._work.pop(call.id, None)
        if work:
            await work

    def _after(self, call: Call, work: Coroutine[Any, Any, None]) -> None:
        """One after another, in the order of what happened."""
        before = self._work.get(call.id)

        async def do() -> None:
            if before:
                await before
            try:
                await work
            except IvrError as fault:  # the conversation goes on; the row is closed with all that is known
                log.error("card", extra={"action": "card_failed", "call": call.id, "why": type(fault).__name__})

        self._work[call.id] = asyncio.create_task(do())

    async def _given(self, call: Call, who: str, tell: Announce) -> None:
        met = replace(call, operator=who, operator_at=self.clock.now())
        card = blank_card(met, self.edition)
        await self.journal.answered(met, card, Callback.spoken(card, who, self.rules))
        tell("card", {"card": call.id, "operator": who, "caller": call.caller_number})
        if self.desk:
            await self.desk.called_himself(call.municipality, call.caller_number, who)

    async def _handed_over(self, call: Call, before: str, who: str, tell: Announce) -> None:
        if self.desk:
            await self.desk.hand_over(call.id, Person(who), Person(before))
        tell("card", {"card": call.id, "operator": who, "caller": call.caller_number})

    async def _writes(self, call: Call, who: str) -> None:
        if self.shift:
            lasting = timedelta(minutes=self.after_call_minutes)
            await self.shift.rest(call.municipality, who, lasting)
