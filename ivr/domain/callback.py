"""A promise to call a citizen back, and its life (clauses 12–14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.domain.calendar import WorkingCalendar
from ivr.domain.message import Message
from ivr.domain.regulation import Regulation


class CallbackState(StrEnum):
    """Where a promise stands."""

    PROMISED = "promised"
    TAKEN = "taken"
    WAITING = "waiting"  # not reached; the next attempt has its window
    CLOSED = "closed"
    NO_CONTACT = "no_contact"  # closed after three failures


OPEN_STATES = (CallbackState.PROMISED, CallbackState.TAKEN, CallbackState.WAITING)


@dataclass(frozen=True, slots=True)
class Callback:
    """One promise.

    Attributes:
        id: opaque; equal to the id of the first message it serves.
        number: whom to call, E.164 or as it came; "" when no number is known (the row still waits for a person).
        due_at: legal deadline of the first attempt, UTC (clause 13).
        because: the deadline explained, codes with dates, for people to read.
        calls: how many calls it gathers (interpretation 5).
        urgent: emergency words were heard (interpretation 24).
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
