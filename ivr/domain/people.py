"""Who works with the callbacks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do: an operator keeps promises, a curator may also take work from one and give it to another
    (clause 17)."""

    OPERATOR = "operator"
    CURATOR = "curator"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the administration («ФИО оператора»)."""

    name: str
    role: Role = Role.OPERATOR
