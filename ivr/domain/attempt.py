"""An attempt to reach a citizen, and what the line has told of it (clause 13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.domain.consent import Proof
from ivr.domain.vocabulary import AttemptOutcome


class Means(StrEnum):
    """How an attempt was made."""

    LINE = "line"  # by a click; its facts come from SIP
    OTHER_PHONE = "other_phone"  # marked by the operator, and shown as such


class Side(StrEnum):
    """Who ended a conversation."""

    CITIZEN = "citizen"
    OPERATOR = "operator"
    LINE = "line"  # a timer or a fault


class Failing(StrEnum):
    """Why an attempt was given up before the citizen could answer."""

    OPERATOR_BUSY = "operator_busy"
    OPERATOR_SILENT = "operator_silent"  # did not lift the handset
    OPERATOR_ABSENT = "operator_absent"  # his telephone is not there
    OPERATOR_LEFT = "operator_left"  # hung up while the citizen was rung
    NO_LINE = "no_line"  # no free leg, or the trunk could not be called
    LOST = "lost"  # the engine died


@dataclass(frozen=True, slots=True)
class Ring:
    """One number rung within an attempt: SIP's own facts.

    Attributes:
        rang_at: when its telephone began to ring (180 or 183), None: it never did.
        answered_at: when the handset was lifted.
        ended_at: when it was over, None while it lasts.
        status: the last SIP status (RFC 3261 §21), 0 when none came.
    """

    number: str
    at: datetime
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    status: int = 0

    @property
    def ring_seconds(self) -> float:
        """How long its telephone rang."""
        until = self.answered_at or self.ended_at
        return (until - self.rang_at).total_seconds() if self.rang_at and until else 0.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to reach the citizen (clause 13).

    Attributes:
        id: opaque; names the recording of the conversation, where there is one.
        number: the number dialled (last).
        started_at, ended_at: `ended_at` and `outcome` are None while it rings or lasts.
        due_by: by when it was to be made; later is late.
        operator: who made it.
        engine: which engine makes it, "" for another telephone.
        operator_at: when the operator lifted his handset.
        rings: the numbers rung, in order.
        failing: why it was given up, "" when it was not.
        ended_by: who ended the conversation, "" when there was none.
        recording_seconds: length of the conversation's recording, 0: none.
        notice_seconds, notice_hash, notice_edition, notice_whole: proof of clause 7's notice, as in `Call`.
    """

    id: str
    callback: str
    number: str
    started_at: datetime
    due_by: datetime
    operator: str
    means: Means = Means.LINE
    ended_at: datetime | None = None
    outcome: AttemptOutcome | None = None
    engine: str = ""
    operator_at: datetime | None = None
    rings: tuple[Ring, ...] = ()
    failing: Failing | str = ""
    ended_by: Side | str = ""
    recording_seconds: float = 0.0
    notice_seconds: float = 0.0
    notice_hash: str = ""
    notice_edition: str = ""
    notice_whole: float = 0.0

    @property
    def proof(self) -> Proof:
        """Of the notice of the recording."""
        return Proof(self.notice_seconds, self.notice_hash, self.notice_edition, self.notice_whole)

    @property
    def late(self) -> bool:
        """Made after its deadline."""
        return self.started_at > self.due_by

    @property
    def answered_at(self) -> datetime | None:
        """When the citizen lifted the handset, as the line tells it."""
        return next((ring.answered_at for ring in self.rings if ring.answered_at), None)

    @property
    def ring_seconds(self) -> float:
        """How long the citizen's telephone rang."""
        return sum(ring.ring_seconds for ring in self.rings)

    @property
    def talk_seconds(self) -> float:
        """From the citizen's answer to the end."""
        if self.answered_at is None or self.ended_at is None:
            return 0.0
        return (self.ended_at - self.answered_at).total_seconds()
