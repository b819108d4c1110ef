"""The operators' verbs: take a callback, try to reach the citizen, fill in the card (clauses 13, 14, 20, 21)."""

from __future__ import annotations

import contextlib
import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ivr.domain.attempt import Attempt
from ivr.domain.callback import AWAITING_CALL, Callback, CallbackState
from ivr.domain.card import Card, RepeatProposal, Rulebook, propose_repeat, settle, status_of, written
from ivr.domain.case import Case
from ivr.domain.message import Message
from ivr.domain.people import Person
from ivr.domain.referral import Referral
from ivr.domain.vocabulary import AttemptOutcome
from ivr.errors import JournalError, RuleBroken
from ivr.ports import Announce, CallbackBook, Clock

log = logging.getLogger(__name__)

_TRIES = 20
_LONGEST_ATTEMPT = timedelta(hours=1)
_REPEAT_DAYS = 30
_OWES_A_CALL = (*AWAITING_CALL, CallbackState.UNREACHED)


@dataclass(frozen=True, slots=True)
class _Step:
    """What a verb decided: the promise after it, and what else is to be kept with it."""

    callback: Callback
    record: Attempt | Referral | None = None
    messages: Sequence[Message] | None = None  # None: only their status and operator follow the promise


_Decide = Callable[[Case], _Step]


