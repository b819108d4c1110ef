"""All that the journal knows of one promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ivr.domain.attempt import Attempt
from ivr.domain.callback import Callback, CallbackState, Move, Origin
from ivr.domain.message import Message
from ivr.domain.referral import Referral
from ivr.domain.regulation import Regulation
from ivr.domain.vocabulary import AttemptOutcome


@dataclass(frozen=True, slots=True)
class Case:
    """A promise with its messages, attempts, steps and questions passed on, each oldest first.

    Attributes:
        seconds: length of the recordings of its calls, by call.
    """

    callback: Callback
    messages: tuple[Message, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    moves: tuple[Move, ...] = ()
    referrals: tuple[Referral, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def latest(self) -> Message | None:
        """The message that came last: the words the operator reads first."""
        return self.messages[-1] if self.messages else None

    @property
    def asked(self) -> Referral | None:
        """The question an executor has not answered yet."""
        return next((referral for referral in self.referrals if referral.is_open), None)

    @property
    def numbers(self) -> tuple[str, ...]:
        """All numbers the citizen can be called under: the promise's own, then the dictated ones, then caller IDs
        (interpretation 6)."""
        dictated = [message.phone.e164 for message in reversed(self.messages) if message.phone]
        shown = [message.caller_number for message in reversed(self.messages)]
        return tuple(dict.fromkeys(number for number in (self.callback.number, *dictated, *shown) if number))

    @property
    def made(self) -> tuple[Attempt, ...]:
        """The attempts that count for clause 13: over, not given up, not taken back."""
        none = (None, AttemptOutcome.ABANDONED, AttemptOutcome.RETRACTED)
        return tuple(attempt for attempt in self.attempts if attempt.outcome not in none)

    @property
    def conversation(self) -> Attempt | None:
        """The last attempt in which the citizen was spoken to."""
        return next((tried for tried in reversed(self.made) if tried.outcome is AttemptOutcome.ANSWERED), None)

    @property
    def recorded_seconds(self) -> float:
        """Length of the recording of the last conversation with the citizen, 0 when there is none."""
        if self.conversation:
            return self.conversation.recording_seconds
        began_with_one = self.callback.origin is Origin.CONVERSATION
        return self.seconds.get(self.callback.id, 0.0) if began_with_one else 0.0

    def card_by(self, rules: Regulation) -> datetime:
        """By when the card of the last conversation is to be filled in (clause 15, interpretation 19)."""
        if self.callback.origin is Origin.CONVERSATION and not self.conversation:
            return self.callback.due_at
        begun = self.conversation.started_at if self.conversation else self.callback.created_at
        return begun + timedelta(minutes=rules.card_within_minutes)

    def before(self, attempt: Attempt) -> tuple[CallbackState, int]:
        """Where the promise rested before an attempt, and how many had failed since the citizen was last spoken to."""
        claimed = (move.before for move in reversed(self.moves[:-1]) if move.after is CallbackState.TAKEN)
        rests = next((state for state in claimed if state is not CallbackState.TAKEN), CallbackState.PROMISED)
        earlier = [tried.outcome for tried in self.made if tried.id != attempt.id]
        failures = 0
        for outcome in earlier:
            failures = 0 if outcome is AttemptOutcome.ANSWERED else failures + 1
        return rests, failures

    @property
    def mistaken(self) -> tuple[Move, Attempt] | None:
        """The last step and the attempt that made it, when the last step was an attempt."""
        if not self.moves or not self.made:
            return None
        last, tried = self.moves[-1], self.made[-1]
        return (last, tried) if (last.at, last.why) == (tried.ended_at, tried.outcome) else None

    def after(
        self, callback: Callback, record: Attempt | Referral | None = None, messages: Sequence[Message] = ()
    ) -> Case:
        """The case after a step that was kept."""
        attempts = (*self.attempts, record) if isinstance(record, Attempt) else self.attempts
        referrals = (*self.referrals, record) if isinstance(record, Referral) else self.referrals
        news = {message.id: message for message in messages}
        return Case(
            replace(callback, trail=()),
            tuple(news.get(message.id, message) for message in self.messages),
            tuple({attempt.id: attempt for attempt in attempts}.values()),
            (*self.moves, *callback.trail),
            tuple({referral.id: referral for referral in referrals}.values()),
            self.seconds,
        )
