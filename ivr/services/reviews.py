"""The audit of recordings, for somebody who is signed in (clauses 17, 20)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.message import Message
from ivr.domain.review import Review, Why
from ivr.errors import RuleBroken
from ivr.ports import Announce, Clock
from ivr.ports.console import Conversation, Conversations
from ivr.ports.curator import Reviews
from ivr.services.audit import AccessLog

_AT_MOST = 50
_DRAWN_FROM = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A recording that is listened to."""

    review: Review
    message: Message
    conversation: Conversation | None


@dataclass(slots=True)
class Audit:
    """Chooses recordings, keeps grades, notes, questions and answers."""

    book: Reviews
    conversations: Conversations
    log: AccessLog
    clock: Clock
    announce: Announce

    async def draw(self, actor: Actor, why: Why, count: int) -> int:
        """Choose recordings of the last weeks at random among those that fit a rule; how many are new in the queue.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.MANAGE, Thing.REVIEW)
        town, now = actor.account.municipality, self.clock.now()
        found = await self.book.draw(town, now - _DRAWN_FROM, now, why, max(1, min(count, _AT_MOST)))
        chosen = [
            Review(uuid.uuid4().hex, town, message, why, operator, now, actor.account.name)
            for message, operator in found
        ]
        await self.log.note(actor, Deed.MANAGE, Thing.REVIEW, facts={"rule": why.value, "chosen": str(len(chosen))})
        return await self.book.add(chosen)

    async def queue(self, actor: Actor, *, done: bool) -> Sequence[tuple[Review, Message | None]]:
        """Those that wait, or those that were listened to, with their messages; the latest first.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.LIST, Thing.REVIEW)
        await self.log.note_once(actor, Deed.LIST, Thing.REVIEW)
        found = await self.book.page(actor.account.municipality, done=done)
        messages = {one.id: one for one in await self.conversations.messages_of([one.message for one in found])}
        return [(one, messages.get(one.message)) for one in found]

    async def view(self, actor: Actor, review: str) -> ReviewView:
        """One recording with its conversation.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such review in this town.
        """
        found = await self._found(actor, Deed.VIEW, review)
        message = await self.conversations.message(found.message)
        if message is None:
            raise RuleBroken("17", "there is no such message", "unknown")
        await self.log.note_once(actor, Deed.VIEW, Thing.REVIEW, review)
        calls = await self.conversations.find([found.message])
        return ReviewView(found, message, calls[0] if calls else None)

    async def grade(self, actor: Actor, review: str, grades: Mapping[str, str], note: str) -> Review:
        """Listened to.

        Raises:
            Forbidden: not for this role.
            RuleBroken: a point has no grade.
        """
        found = await self._found(actor, Deed.MANAGE, review)
        return await self._keep(
            actor, found.graded(grades, note, actor.account.name, self.clock.now()), Deed.MANAGE, "graded"
        )

    async def ask(self, actor: Actor, review: str, question: str) -> Review:
        """Ask the operator.

        Raises:
            Forbidden: not for this role.
            RuleBroken: no operator took the call, or there is no question.
        """
        found = await self._found(actor, Deed.MANAGE, review)
        return await self._keep(actor, found.ask(question, self.clock.now()), Deed.MANAGE, "asked")

    async def questions(self, actor: Actor) -> Sequence[Review]:
        """What the curator asks this operator.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.WORK, Thing.REVIEW)
        return await self.book.asked(actor.account.municipality, actor.account.name)

    async def answer(self, actor: Actor, review: str, text: str) -> Review:
        """The operator answers; nobody else does.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such question to this person, or no answer.
        """
        found = await self._found(actor, Deed.WORK, review)
        if found.operator != actor.account.name:
            raise RuleBroken("17", "there is no such question", "unknown")
        return await self._keep(actor, found.answered(text, self.clock.now()), Deed.WORK, "answered")

    async def _found(self, actor: Actor, deed: Deed, review: str) -> Review:
        actor.require(deed, Thing.REVIEW)
        found = await self.book.find(review)
        if found is None or not actor.sees(found.municipality):
            raise RuleBroken("17", "there is no such review", "unknown")
        return found

    async def _keep(self, actor: Actor, review: Review, deed: Deed, what: str) -> Review:
        await self.log.note(actor, deed, Thing.REVIEW, review.id, {"change": what})
        await self.book.keep(review)
        self.announce("review", {"review": review.id, "change": what})
        return review