@dataclass(slots=True)
class CallbackDesk:
    """Where callbacks are worked on. Every verb is safe under any race: of two steps upon one state, one wins, and the
    other is decided anew upon what the first has left.

    Attributes:
        idle: a claim whose holder does nothing for this long is free again.
        announce: told of every step, for those who look at the list.
    """

    book: CallbackBook
    clock: Clock
    rulebook: Rulebook
    idle: timedelta = field(default=timedelta(minutes=15))
    announce: Announce = lambda _action, _facts: None

    async def case(self, callback: str) -> Case:
        """All that is known of one promise.

        Raises:
            RuleBroken: there is no such callback.
        """
        case = await self.book.find(callback)
        if case is None:
            raise RuleBroken("13", "there is no such callback", "unknown")
        return case

    async def take(self, callback: str, who: Person) -> Case:
        """Claim it.

        Raises:
            RuleBroken: another has it, or it is closed.
        """
        now = self.clock.now()
        return await self._step(callback, lambda case: _Step(case.callback.take(who, now, self.idle)))

    async def release(self, callback: str, who: Person) -> Case:
        """Give it back to all.

        Raises:
            RuleBroken: it is not theirs to give.
        """
        now = self.clock.now()
        return await self._step(callback, lambda case: _Step(case.callback.release(who, now)))

    async def hand_over(self, callback: str, to: Person, by: Person) -> Case:
        """Give it to a colleague.

        Raises:
            RuleBroken: it is not theirs to give.
        """
        now = self.clock.now()
        return await self._step(callback, lambda case: _Step(case.callback.hand_over(to, by, now)))

    async def dial(self, callback: str, who: Person) -> Attempt:
        """Begin an attempt on the line; its facts come by `hang_up`.

        Raises:
            RuleBroken: not taken, no number, dialled already, or before the window.
        """
        number, now = uuid.uuid4().hex, self.clock.now()
        case = await self._step(callback, lambda case: _Step(*case.callback.dial(number, who, now)))
        return next(attempt for attempt in case.attempts if attempt.id == number)

    async def hang_up(self, attempt: Attempt, outcome: AttemptOutcome) -> Case:
        """End the attempt with what the line says of it.

        Raises:
            RuleBroken: it is over already.
        """
        now = self.clock.now()
        book = self.rulebook
        return await self._step(
            attempt.callback,
            lambda case: _Step(
                *case.callback.hang_up(attempt, outcome, now, book.calendar_of(case.callback), book.rules)
            ),
        )

    async def attempted(
        self, callback: str, who: Person, outcome: AttemptOutcome, started_at: datetime | None = None
    ) -> Case:
        """Mark an attempt made by another telephone; it is shown as such.

        Args:
            started_at: when it began, if not now.

        Raises:
            RuleBroken: as `dial`, or the time given lies in the future or before the citizen's call.
        """
        now, number, book = self.clock.now(), uuid.uuid4().hex, self.rulebook
        started = started_at or now

        def decide(case: Case) -> _Step:
            last = max((over.ended_at or over.started_at for over in case.attempts), default=case.callback.created_at)
            if not last <= started <= now:
                raise RuleBroken("app.2", "the attempt's time lies in the future or before the last one", "bad_time")
            taken = case.callback.take(who, now, self.idle)
            dialled, begun = taken.dial(number, who, started, other_phone=True)
            return _Step(*dialled.hang_up(begun, outcome, now, book.calendar_of(taken), book.rules))

        return await self._step(callback, decide)

    async def close(self, callback: str, who: Person, card: Card) -> Case:
        """Fill in the card: the promise is closed, planned anew, passed on, or closed without contact.

        Raises:
            RuleBroken: something demanded is missing, or the step is not allowed.
        """
        now = self.clock.now()
        whole = replace(card, executor=self.rulebook.directory.named(card.executor or "") or None)

        def decide(case: Case) -> _Step:
            after = settle(case.callback, whole, case.attempts, who, now, self.rulebook)
            rows = [written(message, whole, after, case.attempts, who.name) for message in case.messages]
            asked = self._asked(case, after, whole, who, now) if after.state is CallbackState.PASSED_ON else None
            return _Step(after, asked, rows)

        return await self._step(callback, decide)

    async def reopen(self, callback: str, who: Person) -> Case:
        """Undo a closing: by who closed it, at once; the card is to be filled in anew.

        Raises:
            RuleBroken: it is open, another closed it, or it was closed long ago.
        """
        now = self.clock.now()

        def decide(case: Case) -> _Step:
            return _Step(case.callback.reopen(who, now, case.moves[-1] if case.moves else None))

        return await self._step(callback, decide)

    @staticmethod
    def _asked(case: Case, after: Callback, card: Card, who: Person, at: datetime) -> Referral:
        """What the executor is asked: the operator's words, else the citizen's."""
        said = case.latest.gist or case.latest.text if case.latest else ""
        return Referral(
            uuid.uuid4().hex, after.id, card.executor or "", card.comment.strip() or said, who.name, at, after.act_by
        )

    async def executor_answered(self, callback: str, who: Person, answer: str) -> Case:
        """Write down what the executor answered; the citizen is to be told of it by a call (clauses 20.5, 21).

        Raises:
            RuleBroken: nothing was asked, it is answered already, or the answer is empty.
        """
        now = self.clock.now()

        def decide(case: Case) -> _Step:
            after = case.callback.executor_answered(now, who.name)
            if case.asked is None:
                raise RuleBroken("20.5", "the executor has answered already", "answered_already")
            return _Step(after, case.asked.answered(answer, who.name, now))

        return await self._step(callback, decide)

    async def called_himself(self, municipality: str, number: str, answered_by: str) -> int:
        """A citizen rang and a person answered: the calls he was owed are needless; how many (interpretation 4). What
        else is open stays: a card to fill in, a question with an executor."""
        now = self.clock.now()
        known = await self.book.owed(municipality, number) if number else []
        owed = [callback for callback in known if callback.state in _OWES_A_CALL]
        for callback in owed:
            with contextlib.suppress(RuleBroken):  # a colleague has just closed it
                await self._step(callback.id, lambda case: _Step(case.callback.called_himself(now, answered_by)))
        return len(owed)

    async def propose_repeat(self, message: Message) -> RepeatProposal:
        """Whether this message repeats an earlier one; the operator decides (interpretation 16)."""
        since = message.received_at - timedelta(days=_REPEAT_DAYS)
        return propose_repeat(message, await self.book.kin(message, since), _REPEAT_DAYS)

    async def sweep(self) -> int:
        """Free claims whose holders do nothing, and attempts that never ended (a killed engine); how many."""
        now, done = self.clock.now(), 0
        for callback in await self.book.held():
            try:
                done += await self._free(callback, now)
            except RuleBroken:  # its holder came back in the meantime
                continue
        return done

    async def _free(self, callback: Callback, now: datetime) -> bool:
        if callback.dialling and now - (callback.touched_at or now) >= _LONGEST_ATTEMPT:
            case = await self.case(callback.id)
            lost = next(attempt for attempt in case.attempts if attempt.id == callback.dialling)
            await self.hang_up(lost, AttemptOutcome.ABANDONED)
            return True
        if callback.idle_at(now, self.idle) and callback.may_be_freed:
            await self._step(callback.id, lambda case: _Step(self._freed(case.callback, now)))
            return True
        return False

    def _freed(self, callback: Callback, now: datetime) -> Callback:
        if not callback.idle_at(now, self.idle):
            raise RuleBroken("13", "its holder is at work again", "taken", holder=callback.holder)
        return callback.release(Person(callback.holder), now, "idle")

    async def _step(self, callback: str, decide: _Decide) -> Case:
        for _ in range(_TRIES):
            case = await self.case(callback)
            step = decide(case)
            rows = self._rows(case, step)
            if await self.book.keep(case.callback.version, step.callback, step.record, rows):
                after = step.callback
                log.info("callback moved", extra={"action": "callback_moved", "code": after.state, "call": after.id})
                self.announce("callback_moved", {"callback": after.id, "state": after.state.value})
                return await self.case(callback)
        raise JournalError("the callback is changed by others all the time: try again")

    @staticmethod
    def _rows(case: Case, step: _Step) -> Sequence[Message]:
        """The rows of appendix 2 follow the promise."""
        if step.messages is not None:
            return step.messages
        status, operator = status_of(step.callback), step.callback.holder or None
        return [
            replace(message, status=status, operator=operator or message.operator)
            for message in case.messages
            if (message.status, message.operator) != (status, operator)
        ]
