"""A telephone call as the town sees it: who rang whom, when, how it ended."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ivr.domain.consent import Proof
from ivr.domain.dial_plan import is_extension

_OUTSIDE_TEXT_AT_MOST = 256
ALWAYS = "always"
"""Diverted whatever happens: the exchange has tried nobody else."""


def clean(text: str, at_most: int = _OUTSIDE_TEXT_AT_MOST) -> str:
    """Text from outside made safe to keep and show: no control characters, no lone surrogates, bounded length."""
    printable = "".join(c if c.isprintable() else " " for c in text.encode("utf-8", "replace").decode("utf-8"))
    return re.sub(r"\s+", " ", printable).strip()[:at_most]


class Mode(StrEnum):
    """Which of the line's voices meets the caller."""

    AFTER_HOURS = "after_hours"
    FRONT_DESK = "front_desk"
    OVERFLOW = "overflow"


class CallEnd(StrEnum):
    """How a call ended."""

    COMPLETED = "completed"  # the script came to its end
    CALLER_HUNG_UP = "caller_hung_up"
    NO_MEDIA = "no_media"  # no RTP for the no-RTP time
    CANCELLED = "cancelled"  # the caller gave up before the answer
    BROKEN = "broken"  # a fault of ours; the row is kept all the same
    INTERRUPTED = "interrupted"  # the engine died in the call; closed at the next start


@dataclass(frozen=True, slots=True)
class Invite:
    """An incoming call before it is answered: the facts of the SIP INVITE, already cleaned.

    Attributes:
        leg: the engine's number of this leg.
        sip_call_id: Call-ID header (RFC 3261 §20.8).
        source: "address:port" the message came from.
        caller_number: user part of From or P-Asserted-Identity as digits and "+", "" when anonymous.
        caller_name: display name, cleaned.
        dialled: user part of the request URI.
        also_dialled: numbers of To and P-Called-Party-ID, where they are others.
        diversion: whom the exchange sent the call to before us, "" nobody (Diversion, History-Info).
        diverted_because: why it did not stay there: "busy", "no_answer", "unavailable", "unknown"; "always" when it was
            never to stay there.
    """

    leg: int
    sip_call_id: str
    source: str
    caller_number: str = ""
    caller_name: str = ""
    dialled: str = ""
    diversion: str = ""
    diverted_because: str = ""
    also_dialled: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[str, ...]:
        """All that may say whose line was meant, the surest first."""
        return tuple(filter(None, (self.dialled, *self.also_dialled, self.diversion)))

    @property
    def overflowed(self) -> bool:
        """The exchange has tried others before us."""
        return bool(self.diversion) and self.diverted_because != ALWAYS

    @property
    def caller_extension(self) -> str:
        """Extension of a telephone of the house, "" for anybody else's."""
        return self.caller_number if is_extension(self.caller_number) else ""

    @property
    def anonymous(self) -> bool:
        """No number came with the call."""
        return not self.caller_number


@dataclass(frozen=True, slots=True)
class Call:
    """One call in the journal.

    Attributes:
        id: opaque, 32 hexadecimal digits; also names the recording.
        started_at: moment of the INVITE, UTC.
        mode, why_mode: the voice that met the caller and the reason, for the console.
        answered_at, ended_at, end: None until it happens.
        recording: file name of the caller's recording inside the recordings folder, None when there is none.
        operator, operator_at: who answered at the front desk and when, "" and None while nobody has (clause 11).
        notice_seconds: seconds of the recording notice the caller heard (proof of clause 7), of the `notice_whole` it
            has; 0: unknown.
        notice_hash, notice_edition: SHA-256 of its text; of which recording of it, see `Prompt.edition`.
    """

    id: str
    municipality: str
    started_at: datetime
    mode: Mode
    why_mode: str = ""
    sip_call_id: str = ""
    source: str = ""
    caller_number: str = ""
    caller_name: str = ""
    dialled: str = ""
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    end: CallEnd | None = None
    recording: str | None = None
    recording_seconds: float = 0.0
    notice_seconds: float = 0.0
    notice_hash: str = ""
    notice_edition: str = ""
    notice_whole: float = 0.0
    operator: str = ""
    operator_at: datetime | None = None
    engine: str = field(default="", compare=False)

    @property
    def proof(self) -> Proof:
        """Of the notice of the recording."""
        return Proof(self.notice_seconds, self.notice_hash, self.notice_edition, self.notice_whole)
