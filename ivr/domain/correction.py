"""What a person puts right of what the assistant understood; both versions are kept (clause 20.1, 20.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ivr.domain.contact import Address, PersonName, PhoneNumber
from ivr.domain.message import Message
from ivr.errors import RuleBroken

FieldValue = PersonName | PhoneNumber | Address | str | None

CORRECTABLE = ("name", "phone", "topic", "address", "gist")
"""Fields the assistant fills in."""

_LONGEST_PART, _LONGEST_GIST = 120, 2000


@dataclass(frozen=True, slots=True)
class Correction:
    """One field, what stood there and what stands there now."""

    id: str
    message: str
    field: str
    before: FieldValue
    after: FieldValue
    by: str
    at: datetime


def corrected(message: Message, field: str, value: FieldValue) -> Message:
    """The message with a field put right; from now on no later text of the recogniser touches it.

    Raises:
        RuleBroken: there is no such field, the value is too long, or nothing would change.
    """
    if field not in CORRECTABLE:
        raise RuleBroken("20.1", f"{field} is not a field that people correct", "no_such_field")
    if getattr(message, field) == value:
        raise RuleBroken("20.1", "this is what stands there already", "same_value")
    if _too_long(value):
        raise RuleBroken("20.1", "that is too long", "too_long")
    known = message.corrected if field in message.corrected else (*message.corrected, field)
    news: dict[str, Any] = {field: value, "corrected": known}
    return replace(message, **news)


def _too_long(value: FieldValue) -> bool:
    if isinstance(value, str):
        return len(value) > _LONGEST_GIST
    if isinstance(value, PersonName):
        return len(value.full) > _LONGEST_PART
    return isinstance(value, Address) and any(
        len(part or "") > _LONGEST_PART for part in (value.locality, value.street, value.house, value.flat)
    )
