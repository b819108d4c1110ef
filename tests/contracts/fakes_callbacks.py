"""The operators' side of the journal in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ivr.domain.attempt import Attempt
from ivr.domain.callback import Callback, Move
from ivr.domain.case import Case
from ivr.domain.message import FILLED_BY_PEOPLE, Message
from ivr.domain.vocabulary import Status
from tests.contracts.fakes_journal import MemoryJournal

_SETTLED = (Status.ANSWERED, Status.CLOSED, Status.NO_CONTACT)


class MemoryCallbackBook:
    """The port `CallbackBook` upon a journal in memory."""

    def __init__(self, journal: MemoryJournal) -> None:
        self._journal = journal
        self._attempts: dict[str, Attempt] = {}
        self._moves: dict[str, tuple[Move, ...]] = {}

    async def find(self, callback: str) -> Case | None:
        """One promise."""
        known = self._journal.promises.get(callback)
        if known is None:
            return None
        served = [
            self._journal.messages[message] for message, owner in self._journal.serves.items() if owner == known.id
        ]
        attempts = [attempt for attempt in self._attempts.values() if attempt.callback == callback]
        return Case(
            known,
            tuple(sorted(served, key=lambda message: message.received_at)),
            tuple(sorted(attempts, key=lambda attempt: attempt.started_at)),
            self._moves.get(callback, ()),
        )

    async def keep(
        self, seen: int, callback: Callback, attempt: Attempt | None = None, messages: Sequence[Message] = ()
    ) -> bool:
        """The first step upon a version wins."""
        known = self._journal.promises[callback.id]
        if known.version != seen:
            return False
        theirs = {name: getattr(known, name) for name in ("number", "due_at", "calls", "urgent")}
        self._journal.promises[callback.id] = replace(callback, trail=(), **theirs)
        self._moves[callback.id] = (*self._moves.get(callback.id, ()), *callback.trail)
        if attempt:
            self._attempts[attempt.id] = attempt
        for message in messages:
            mine = {name: getattr(message, name) for name in (*FILLED_BY_PEOPLE, *message.corrected)}
            self._journal.messages[message.id] = replace(self._journal.messages[message.id], **mine)
        return True

    async def owed(self, municipality: str, number: str) -> Sequence[Callback]:
        """Open promises to one number."""
        wanted = (municipality, number)
        return [known for known in self._open() if (known.municipality, known.number) == wanted]

    async def held(self) -> Sequence[Callback]:
        """Promises in work."""
        return [known for known in self._open() if known.holder or known.dialling]

    async def kin(self, message: Message, since: datetime) -> Sequence[Message]:
        """Earlier rows of the same phone or name."""
        return [other for other in self._journal.messages.values() if _akin(message, other, since)]

    def _open(self) -> list[Callback]:
        return sorted(
            (known for known in self._journal.promises.values() if known.is_open), key=lambda known: known.created_at
        )


def _akin(message: Message, other: Message, since: datetime) -> bool:
    number, name = message.number_to_call, message.name
    same_phone = number and number in (other.phone and other.phone.e164, other.caller_number)
    same_name = name and name.surname and other.name and other.name.surname == name.surname
    same_name = same_name and name and other.name and other.name.name == name.name
    earlier = other.id != message.id and other.received_at <= message.received_at
    live = other.received_at >= since or other.status not in _SETTLED
    return bool(same_phone or same_name) and earlier and live and other.municipality == message.municipality
