"""The proof that a citizen was told of the recording before it began (clause 7, 152-FZ article 9)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

_TOLERANCE_SECONDS = 0.3
"""The last frames of a phrase are quiet, and counted in whole frames."""


class Withheld(StrEnum):
    """Why a recording is neither played nor handed out."""

    NOT_PLAYED = "not_played"  # nothing shows that the notice was played
    CUT_SHORT = "cut_short"  # it was, but not to its end


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of the notice of one call.

    Attributes:
        seconds: so much of it the citizen heard, of `whole` (0: its length is not known).
        digest: SHA-256 of its text, hexadecimal.
        edition: which recording of the text was heard; "" where that was not kept.
    """

    seconds: float = 0.0
    digest: str = ""
    edition: str = ""
    whole: float = 0.0

    @property
    def lacks(self) -> Withheld | None:
        """Why it proves nothing; None: it does."""
        if not self.digest or self.seconds <= 0:
            return Withheld.NOT_PLAYED
        return Withheld.CUT_SHORT if self.seconds < self.whole - _TOLERANCE_SECONDS else None


def text_digest(text: str) -> str:
    """SHA-256 of a notice's text."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class WithheldRecording:
    """A recording that is kept for its term and shown to nobody.

    Attributes:
        name: of the recording.
        callback: the promise it has to do with, "" for none.
    """

    name: str
    callback: str
    at: datetime
    seconds: float
    why: Withheld
