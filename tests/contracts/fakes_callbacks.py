"""The operators' side of the journal in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ivr.domain.attempt import Attempt, Means
from ivr.domain.callback import Callback, CallbackState, Move
from ivr.domain.case import Case
from ivr.domain.dial_plan import DialLimits
from ivr.domain.message import FILLED_BY_PEOPLE, Message
from ivr.domain.referral import Referral
from ivr.domain.turn import Turn
from ivr.domain.vocabulary import Status
from ivr.errors import RuleBroken
from tests.contracts.fakes_journal import MemoryJournal

_SETTLED = (Status.ANSWERED, Status.CLOSED, Status.NO_CONTACT)


class MemoryCallbackBook:
    """The port `CallbackBook` upon a journal in memory."""

    def __init__(self, journal: MemoryJournal) -> None:
        self._journal = journal
        self._attempts: dict[str, Attempt] = {}
        self._referrals: dict[str, Referral] = {}
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
        lengths = {message.id: self._journal.calls[message.id].recording_seconds for message in served}
        return Case(
            known,
            tuple(sorted(served, key=lambda message: message.received_at)),
            tuple(sorted(attempts, key=lambda attempt: attempt.started_at)),
            self._moves.get(callback, ()),
            tuple(referral for referral in self._referrals.values() if referral.callback == callback),
            {name: seconds for name, seconds in lengths.items() if seconds},
        )

    async def promise(self, callback: str) -> Callback | None:
        """Alone."""
        return self._journal.promises.get(callback)

    async def keep(
        self,
        seen: int,
        callback: Callback,
        record: Attempt | Referral | None = None,
        messages: Sequence[Message] = (),
        limits: DialLimits | None = None,
    ) -> bool:
        """The first step upon a version wins."""
        known = self._journal.promises[callback.id]
        if known.version != seen:
            return False
        if isinstance(record, Attempt) and limits:
            self._refuse_too_many(record, limits)
        theirs = {name: getattr(known, name) for name in ("number", "due_at", "calls", "urgent")}
        self._journal.promises[callback.id] = replace(callback, trail=(), **theirs)
        self._moves[callback.id] = (*self._moves.get(callback.id, ()), *callback.trail)
        if isinstance(record, Attempt):
            self._attempts[record.id] = record
        elif record:
            self._referrals[record.id] = record
        for message in messages:
            mine = {name: getattr(message, name) for name in (*FILLED_BY_PEOPLE, *message.corrected)}
            self._journal.messages[message.id] = replace(self._journal.messages[message.id], **mine)
        return True

    def _refuse_too_many(self, attempt: Attempt, limits: DialLimits) -> None:
        made = [
            other
            for other in self._attempts.values()
            if other.means is Means.LINE and other.started_at >= limits.since and other.id != attempt.id
        ]
        if len(made) >= limits.in_all:
            raise RuleBroken("13", "all calls of a day have been placed", "calls_of_all")
        if sum(other.operator == attempt.operator for other in made) >= limits.by_person:
            raise RuleBroken(
                "13", "this person has placed all calls of a day", "calls_of_person", count=limits.by_person
            )

    async def note(self, attempt: Attempt) -> None:
        """While it lasts."""
        if self._attempts[attempt.id].ended_at is None:
            self._attempts[attempt.id] = attempt

    async def unended(self, engine: str) -> Sequence[Attempt]:
        """In progress."""
        return [one for one in self._attempts.values() if one.engine == engine and one.ended_at is None]

    async def open(self, municipality: str) -> Sequence[Callback]:
        """By deadline, then arrival."""
        found = [known for known in self._open() if known.municipality == municipality]
        return sorted(found, key=lambda known: (known.act_by, known.created_at, known.id))

    async def named(self, municipality: str, prefix: str, at_most: int = 2) -> Sequence[str]:
        """By prefix."""
        known = [one.id for one in self._journal.promises.values() if one.municipality == municipality]
        return [key for key in known if prefix and key.startswith(prefix)][:at_most]

    async def answered_since(self) -> Sequence[tuple[Callback, str]]:
        """Rang again, and a person answered."""
        found: dict[str, tuple[Callback, str]] = {}
        calls = [call for call in self._journal.calls.values() if call.operator and call.ended_at]
        for known in self._open():
            numbers = {known.number} | {
                self._journal.messages[message].caller_number
                for message, owner in self._journal.serves.items()
                if owner == known.id
            }
            state = known.rests if known.state is CallbackState.TAKEN else known.state
            waits = state in (CallbackState.PROMISED, CallbackState.WAITING, CallbackState.UNREACHED)
            for call in calls:
                same = call.caller_number and call.caller_number in numbers and call.municipality == known.municipality
                if same and waits and not known.dialling and call.started_at > known.created_at:
                    found[known.id] = known, call.operator
        return list(found.values())

    async def owed(self, municipality: str, number: str) -> Sequence[Callback]:
        """Open promises to one number."""
        wanted = (municipality, number)
        return [known for known in self._open() if (known.municipality, known.number) == wanted]

    async def held(self) -> Sequence[Callback]:
        """Promises in work."""
        return [known for known in self._open() if known.holder or known.dialling]

    async def referrals(self, municipality: str, *, open_only: bool = True) -> Sequence[tuple[Referral, Message]]:
        """Questions passed on."""
        owners = {known.id for known in self._journal.promises.values() if known.municipality == municipality}
        live = {known.id for known in self._open()}
        found = [
            referral
            for referral in self._referrals.values()
            if referral.callback in owners and (not open_only or (referral.is_open and referral.callback in live))
        ]
        found.sort(key=lambda referral: (referral.due_at, referral.id))
        return [(referral, self._journal.messages[referral.callback]) for referral in found]

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


class MemoryTalkBook:
    """The port `TalkBook`."""

    def __init__(self) -> None:
        self.talks: dict[str, tuple[Turn, ...]] = {}

    async def keep_talk(self, attempt: str, turns: Sequence[Turn]) -> None:
        """In place of what was there."""
        self.talks[attempt] = tuple(turns)

    async def talk(self, attempt: str) -> Sequence[Turn]:
        """In order."""
        return sorted(self.talks.get(attempt, ()), key=lambda turn: turn.number)

    async def untranscribed_talks(self, limit: int = 20) -> Sequence[tuple[str, Sequence[Turn]]]:
        """Not heard yet."""
        found = [(key, turns) for key, turns in self.talks.items() if not all(turn.recognised for turn in turns)]
        return found[:limit]
