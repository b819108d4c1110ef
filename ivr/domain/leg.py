"""A leg: one connection of the line with one telephone, as the ledger keeps it for ever (appendix 1, clause 11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.domain.attempt import Attempt, Means
from ivr.domain.call import Call, CallEnd
from ivr.domain.vocabulary import AttemptOutcome

OK, BUSY, NOT_FOUND, NO_ANSWER, CANCELLED, UNAVAILABLE = 200, 486, 404, 480, 487, 503


class Side(StrEnum):
    """Whose telephone it is."""

    CALLER = "caller"  # the citizen rings
    OPERATOR = "operator"  # rung by us, for a caller or before a citizen is called back
    CITIZEN = "citizen"  # called back


REFUSED = "refused"
SHORT_CODE = "short_code"
CALLBACK = "callback"
"""Modes of legs that are no calls of `domain.call.Mode`."""


@dataclass(frozen=True, slots=True)
class LegRecord:
    """One row of the ledger; written once, when the leg is over, and never changed.

    Attributes:
        id: opaque; the same leg told twice is one row.
        call: what it belongs to: id of the call, or of the attempt to call back.
        invited_at: INVITE sent or received. ringing_at: 180 or 183. answered_at: 200. None: it did not come so far.
        cause: final SIP status (RFC 3261 §21): 200 when it was answered and ended by a BYE; 0 unknown.
        ended_by: "far" the telephone, "us", "no_media" no RTP came, "" unknown.
        mode, why: the mode of the call and its reason.
        who: the operator, "" for legs of citizens that no operator asked for.
        number: the other side's number or extension.
        source: who saw it: an engine, "cdr" the exchange's own records, "other_phone" a person.
    """

    id: str
    municipality: str
    call: str
    side: Side
    invited_at: datetime
    ended_at: datetime
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    cause: int = 0
    ended_by: str = ""
    mode: str = ""
    why: str = ""
    who: str = ""
    number: str = ""
    source: str = ""


CDR = "cdr"
OTHER_PHONE = "other_phone"

_CAUSES: Mapping[CallEnd, tuple[int, str]] = {
    CallEnd.COMPLETED: (OK, "us"),
    CallEnd.CALLER_HUNG_UP: (OK, "far"),
    CallEnd.NO_MEDIA: (OK, "no_media"),
    CallEnd.CANCELLED: (CANCELLED, "far"),
}
_STATUS: Mapping[AttemptOutcome, int] = {
    AttemptOutcome.ANSWERED: OK,
    AttemptOutcome.NO_ANSWER: NO_ANSWER,
    AttemptOutcome.BUSY: BUSY,
    AttemptOutcome.NOT_FOUND: NOT_FOUND,
    AttemptOutcome.UNAVAILABLE: UNAVAILABLE,
}


def legs_of_call(call: Call) -> tuple[LegRecord, ...]:
    """What a call's own row tells of its legs: the caller's, and that of the operator who answered."""
    ended = call.ended_at or call.started_at
    cause, by = _CAUSES.get(call.end, (0, "")) if call.end else (0, "")
    caller = LegRecord(
        call.id, call.municipality, call.id, Side.CALLER, call.started_at, ended, answered_at=call.answered_at,
        cause=cause, ended_by=by, mode=call.mode, why=call.why_mode, number=call.caller_number, source=call.engine,
    )  # fmt: skip
    if call.operator_at is None:
        return (caller,)
    operator = LegRecord(
        f"{call.id}-operator", call.municipality, call.id, Side.OPERATOR, call.started_at, ended,
        answered_at=call.operator_at, cause=OK, mode=call.mode, who=call.operator, source=call.engine,
    )  # fmt: skip
    return (caller, operator)


def leg_of_attempt(attempt: Attempt, municipality: str) -> LegRecord | None:
    """What an attempt tells of the citizen's leg; None while it lasts, or when the citizen was never rung."""
    status = _STATUS.get(attempt.outcome) if attempt.outcome else None
    if attempt.ended_at is None or status is None:
        return None
    answered = attempt.outcome is AttemptOutcome.ANSWERED
    return LegRecord(
        attempt.id, municipality, attempt.id, Side.CITIZEN, attempt.started_at, attempt.ended_at,
        answered_at=attempt.started_at if answered else None, cause=status, mode=CALLBACK, who=attempt.operator,
        number=attempt.number, source=OTHER_PHONE if attempt.means is Means.OTHER_PHONE else "",
    )  # fmt: skip
