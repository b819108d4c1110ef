"""An attempt to reach a citizen (clause 13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.domain.vocabulary import AttemptOutcome


class Means(StrEnum):
    """How an attempt was made."""

    LINE = "line"  # by a click; its facts come from SIP
    OTHER_PHONE = "other_phone"  # marked by the operator, and shown as such


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to reach the citizen (clause 13).

    Attributes:
        id: opaque.
        number: the number dialled.
        started_at, ended_at: `ended_at` and `outcome` are None while it rings or lasts.
        due_by: by when it was to be made; later is late.
        operator: who made it.
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

    @property
    def late(self) -> bool:
        """Made after its deadline."""
        return self.started_at > self.due_by
