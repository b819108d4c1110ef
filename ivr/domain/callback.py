"""A promise to call a citizen back: what may be done with it, when, and by whom (clauses 12–14, 20, 21)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ivr.domain.attempt import Attempt, Means
from ivr.domain.calendar import WorkingCalendar
from ivr.domain.deadlines import Window, attempt_window
from ivr.domain.life import AWAITING_CALL, BACK, MOVES, OPEN_STATES, STATUS_OF, CallbackState, Move, Origin
from ivr.domain.message import Message
from ivr.domain.people import Person, Role
from ivr.domain.regulation import Regulation
from ivr.domain.vocabulary import AttemptOutcome
from ivr.errors import RuleBroken

__all__ = ["AWAITING_CALL", "OPEN_STATES", "STATUS_OF", "Callback", "CallbackState", "Move", "Origin"]

_S = CallbackState
SECOND_THOUGHTS = timedelta(minutes=15)
"""So long who made a step may take it back; a curator may at any time."""


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
        origin: a promise, or a conversation whose card is owed.
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
    origin: Origin = Origin.PROMISE
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
    def spoken(cls, message: Message, operator: str, rules: Regulation) -> Callback:
        """What a call leaves that an operator answered: nobody is to be called, the card is to be filled in within the
        hour (clause 15, interpretation 19).

        Args:
            operator: who answered; a bare extension, or "", names nobody: whoever takes it fills it in.
        """
        holder = "" if operator.isdigit() else operator
        due = message.received_at + timedelta(minutes=rules.card_within_minutes)
        return cls(
            id=message.id, municipality=message.municipality, number=message.number_to_call,
            created_at=message.received_at, due_at=due, state=_S.REACHED, rests=_S.REACHED, holder=holder,
            touched_at=message.received_at if holder else None, urgent="emergency" in message.flags,
            origin=Origin.CONVERSATION,
        )  # fmt: skip

    @property
    def is_open(self) -> bool:
        """Something is still owed to the citizen."""
        return self.state in OPEN_STATES

    @property
    def act_by(self) -> datetime:
        """The legal deadline that counts now: of the first attempt, of the next one, of the planned call, of the
        answer, of the card."""
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
            RuleBroken: nobody has it, another has and it is not a curator who asks, or it is being dialled.
        """
        self._refuse_stranger(by)
        self._refuse_dialling()
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

    def dial(
        self, attempt: str, who: Person, at: datetime, *, other_phone: bool = False, number: str = "", engine: str = ""
    ) -> tuple[Callback, Attempt]:
        """Begin an attempt.

        Args:
            number: another number of the citizen's than the promise's own.
            engine: which engine makes it.

        Raises:
            RuleBroken: not taken by this person, no number, already dialling, or before the window opens.
        """
        self._refuse_stranger(Person(who.name))
        if self.state is _S.REACHED:
            raise RuleBroken("20", "the citizen was reached: fill in the card", "fill_card")
        if not self.number:
            raise RuleBroken("13", "no number is known: close it with a comment", "no_number")
        self._refuse_dialling()
        if self.opens_at and at < self.opens_at:
            raise RuleBroken("13", f"too early: call again from {self.opens_at}", "too_early", opens=self.opens_at)
        means = Means.OTHER_PHONE if other_phone else Means.LINE
        begun = Attempt(attempt, self.id, number or self.number, at, self.act_by, who.name, means, engine=engine)
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
        written_by = timedelta(minutes=rules.card_within_minutes)
        if outcome is AttemptOutcome.ANSWERED:
            card_by = {"opens_at": None, "closes_at": attempt.started_at + written_by}
            return idle._move(_S.REACHED, at, attempt.operator, outcome, failures=0, **card_by), over
        failures = self.failures + 1
        if failures > rules.repeat_attempts:
            card_by = {"opens_at": None, "closes_at": at + written_by}
            return idle._move(_S.UNREACHED, at, attempt.operator, outcome, failures=failures, **card_by), over
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
            RuleBroken: attempts are still owed, or one is being made.
        """
        self._refuse_stranger(by)
        self._refuse_dialling()
        if self.state is not _S.UNREACHED:
            raise RuleBroken("13", "attempts are still owed: two more after the first", "attempts_owed")
        return self._move(_S.NO_CONTACT, at, by.name, why, holder="")

    def reopen(self, by: Person, at: datetime, last: Move | None, card_by: datetime) -> Callback:
        """Take back what a card did: by who filled it in, within 15 minutes, or by a curator; it is to be filled in
        anew.

        Args:
            last: the step that the card made.
            card_by: by when the card is to be filled in (clause 15).

        Raises:
            RuleBroken: no card was filled in since, another did it, or it was long ago.
        """
        closed = last is not None and not self.is_open and last.after is self.state
        passed = last is not None and last.after is self.state and self.state in (_S.PLANNED, _S.PASSED_ON)
        if last is None or not (closed or (passed and last.before is _S.REACHED)):
            raise RuleBroken("13", "it is open: nothing is to be taken back", "not_closed")
        self._refuse_late(by, at, last)
        back = last.before if last.before is not _S.TAKEN or self.number == "" else self.rests
        times = {"opens_at": None, "closes_at": card_by} if passed else {}
        holder = by.name if back in (_S.REACHED, _S.UNREACHED, _S.TAKEN) else ""
        return self._back(back, at, by.name, "reopened", holder=holder, touched_at=at if holder else None, **times)

    def retract(
        self, by: Person, at: datetime, last: Move, attempt: Attempt, before: tuple[CallbackState, int]
    ) -> tuple[Callback, Attempt]:
        """Take back an attempt that was marked by mistake: the promise is as it was, in the hands of who marked it.

        Args:
            last: the step that the attempt made.
            before: where the promise rested, and how many attempts had failed.

        Raises:
            RuleBroken: it was made on the line, whose facts stand; another marked it; or it was long ago.
        """
        self._refuse_closed()
        if attempt.means is Means.LINE:
            raise RuleBroken("13", "what the line has told of an attempt stands", "line_facts")
        if self.holder and self.holder != by.name and by.role is not Role.CURATOR:
            raise RuleBroken("13", f"taken by {self.holder}: ask to have it handed over", "taken", holder=self.holder)
        self._refuse_late(by, at, last)
        rests, failures = before
        closes = None if rests is _S.PROMISED else attempt.due_by
        facts = {"rests": rests, "failures": failures, "opens_at": None, "closes_at": closes}
        back = self._back(last.before, at, by.name, "retracted", holder=attempt.operator, touched_at=at, **facts)
        return back, replace(attempt, outcome=AttemptOutcome.RETRACTED)

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
        return self._step(self.state, at, by.name, "renumbered", number=number)

    def called_himself(self, at: datetime, by: str) -> Callback:
        """The citizen rang and was answered by a person: nothing is owed any more (interpretation 4)."""
        self._refuse_closed()
        if self.dialling:
            raise RuleBroken("13", "it is being dialled already", "dialling")
        return self._move(_S.CLOSED, at, by, "called_himself", holder="")

    def _wait(self, to: CallbackState, window: Window, at: datetime, by: str, why: str, **facts: Any) -> Callback:
        times = {"opens_at": window.opens, "closes_at": window.closes}
        return self._move(to, at, by, why, rests=to, holder="", touched_at=None, **times, **facts)

    def _move(self, to: CallbackState, at: datetime, by: str, why: str, **facts: Any) -> Callback:
        """The one door."""
        if to not in MOVES.get(self.state, ()):
            raise RuleBroken("13", f"a callback does not go from {self.state} to {to}", "forbidden_move")
        return self._step(to, at, by, why, **facts)

    def _back(self, to: CallbackState, at: datetime, by: str, why: str, **facts: Any) -> Callback:
        """The same door, for a step that takes another one back."""
        if to not in BACK.get(self.state, ()):
            raise RuleBroken("13", f"a callback does not go back from {self.state} to {to}", "forbidden_move")
        return self._step(to, at, by, why, **facts)

    def _step(self, to: CallbackState, at: datetime, by: str, why: str, **facts: Any) -> Callback:
        """Make it, and leave its trail."""
        step = Move(self.version + 1, self.state, to, at, by, why)
        return replace(self, state=to, version=step.number, trail=(*self.trail, step), **facts)

    def _refuse_closed(self) -> None:
        if not self.is_open:
            raise RuleBroken("13", "it is closed already", "closed")

    @staticmethod
    def _refuse_late(by: Person, at: datetime, last: Move) -> None:
        if by.role is Role.CURATOR:
            return
        if last.by != by.name or at - last.at > SECOND_THOUGHTS:
            raise RuleBroken("13", "only who did it, within 15 minutes, or a curator", "too_late_to_undo")

    def _refuse_unreached(self, by: Person) -> None:
        self._refuse_stranger(by)
        if self.state is not _S.REACHED:
            raise RuleBroken("13", "the citizen has not been reached: make an attempt first", "not_reached")

    def _refuse_dialling(self) -> None:
        if self.dialling:
            raise RuleBroken("13", "it is being dialled already", "dialling")

    def _refuse_stranger(self, who: Person) -> None:
        self._refuse_closed()
        if not self.holder:
            raise RuleBroken("13", "nobody has taken it: take it first", "not_taken")
        if who.name != self.holder and who.role is not Role.CURATOR:
            raise RuleBroken("13", f"taken by {self.holder}: ask to have it handed over", "taken", holder=self.holder)
