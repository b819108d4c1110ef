"""Who works with the product, and in which part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """A part somebody has."""

    OPERATOR = "operator"  # keeps promises
    CURATOR = "curator"  # may also take work from one and give it to another, audits, reports (clause 17)
    ADMINISTRATOR = "administrator"  # people and settings; hears and reads no citizen
    AUDITOR = "auditor"  # reads and hears everything, changes nothing
    REGION = "region"  # sees the sums of all municipalities side by side, and nothing else


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the administration («ФИО оператора»)."""

    name: str
    role: Role = Role.OPERATOR


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in, or a program that acts under a name.

    Attributes:
        login: what is typed to sign in, lower case; unlike any other.
        name: as the journal prints it; unlike any other of the municipality.
        telephone: SIP address that rings on click to call, "" = none.
        disabled_at: from then on nothing is allowed; the name stays on what was done.
        trained_at: when the training for the line was done (clause 9).
        acquainted_with, acquainted_at: edition of the regulation that was read and signed for, and when (clause 1).
    """

    id: str
    login: str
    name: str
    municipality: str
    roles: frozenset[Role]
    created_at: datetime
    telephone: str = ""
    disabled_at: datetime | None = None
    trained_at: datetime | None = None
    acquainted_with: str = ""
    acquainted_at: datetime | None = None

    @property
    def person(self) -> Person:
        """Who this is to the callbacks."""
        return Person(self.name, Role.CURATOR if Role.CURATOR in self.roles else Role.OPERATOR)
