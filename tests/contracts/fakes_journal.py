"""A journal in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ivr.domain.call import Call
from ivr.domain.callback import AWAITING_CALL, OPEN_STATES, Callback, Origin
from ivr.domain.leg import LegRecord, Side, legs_of_call
from ivr.domain.message import FILLED_BY_PEOPLE, Message
from ivr.domain.turn import Turn
from ivr.errors import JournalError


class MemoryJournal:
    """The port `Journal`. Set `away` for a database that does not answer."""

    def __init__(self) -> None:
        self.away = False
        self.calls: dict[str, Call] = {}
        self.turns: dict[str, tuple[Turn, ...]] = {}
        self.messages: dict[str, Message] = {}
        self.promises: dict[str, Callback] = {}
        self.serves: dict[str, str] = {}  # message -> callback
        self.legs: dict[str, LegRecord] = {}

    async def open(self, call: Call, card: Message | None = None) -> None:
        """Insert the call and its card once."""
        self._reach()
        self.calls.setdefault(call.id, call)
        if card:
            self.messages.setdefault(card.id, card)

    async def answered(self, call: Call, card: Message, case: Callback) -> None:
        """Put the operator on the call, the card and the case, unless the call is over."""
        self._reach()
        if self._closed(call):
            return
        known = self.calls.setdefault(call.id, call)
        self.calls[call.id] = replace(known, operator=call.operator, operator_at=call.operator_at)
        self.serves[card.id] = self._promise(case)
        row = self.messages.setdefault(card.id, card)
        self.messages[card.id] = replace(row, operator=card.operator, status=card.status)

    async def enter(self, legs: Sequence[LegRecord]) -> None:
        """Write legs once."""
        self._reach()
        for leg in legs:
            self.legs.setdefault(leg.id, leg)

    async def promised(self, municipality: str, number: str) -> datetime | None:
        """When the number is called back."""
        self._reach()
        dues = [
            one.due_at
            for one in self.promises.values()
            if (one.municipality, one.number) == (municipality, number) and one.state in AWAITING_CALL
        ]
        return min(dues, default=None)

    async def progress(self, call: Call, turns: Sequence[Turn]) -> None:
        """Keep the turns of an open call."""
        self._reach()
        if call.id in self.calls and not self._closed(call):
            self.turns[call.id] = tuple(turns)
            self.calls[call.id] = replace(self.calls[call.id], answered_at=call.answered_at)

    async def close(
        self, call: Call, turns: Sequence[Turn], message: Message | None, callback: Callback | None
    ) -> None:
        """End the call once."""
        self._reach()
        if self._closed(call):
            return
        self.calls[call.id], self.turns[call.id] = call, tuple(turns)
        if callback:
            self.serves.setdefault(call.id, self._promise(callback))
        if message:
            self._keep_message(message)
        caller, *operator = legs_of_call(call)
        told = any(leg.call == call.id and leg.side is Side.OPERATOR for leg in self.legs.values())
        for leg in (caller,) if told else (caller, *operator):
            self.legs.setdefault(leg.id, leg)

    async def unfinished(self, engine: str) -> Sequence[tuple[Call, Sequence[Turn]]]:
        """Open calls of an engine."""
        self._reach()
        found = [call for call in self.calls.values() if call.engine == engine and call.ended_at is None]
        return [(call, self.turns.get(call.id, ())) for call in sorted(found, key=lambda call: call.started_at)]

    async def callbacks(
        self, municipality: str | None = None, *, open_only: bool = True
    ) -> Sequence[tuple[Callback, Message]]:
        """By deadline, then arrival."""
        self._reach()
        wanted = [
            callback
            for callback in self.promises.values()
            if municipality in (None, callback.municipality) and (callback.state in OPEN_STATES or not open_only)
        ]
        ordered = sorted(wanted, key=lambda callback: (callback.act_by, callback.created_at, callback.id))
        return [(callback, latest) for callback in ordered if (latest := self._latest(callback.id))]

    async def untranscribed(self, limit: int = 20) -> Sequence[tuple[Call, Sequence[Turn], Message]]:
        """Messages without text, oldest first."""
        self._reach()
        waiting = [message for message in self.messages.values() if not message.recognised]
        waiting.sort(key=lambda message: message.received_at)
        return [(self.calls[message.id], self.turns[message.id], message) for message in waiting[:limit]]

    async def transcribed(self, call: Call, turns: Sequence[Turn], message: Message, callback: Callback | None) -> None:
        """Keep late text."""
        self._reach()
        self.turns[call.id] = tuple(turns)
        self._keep_message(message)
        old = self.promises.get(callback.id) if callback else None
        if callback and old and old.calls == 1 and old.is_open and not old.dialling:
            is_corrected = "phone" in self.messages[message.id].corrected
            number = old.number if is_corrected else callback.number
            news = {"number": number, "urgent": old.urgent or callback.urgent}
            self.promises[old.id] = replace(old, version=old.version + (number != old.number), **news)

    def _reach(self) -> None:
        if self.away:
            raise JournalError("the database did not take it")

    def _closed(self, call: Call) -> bool:
        known = self.calls.get(call.id)
        return known is not None and known.ended_at is not None

    def _keep_message(self, message: Message) -> None:
        if known := self.messages.get(message.id):
            kept = {name: getattr(known, name) for name in (*FILLED_BY_PEOPLE, *known.corrected)}
            message = replace(message, **kept)
        self.messages[message.id] = message

    def _promise(self, callback: Callback) -> str:
        if callback.state not in AWAITING_CALL:
            return self.promises.setdefault(callback.id, callback).id
        for known in self.promises.values():
            same = (known.municipality, known.number) == (callback.municipality, callback.number) and known.number
            if same and known.state in AWAITING_CALL and callback.origin is Origin.PROMISE:
                due, urgent = min(known.due_at, callback.due_at), known.urgent or callback.urgent
                self.promises[known.id] = replace(known, calls=known.calls + 1, due_at=due, urgent=urgent)
                return known.id
        self.promises[callback.id] = callback
        return callback.id

    def _latest(self, callback_id: str) -> Message | None:
        served = [self.messages[message] for message, callback in self.serves.items() if callback == callback_id]
        return max(served, key=lambda message: message.received_at, default=None)
