"""A line of an exchange's own call records (CDR), and what it tells of the ledger's legs (appendix 1)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.domain.dial_plan import is_extension, normal_number
from ivr.domain.leg import CDR, OK, LegRecord, Side


class Direction(StrEnum):
    """Whose call it was."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    INTERNAL = "internal"  # counts for nothing


@dataclass(frozen=True, slots=True)
class CdrLine:
    """One line, read.

    Attributes:
        line: its number in the file, 1 the first.
        id: the exchange's name of the call; several lines of one call have one.
        caller, called: numbers as they were.
        telephone: extension of the operator's telephone, "" none.
        cause: how it ended, a SIP status.
    """

    line: int
    id: str
    direction: Direction
    caller: str
    called: str
    telephone: str
    invited_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    cause: int


def legs_of_line(line: CdrLine, municipality: str, names: Mapping[str, str]) -> tuple[LegRecord, ...]:
    """The legs of a line: of an incoming call, the caller's (one for all lines of the call) and the operator's; of an
    outgoing one the citizen's. Read twice, they are the same legs.

    Args:
        names: operators by the extension of their telephone.
    """
    call = _identity(municipality, line.id)
    if line.direction is Direction.OUTGOING:
        who = names.get(line.caller, line.caller)
        return (_leg(line, municipality, call, Side.CITIZEN, f"{line.id} {line.called}", who, line.called),)
    caller = _leg(line, municipality, call, Side.CALLER, "", "", line.caller)
    if not line.telephone:
        return (caller,)
    who = names.get(line.telephone, line.telephone)
    key = f"{line.telephone} {line.invited_at.isoformat()}"
    return (caller, _leg(line, municipality, call, Side.OPERATOR, key, who, line.telephone))


def _leg(line: CdrLine, municipality: str, call: str, side: Side, key: str, who: str, number: str) -> LegRecord:
    return LegRecord(
        _identity(municipality, line.id, side, key), municipality, call, side, line.invited_at, line.ended_at,
        answered_at=line.answered_at if line.cause == OK else None, cause=line.cause, who=who, number=number,
        source=CDR,
    )  # fmt: skip


def _identity(*facts: str) -> str:
    return hashlib.sha256(repr(facts).encode("utf-8", "replace")).hexdigest()[:32]


def plain_number(text: str) -> str:
    """A number of the records in the one form, or as it stands where it is none."""
    return normal_number(text) or text


def telephone_of(channel: str) -> str:
    """The extension in the name of a channel: "SIP/101-0000002a", "PJSIP/101-1", "Local/101@from-queue-2;1"; of a trunk
    or a hall of the exchange none.

    >>> telephone_of("PJSIP/101-0000002a")
    '101'
    """
    user = channel.partition("/")[2].partition("@")[0].partition("-")[0]
    return user if user.isdecimal() and is_extension(user) else ""
