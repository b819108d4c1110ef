"""The operators' place of work, for somebody who is signed in: every verb asks who it is, and writes it down.

The verbs themselves are `CallbackDesk`'s; here stand the right to them, the town, and the access log.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.attempt import Attempt
from ivr.domain.call import Call
from ivr.domain.callback import Callback
from ivr.domain.card import Card, RepeatProposal
from ivr.domain.case import Case
from ivr.domain.correction import Correction, FieldValue, corrected
from ivr.domain.message import Message
from ivr.domain.people import Person, Role
from ivr.domain.vocabulary import AttemptOutcome, Kind
from ivr.domain.worklist import Place, Shown, WorkCounts, WorkQuery, WorkRow
from ivr.errors import RuleBroken
from ivr.ports import Announce
from ivr.ports.console import Conversation, Conversations, CorrectionBook, Worklist
from ivr.services.audit import AccessLog
from ivr.services.callbacks import CallbackDesk
from ivr.services.people import People

_PAGE = 50
_EARLIER = 10


@dataclass(frozen=True, slots=True)
class WorkPage:
    """A page of the list; `next` is None on the last one."""

    rows: Sequence[WorkRow]
    counts: WorkCounts
    now: datetime
    next: Place | None = None


@dataclass(frozen=True, slots=True)
class CardView:
    """All that a card shows.

    Attributes:
        conversations: the calls of the case with their turns, oldest first.
        earlier: other messages of the same citizen, the latest first.
    """

    case: Case
    message: Message
    conversations: Sequence[Conversation]
    corrections: Sequence[Correction]
    proposal: RepeatProposal
    earlier: Sequence[Message]
    now: datetime


@dataclass(slots=True)
class Workplace:
    """Callbacks and cards."""

    desk: CallbackDesk
    worklist: Worklist
    conversations: Conversations
    corrections: CorrectionBook
    people: People
    log: AccessLog
    announce: Announce
    municipality: str

    async def page(
        self, actor: Actor, shown: Shown = Shown.ALL, words: str = "", after: Place | None = None
    ) -> WorkPage:
        """A page of the list.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.LIST, Thing.CALLBACK)
        now = self.desk.clock.now()
        query = WorkQuery(actor.account.municipality, now, shown, actor.account.name, words)
        facts = {"shown": shown.value} | ({"searched": "yes"} if words else {})
        await self.log.note_once(actor, Deed.LIST, Thing.CALLBACK, facts=facts)
        rows = await self.worklist.rows(query, after, _PAGE + 1)
        more = rows[_PAGE - 1].place if len(rows) > _PAGE else None
        return WorkPage(rows[:_PAGE], await self.worklist.counts(query), now, more)

    async def open_counts(self) -> WorkCounts:
        """Bare figures of the house, for whoever watches the machine."""
        return await self.worklist.counts(WorkQuery(self.municipality, self.desk.clock.now()))

    async def card(self, actor: Actor, callback: str) -> CardView:
        """Everything about one promise.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such callback in this town.
        """
        case = await self.case(actor, callback)
        await self.log.note_once(actor, Deed.VIEW, Thing.CALLBACK, callback)
        message = case.latest
        if message is None:
            raise RuleBroken("13", "there is no such callback", "unknown")
        ids = [one.id for one in case.messages]
        kin = await self.conversations.earlier(message, _EARLIER + len(ids))
        earlier = [other for other in kin if other.id not in ids][:_EARLIER]
        return CardView(
            case, message, await self.conversations.find(ids), await self.corrections.of(ids),
            await self.desk.propose_repeat(case.messages[0]), earlier, self.desk.clock.now(),
        )  # fmt: skip

    async def case(self, actor: Actor, callback: str, deed: Deed = Deed.VIEW) -> Case:
        """A promise that this person may look at, or work on.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such callback in this town.
        """
        actor.require(deed, Thing.CALLBACK)
        case = await self.desk.case(callback)
        if not actor.sees(case.callback.municipality):
            raise RuleBroken("13", "there is no such callback", "unknown")
        return case

    async def take(self, actor: Actor, callback: str) -> Case:
        """Claim it; see `CallbackDesk.take`."""
        await self._begin(actor, callback, "take")
        return await self.desk.take(callback, actor.account.person)

    async def release(self, actor: Actor, callback: str) -> Case:
        """Give it back to all; see `CallbackDesk.release`."""
        await self._begin(actor, callback, "release")
        return await self.desk.release(callback, actor.account.person)

    async def hand_over(self, actor: Actor, callback: str, to: str) -> Case:
        """Give it to a colleague; see `CallbackDesk.hand_over`.

        Raises:
            RuleBroken: besides what the desk refuses: nobody of this name keeps promises here.
        """
        await self.case(actor, callback, Deed.WORK)
        if to not in await self.people.colleagues(actor):
            raise RuleBroken("13", "there is no such colleague", "unknown_person")
        await self._begin(actor, callback, "hand_over")
        return await self.desk.hand_over(callback, Person(to), actor.account.person)

    async def attempted(
        self, actor: Actor, callback: str, outcome: AttemptOutcome, started_at: datetime | None = None
    ) -> Case:
        """Mark an attempt by another telephone; see `CallbackDesk.attempted`."""
        await self._begin(actor, callback, "attempted")
        return await self.desk.attempted(callback, actor.account.person, outcome, started_at)

    async def close(self, actor: Actor, callback: str, card: Card) -> Case:
        """Fill in the card; see `CallbackDesk.close`."""
        await self._begin(actor, callback, "card")
        return await self.desk.close(callback, actor.account.person, card)

    async def reopen(self, actor: Actor, callback: str) -> Case:
        """Undo a closing of one's own; see `Callback.reopen`."""
        await self._begin(actor, callback, "reopen")
        return await self.desk.reopen(callback, actor.account.person)

    async def undo_step(self, actor: Actor, callback: str) -> Case:
        """Take back the last step of one's own; see `CallbackDesk.undo`."""
        await self._begin(actor, callback, "undo")
        return await self.desk.undo(callback, actor.account.person)

    async def asked(self, actor: Actor, callback: str) -> Case:
        """The promise whose question goes to an executor as a sheet; see `CallbackDesk.close`.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such callback in this town, or nothing was passed on.
        """
        case = await self.case(actor, callback, Deed.WORK)
        if not case.referrals or case.latest is None:
            raise RuleBroken("20.5", "this question was not passed on", "unknown_referral")
        await self.log.note(actor, Deed.EXPORT, Thing.CALLBACK, callback, {"verb": "sheet"})
        return case

    async def executor_answered(self, actor: Actor, callback: str, answer: str) -> Case:
        """Write down an executor's answer; see `CallbackDesk.executor_answered`."""
        await self._begin(actor, callback, "answer")
        return await self.desk.executor_answered(callback, actor.account.person, answer)

    async def attempts(self, actor: Actor, callback: str) -> Sequence[Attempt]:
        """Attempts of one promise, oldest first."""
        case = await self.case(actor, callback)
        await self.log.note_once(actor, Deed.VIEW, Thing.CALLBACK, callback)
        return case.attempts

    async def message(self, actor: Actor, message: str) -> Message:
        """One row of appendix 2.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such message in this town.
        """
        actor.require(Deed.VIEW, Thing.MESSAGE)
        found = await self._message(actor, message)
        await self.log.note_once(actor, Deed.VIEW, Thing.MESSAGE, message)
        return found

    async def messages(
        self, actor: Actor, before: tuple[datetime, str] | None = None, limit: int = _PAGE
    ) -> Sequence[Message]:
        """Rows of appendix 2, the newest first.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.LIST, Thing.MESSAGE)
        await self.log.note_once(actor, Deed.LIST, Thing.MESSAGE)
        return await self.conversations.messages(actor.account.municipality, before=before, limit=limit)

    async def calls(
        self, actor: Actor, before: tuple[datetime, str] | None = None, limit: int = _PAGE
    ) -> Sequence[Call]:
        """Calls, the newest first.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.LIST, Thing.CALL)
        await self.log.note_once(actor, Deed.LIST, Thing.CALL)
        return await self.conversations.calls(actor.account.municipality, before=before, limit=limit)

    async def conversation(self, actor: Actor, call: str) -> Conversation:
        """A call with its turns.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such call in this town.
        """
        actor.require(Deed.VIEW, Thing.CALL)
        found = await self.conversations.find([call])
        if not found or not actor.sees(found[0].call.municipality):
            raise RuleBroken("20", "there is no such call", "unknown")
        await self.log.note_once(actor, Deed.VIEW, Thing.CALL, call)
        return found[0]

    async def correct(self, actor: Actor, message: str, field: str, value: FieldValue) -> Correction:
        """Put a field right; both versions are kept, and a corrected number is the one that is dialled.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such message or field, the value will not do, or a colleague was quicker.
        """
        actor.require(Deed.WORK, Thing.MESSAGE)
        seen = await self._message(actor, message)
        if field == "topic" and isinstance(value, str):
            self.desk.rulebook.vocabulary.term(Kind.TOPICS, value)
        after = corrected(seen, field, value)
        now, person = self.desk.clock.now(), actor.account.person
        callback = await self._renumbered(seen, after, person, now)
        correction = Correction(uuid.uuid4().hex, message, field, getattr(seen, field), value, person.name, now)
        await self.log.note(actor, Deed.WORK, Thing.MESSAGE, message, {"field": field})
        if not await self.corrections.correct(correction, after, callback):
            raise RuleBroken("20.1", "a colleague has just changed it: look again", "changed_meanwhile")
        facts = {"message": message, "field": field, "municipality": seen.municipality}
        self.announce("message_corrected", facts)
        return correction

    async def undo(self, actor: Actor, message: str, correction: str) -> Correction:
        """Put back what stood there before a correction, if nobody has corrected it again since.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such correction, or it is not the last one of its field.
        """
        actor.require(Deed.WORK, Thing.MESSAGE)
        await self._message(actor, message)
        known = {one.id: one for one in await self.corrections.of([message])}
        wrong = known.get(correction)
        if wrong is None or [one.id for one in known.values() if one.field == wrong.field][-1] != correction:
            raise RuleBroken("20.1", "it was corrected again since: look again", "changed_meanwhile")
        return await self.correct(actor, message, wrong.field, wrong.before)

    async def _begin(self, actor: Actor, callback: str, verb: str) -> None:
        case = await self.case(actor, callback, Deed.WORK)
        facts = {"verb": verb}
        if case.callback.holder not in ("", actor.account.name) and Role.CURATOR in actor.account.roles:
            facts["overrules"] = "yes"
        await self.log.note(actor, Deed.WORK, Thing.CALLBACK, callback, facts)

    async def _message(self, actor: Actor, message: str) -> Message:
        found = await self.conversations.message(message)
        if found is None or not actor.sees(found.municipality):
            raise RuleBroken("20", "there is no such message", "unknown")
        return found

    async def _renumbered(self, seen: Message, after: Message, by: Person, at: datetime) -> tuple[int, Callback] | None:
        if seen.number_to_call == after.number_to_call:
            return None
        owner = await self.conversations.callback_of(seen.id)
        case = await self.desk.book.find(owner) if owner else None
        if case is None or case.callback.number != seen.number_to_call:
            return None
        return case.callback.version, case.callback.renumbered(after.number_to_call, by, at)
