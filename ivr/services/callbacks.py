"""The operators' verbs: take a callback, try to reach the citizen, fill in the card (clauses 13, 14, 20, 21)."""

from __future__ import annotations

import contextlib
import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from ivr.domain.attempt import Attempt, Failing
from ivr.domain.callback import AWAITING_CALL, Callback, CallbackState
from ivr.domain.card import Card, RepeatProposal, Rulebook, marked, propose_repeat, settle, status_of, written
from ivr.domain.case import Case
from ivr.domain.dial_plan import DialLimits
from ivr.domain.message import Message
from ivr.domain.municipality import Municipalities
from ivr.domain.people import Person
from ivr.domain.referral import Referral
from ivr.domain.vocabulary import MARKED_BY_HAND, AttemptOutcome
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
        if glanced := await self.book.promise(callback):
            glanced.take(who, now, self.idle)  # who comes too late need not read the rest
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

    async def dial(
        self, callback: str, who: Person, number: str = "", engine: str = "", limits: DialLimits | None = None
    ) -> Attempt:
        """Begin an attempt on the line; its facts come by `progress` and `hang_up`.

        Args:
            number: another number of the citizen's than the promise's own.

        Raises:
            RuleBroken: not taken, no number, dialled already, before the window, or enough calls for a day.
        """
        name, now = uuid.uuid4().hex, self.clock.now()
        case = await self._step(
            callback, lambda case: _Step(*case.callback.dial(name, who, now, number=number, engine=engine)), limits
        )
        return next(attempt for attempt in case.attempts if attempt.id == name)

    async def progress(self, attempt: Attempt) -> None:
        """Keep what the line has told so far of an attempt in progress, so that a killed engine loses no fact."""
        await self.book.note(attempt)

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
            RuleBroken: as `dial`, or the time given lies in the future or before the citizen's call, or this is nothing
                that an operator marks.
        """
        if outcome not in MARKED_BY_HAND:
            known = ", ".join(MARKED_BY_HAND)
            raise RuleBroken("13", f"choose one of {known}", "not_in_list", word=outcome.value, known=known)
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

        def decide(case: Case) -> _Step:
            book = self.rulebook.of(case.callback.municipality)
            whole = replace(card, executor=book.directory.named(card.executor or "") or None)
            ready = marked(whole, case)
            after = settle(case.callback, ready, case.attempts, who, now, book)
            rows = [written(message, ready, after, case.attempts, who.name) for message in case.messages]
            asked = self._asked(case, after, ready, who, now) if after.state is CallbackState.PASSED_ON else None
            return _Step(after, asked, rows)

        return await self._step(callback, decide)

    async def reopen(self, callback: str, who: Person) -> Case:
        """Take back what a card did: by who filled it in, within 15 minutes, or by a curator.

        Raises:
            RuleBroken: no card was filled in since, another did it, or it was long ago.
        """
        now = self.clock.now()
        return await self._step(callback, lambda case: self._reopened(case, who, now))

    async def undo(self, callback: str, who: Person) -> Case:
        """Take back the last step: what a card did, or an attempt by another telephone that was marked by mistake.

        Raises:
            RuleBroken: the last step is none of these, another made it, or it was long ago.
        """
        now = self.clock.now()

        def decide(case: Case) -> _Step:
            if mistaken := case.mistaken:
                return _Step(*case.callback.retract(who, now, *mistaken, case.before(mistaken[1])))
            return self._reopened(case, who, now)

        return await self._step(callback, decide)

    def _reopened(self, case: Case, who: Person, now: datetime) -> _Step:
        """The card is to be filled in anew; what was asked of an executor is withdrawn."""
        last = case.moves[-1] if case.moves else None
        after = case.callback.reopen(who, now, last, case.card_by(self.rulebook.rules))
        asked = case.asked if case.callback.state is CallbackState.PASSED_ON else None
        withdrawn = replace(asked, withdrawn_at=now) if asked else None
        rows = [
            replace(message, status=status_of(after), operator=after.holder or message.operator, feedback_due_at=None)
            for message in case.messages
        ]
        return _Step(after, withdrawn, rows)

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
        now, closed = self.clock.now(), 0
        known = await self.book.owed(municipality, number) if number else []
        owed = [callback for callback in known if callback.state in _OWES_A_CALL]
        for callback in owed:
            with contextlib.suppress(RuleBroken):  # a colleague has just closed it, or is calling
                await self._step(callback.id, lambda case: _Step(case.callback.called_himself(now, answered_by)))
                closed += 1
        return closed

    async def propose_repeat(self, message: Message) -> RepeatProposal:
        """Whether this message repeats an earlier one; the operator decides (interpretation 16)."""
        since = message.received_at - timedelta(days=_REPEAT_DAYS)
        return propose_repeat(message, await self.book.kin(message, since), _REPEAT_DAYS)

    async def lost(self, attempt: Attempt) -> None:
        """Its engine died: what the line had told until then counts."""
        outcome = AttemptOutcome.ANSWERED if attempt.answered_at else AttemptOutcome.ABANDONED
        with contextlib.suppress(RuleBroken):
            await self.hang_up(replace(attempt, failing=Failing.LOST), outcome)

    async def sweep(self) -> int:
        """Free claims whose holders do nothing, end attempts that never ended, close what is owed to citizens who rang
        themselves; how many."""
        now, done = self.clock.now(), 0
        for callback in await self.book.held():
            try:
                done += await self._free(callback, now)
            except RuleBroken:  # its holder came back in the meantime
                continue
        for callback, operator in await self.book.answered_since():
            with contextlib.suppress(RuleBroken):
                await self._step(callback.id, partial(self._rang, operator, now))
                done += 1
        return done

    @staticmethod
    def _rang(operator: str, now: datetime, case: Case) -> _Step:
        return _Step(case.callback.called_himself(now, operator))

    async def _free(self, callback: Callback, now: datetime) -> bool:
        if callback.dialling and now - (callback.touched_at or now) >= _LONGEST_ATTEMPT:
            case = await self.case(callback.id)
            await self.lost(next(attempt for attempt in case.attempts if attempt.id == callback.dialling))
            return True
        if callback.idle_at(now, self.idle) and callback.may_be_freed:
            await self._step(callback.id, lambda case: _Step(self._freed(case.callback, now)))
            return True
        return False

    def _freed(self, callback: Callback, now: datetime) -> Callback:
        if not callback.idle_at(now, self.idle):
            raise RuleBroken("13", "its holder is at work again", "taken", holder=callback.holder)
        return callback.release(Person(callback.holder), now, "idle")

    def follow(self, served: Municipalities) -> None:
        """From the next step on the hours are these."""
        self.rulebook = self.rulebook.with_hours(served)

    async def _step(self, callback: str, decide: _Decide, limits: DialLimits | None = None) -> Case:
        for _ in range(_TRIES):
            case = await self.case(callback)
            step = decide(case)
            rows = self._rows(case, step)
            if await self.book.keep(case.callback.version, step.callback, step.record, rows, limits):
                after = step.callback
                log.info("callback moved", extra={"action": "callback_moved", "code": after.state, "call": after.id})
                facts = {"callback": after.id, "state": after.state.value, "municipality": after.municipality}
                self.announce("callback_moved", facts)
                return case.after(after, step.record, rows)
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
