"""The states of a promise to call back, and the steps between them (clauses 12–14, 20, 21).

promised ─> taken ─> reached ─> closed
   ^          │        ├─> planned ─> taken …      a call at an agreed time («необходимо перезвонить»)
   └─released─┤        └─> passed_on ─> taken …    an executor prepares the answer (clause 20.5)
              ├─> waiting ─> taken …               not reached: the next attempt has its window (clause 13)
              └─> unreached ─> no_contact          the third failure: the result is to be written

The last step of a card, and an attempt marked by mistake, can be taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.domain.vocabulary import Status


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


class Origin(StrEnum):
    """What a row of the list began with."""

    PROMISE = "promise"  # the assistant's promise, or a missed call (clauses 12, 14)
    CONVERSATION = "conversation"  # an operator answered: only the card is owed, and what follows from it (clause 15)


_S = CallbackState
OPEN_STATES = tuple(state for state in _S if state not in (_S.CLOSED, _S.NO_CONTACT))
AWAITING_CALL = (_S.PROMISED, _S.TAKEN, _S.WAITING)
"""A new call of the same number joins a promise in these states; in any other it makes a promise of its own."""

TO_BE_WRITTEN = (_S.REACHED, _S.UNREACHED)
"""The card is to be filled in."""

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

MOVES: Mapping[CallbackState, tuple[CallbackState, ...]] = {
    _S.PROMISED: (_S.TAKEN, _S.CLOSED),
    _S.TAKEN: (*OPEN_STATES, _S.CLOSED),
    _S.WAITING: (_S.TAKEN, _S.CLOSED),
    _S.REACHED: (_S.REACHED, _S.PLANNED, _S.PASSED_ON, _S.CLOSED),
    _S.UNREACHED: (_S.UNREACHED, _S.REACHED, _S.CLOSED, _S.NO_CONTACT),
    _S.PLANNED: (_S.TAKEN, _S.CLOSED),
    _S.PASSED_ON: (_S.PASSED_ON, _S.TAKEN, _S.CLOSED),
}

BACK: Mapping[CallbackState, tuple[CallbackState, ...]] = {
    _S.CLOSED: OPEN_STATES,
    _S.NO_CONTACT: (_S.UNREACHED,),
    _S.PLANNED: (_S.REACHED,),
    _S.PASSED_ON: (_S.REACHED,),
    _S.REACHED: (_S.TAKEN, _S.UNREACHED),
    _S.WAITING: (_S.TAKEN,),
    _S.UNREACHED: (_S.TAKEN, _S.UNREACHED),
}
"""Steps that take another one back."""


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a promise's life, kept for ever: from where, to where, when, by whom, why."""

    number: int
    before: CallbackState
    after: CallbackState
    at: datetime
    by: str
    why: str
