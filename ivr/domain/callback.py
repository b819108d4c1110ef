"""A promise to call a citizen back, and its life (clauses 12–14, 20, 21).

promised ─> taken ─> reached ─> closed
   ^          │        ├─> planned ─> taken …      a call at an agreed time («необходимо перезвонить»)
   └─released─┤        └─> passed_on ─> taken …    an executor prepares the answer (clause 20.5)
              ├─> waiting ─> taken …               not reached: the next attempt has its window (clause 13)
              └─> unreached ─> no_contact          the third failure: the result is to be written
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ivr.domain.attempt import Attempt, Means
from ivr.domain.calendar import WorkingCalendar
from ivr.domain.deadlines import Window, attempt_window
from ivr.domain.message import Message
from ivr.domain.people import Person, Role
from ivr.domain.regulation import Regulation
from ivr.domain.vocabulary import AttemptOutcome, Status
from ivr.errors import RuleBroken


class CallbackState(StrEnum):
    """Where a promise stands."""

    PROMISED = "promised"
    TAKEN = "taken"
    WAITING = "waiting"  # not reached; the next attempt has its window
    REACHED = "reached"  # spoken to; the card is to be filled in
    UNREACHED = "unreached"  # three failures; the card is to be filled in
    PLANNED = "planned"  # the citizen expects a call at an agreed time
    PASSED_ON = "passed_on"  # the question is with an executor
    CLOSED = "closed"
    NO_CONTACT = "no_contact"


_S = CallbackState
OPEN_STATES = tuple(state for state in _S if state not in (_S.CLOSED, _S.NO_CONTACT))
AWAITING_CALL = (_S.PROMISED, _S.TAKEN, _S.WAITING)
"""A new call of the same number joins a promise in these states; in any other it makes a promise of its own."""

STATUS_OF: Mapping[CallbackState, Status] = {
    _S.PROMISED: Status.NEW,
    _S.TAKEN: Status.IN_WORK,
    _S.WAITING: Status.AWAITING_CALL,
    _S.REACHED: Status.IN_WORK,
    _S.UNREACHED: Status.IN_WORK,
    _S.PLANNED: Status.AWAITING_CALL,
    _S.PASSED_ON: Status.PASSED_ON,
    _S.CLOSED: Status.CLOSED,
    _S.NO_CONTACT: Status.NO_CONTACT,
}
"""Column «Статус» of appendix 2 (interpretation 17)."""

_MOVES: Mapping[CallbackState, tuple[CallbackState, ...]] = {
    _S.PROMISED: (_S.TAKEN, _S.CLOSED),
    _S.TAKEN: (*OPEN_STATES, _S.CLOSED),
    _S.WAITING: (_S.TAKEN, _S.CLOSED),
    _S.REACHED: (_S.REACHED, _S.PLANNED, _S.PASSED_ON, _S.CLOSED),
    _S.UNREACHED: (_S.UNREACHED, _S.REACHED, _S.CLOSED, _S.NO_CONTACT),
    _S.PLANNED: (_S.TAKEN, _S.CLOSED),
    _S.PASSED_ON: (_S.PASSED_ON, _S.TAKEN, _S.CLOSED),
    _S.CLOSED: (_S.REACHED,),  # a slip of the hand, put right at once
    _S.NO_CONTACT: (_S.UNREACHED,),
}
_SECOND_THOUGHTS = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a promise's life, kept for ever: from where, to where, when, by whom, why."""

    number: int
    before: CallbackState
    after: CallbackState
    at: datetime
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Callback:
    """One promise. Every change of state goes through one door (`_move`) and leaves its trail.

    Attributes:
        id: opaque; equal to the id of the first message it serves.
        number: whom to call, E.164 or as it came; "" when no number is known (the row still waits for a person).
        due_at: legal deadline of the first attempt, UTC (clause 13).
        because: the deadline explained, codes with dates, for people to read.
        calls: how many calls it gathers (interpretation 5).
        urgent: emergency words were heard (interpretation 24).
        holder: who has taken it, "" nobody; `touched_at` is the holder's last act.
        rests: the state it returns to when its holder lets go.
        failures: attempts in vain since it was last reached.
        opens_at, closes_at: when the next call is to be made, None before the first attempt.
        dialling: id of the attempt in progress, "" when none.
        version: steps so far; whoever changes a promise names the version he saw, so one of two wins.
        trail: steps not kept yet.
    """

    id: str
    municipality: str
    number: str
    created_at: datetime
    due_at: datetime
    because: tuple[str, ...] = ()
    state: CallbackState = CallbackState.PROMISED
    calls: int = 1
    urgent: bool = False
    holder: str = ""
    touched_at: datetime | None = None
    rests: CallbackState = CallbackState.PROMISED
    failures: int = 0
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    dialling: str = ""
    version: int = 0
    trail: tuple[Move, ...] = field(default=(), compare=False, repr=False)

    @classmethod
    def promised(cls, message: Message, calendar: WorkingCalendar, rules: Regulation) -> Callback:
        """The promise that a message makes: to call back by clause 13's hour of the next working day."""
        deadline = calendar.callback_deadline(message.received_at, rules)
        return cls(
            id=message.id,
            municipality=message.municipality,
            number=message.number_to_call,
            created_at=message.received_at,
            due_at=deadline.at,
            because=deadline.because,
            urgent="emergency" in message.flags,
        )

    @classmethod
    def answered(cls, card: Message, rules: Regulation) -> Callback:
        """A conversation that an operator holds: nothing is promised, its card is to be filled in within the hour
        (clauses 15, 20)."""
        due = card.received_at + timedelta(minutes=rules.card_within_minutes)
        return cls(
            id=card.id, municipality=card.municipality, number=card.number_to_call, created_at=card.received_at,
            due_at=due, state=_S.REACHED, rests=_S.REACHED, holder=card.operator or "", touched_at=card.received_at,
        )  # fmt: skip

    @property
    def is_open(self) -> bool:
        """Something is still owed to the citizen."""
        return self.state in OPEN_STATES

    @property
    def act_by(self) -> datetime:
        """The legal deadline that counts now: of the first attempt, of the next one, of the planned call, of the
        answer."""
        return self.closes_at or self.due_at

    def take(self, who: Person, at: datetime, idle: timedelta) -> Callback:
        """Claim it; a claim whose holder has done nothing for `idle` may be taken over.

        Raises:
            RuleBroken: another has it, or it is closed.
        """
        self._refuse_closed()
        if self.holder == who.name:
            return replace(self, touched_at=at)
        if self.holder and not self.idle_at(at, idle):
            raise RuleBroken("13", f"taken by {self.holder}: ask to have it handed over", "taken", holder=self.holder)
        if self.state in (_S.TAKEN, _S.REACHED, _S.UNREACHED):
            return self._move(self.state, at, who.name, "taken_over", holder=who.name, touched_at=at)
        return self._move(_S.TAKEN, at, who.name, "taken", holder=who.name, touched_at=at, rests=self.state)

    def idle_at(self, at: datetime, idle: timedelta) -> bool:
        """Its holder has done nothing for this long; a conversation in progress is not idleness."""
        return bool(self.holder) and not self.dialling and at - (self.touched_at or at) >= idle

    @property
    def may_be_freed(self) -> bool:
        """Its holder can be parted from it: after a conversation the card is theirs, or a curator's, to fill in."""
        return bool(self.holder) and self.state is not _S.REACHED

    def release(self, by: Person, at: datetime, why: str = "released") -> Callback:
        """Give it back to all.

        Raises:
            RuleBroken: nobody has it, or another has and it is not a curator who asks.
        """
        self._refuse_stranger(by)
        if self.state is _S.REACHED:
            raise RuleBroken("20", "the citizen was reached: fill in the card, or hand it over", "fill_card")
        rests = self.rests if self.state is _S.TAKEN else self.state
        return self._move(rests, at, by.name, why, holder="", touched_at=None)

    def hand_over(self, to: Person, by: Person, at: datetime) -> Callback:
        """Give it to a colleague.

        Raises:
            RuleBroken: nobody has it, or another has and it is not a curator who asks.
        """
        self._refuse_stranger(by)
        return self._move(self.state, at, by.name, f"handed_to:{to.name}", holder=to.name, touched_at=at)

    def dial(self, attempt: str, who: Person, at: datetime, *, other_phone: bool = False) -> tuple[Callback, Attempt]:
        """Begin an attempt.

        Raises:
            RuleBroken: not taken by this person, no number, already dialling, or before the window opens.
        """
        self._refuse_stranger(Person(who.name))
        if self.state is _S.REACHED:
            raise RuleBroken("20", "the citizen was reached: fill in the card", "fill_card")
        if not self.number:
            raise RuleBroken("13", "no number is known: close it with a comment", "no_number")
        if self.dialling:
            raise RuleBroken("13", "it is being dialled already", "dialling")
        if self.opens_at and at < self.opens_at:
            raise RuleBroken("13", f"too early: call again from {self.opens_at}", "too_early", opens=self.opens_at)
        means = Means.OTHER_PHONE if other_phone else Means.LINE
        begun = Attempt(attempt, self.id, self.number, at, self.act_by, who.name, means)
        return replace(self, dialling=attempt, touched_at=at, version=self.version + 1), begun

    def hang_up(
        self, attempt: Attempt, outcome: AttemptOutcome, at: datetime, calendar: WorkingCalendar, rules: Regulation
    ) -> tuple[Callback, Attempt]:
        """End the attempt: reached, or a window for the next one, or, after the third failure, the result to write.

        Raises:
            RuleBroken: another attempt is in progress, or none.
        """
        if self.dialling != attempt.id:
            raise RuleBroken("13", "this attempt is over already", "not_dialling")
        over = replace(attempt, ended_at=at, outcome=outcome)
        idle = replace(self, dialling="", touched_at=at)
        if outcome is AttemptOutcome.ABANDONED:
            return replace(idle, version=self.version + 1), over
        if outcome is AttemptOutcome.ANSWERED:
            return idle._move(_S.REACHED, at, attempt.operator, outcome, failures=0), over
        failures = self.failures + 1
        if failures > rules.repeat_attempts:
            return idle._move(_S.UNREACHED, at, attempt.operator, outcome, failures=failures), over
        window = attempt_window(calendar, at, rules)
        return idle._wait(_S.WAITING, window, at, attempt.operator, outcome, failures=failures), over

    def plan(self, window: Window, by: Person, at: datetime, why: str) -> Callback:
        """The citizen was reached and expects another call at an agreed time."""
        self._refuse_unreached(by)
        return self._wait(_S.PLANNED, window, at, by.name, why)

    def pass_on(self, due: datetime, by: Person, at: datetime, why: str) -> Callback:
        """The question goes to an executor; the citizen has his answer by `due` (clause 21)."""
        self._refuse_unreached(by)
        return self._wait(_S.PASSED_ON, Window(at, due), at, by.name, why)

    def executor_answered(self, at: datetime, by: str) -> Callback:
        """The answer has come: the citizen can be told.

        Raises:
            RuleBroken: no question of it is with an executor.
        """
        if _S.PASSED_ON not in (self.state, self.rests) or self.state not in (_S.PASSED_ON, _S.TAKEN):
            raise RuleBroken("20.5", "no question of this row is with an executor", "not_passed_on")
        return self._move(self.state, at, by, "executor_answered")

    def close(self, by: Person, at: datetime, why: str) -> Callback:
        """All that was owed is done.

        Raises:
            RuleBroken: the citizen was not reached, though he has a number.
        """
        if self.number:
            self._refuse_unreached(by)
        self._refuse_stranger(by)
        return self._move(_S.CLOSED, at, by.name, why, holder="")

    def give_up(self, by: Person, at: datetime, why: str) -> Callback:
        """Close it without contact, after the third failure.

        Raises:
            RuleBroken: attempts are still owed.
        """
        self._refuse_stranger(by)
        if self.state is not _S.UNREACHED:
            raise RuleBroken("13", "attempts are still owed: two more after the first", "attempts_owed")
        return self._move(_S.NO_CONTACT, at, by.name, why, holder="")

    def reopen(self, by: Person, at: datetime, last: Move | None) -> Callback:
        """Undo a closing: by who closed it, within 15 minutes; the card is to be filled in anew.

        Args:
            last: the step that closed it.

        Raises:
            RuleBroken: it is open, another closed it, or it was closed long ago.
        """
        if last is None or self.is_open or last.after is not self.state:
            raise RuleBroken("13", "it is open: nothing is to be undone", "not_closed")
        if last.by != by.name or at - last.at > _SECOND_THOUGHTS or last.why == "called_himself":
            raise RuleBroken("13", "only who closed it, and only within 15 minutes", "too_late_to_undo")
        to = _S.REACHED if self.state is _S.CLOSED else _S.UNREACHED
        return self._move(to, at, by.name, "reopened", holder=by.name, touched_at=at)

    def renumbered(self, number: str, by: Person, at: datetime) -> Callback:
        """The citizen's number was put right: from now on this one is dialled.

        Raises:
            RuleBroken: it is closed, being dialled, or in a colleague's hands.
        """
        self._refuse_closed()
        if self.dialling:
            raise RuleBroken("13", "it is being dialled already", "dialling")
        if self.holder and self.holder != by.name and by.role is not Role.CURATOR:
            raise RuleBroken("13", f"taken by {self.holder}: ask to have it handed over", "taken", holder=self.holder)
        return self._move_nowhere(at, by.name, "renumbered", number=number)

    def called_himself(self, at: datetime, by: str) -> Callback:
        """The citizen rang and was answered by a person: nothing is owed any more (interpretation 4)."""
        self._refuse_closed()
        return self._move(_S.CLOSED, at, by, "called_himself", holder="", dialling="")

    def _wait(self, to: CallbackState, window: Window, at: datetime, by: str, why: str, **facts: Any) -> Callback:
        times = {"opens_at": window.opens, "closes_at": window.closes}
        return self._move(to, at, by, why, rests=to, holder="", touched_at=None, **times, **facts)

    def _move(self, to: CallbackState, at: datetime, by: str, why: str, **facts: Any) -> Callback:
        """The one door."""
        if to not in _MOVES.get(self.state, ()):
            raise RuleBroken("13", f"a callback does not go from {self.state} to {to}", "forbidden_move")
        step = Move(self.version + 1, self.state, to, at, by, why)
        return replace(self, state=to, version=step.number, trail=(*self.trail, step), **facts)

    def _move_nowhere(self, at: datetime, by: str, why: str, **facts: Any) -> Callback:
        """A step that leaves the state as it is."""
        step = Move(self.version + 1, self.state, self.state, at, by, why)
        return replace(self, version=step.number, trail=(*self.trail, step), **facts)

    def _refuse_closed(self) -> None:
        if not self.is_open:
            raise RuleBroken("13", "it is closed already", "closed")

    def _refuse_unreached(self, by: Person) -> None:
        self._refuse_stranger(by)
        if self.state is not _S.REACHED:
            raise RuleBroken("13", "the citizen has not been reached: make an attempt first", "not_reached")

    def _refuse_stranger(self, who: Person) -> None:
        self._refuse_closed()
        if not self.holder:
            raise RuleBroken("13", "nobody has taken it: take it first", "not_taken")
        if who.name != self.holder and who.role is not Role.CURATOR:
            raise RuleBroken("13", f"taken by {self.holder}: ask to have it handed over", "taken", holder=self.holder)
