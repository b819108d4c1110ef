"""Who works with the product, and in which part."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.errors import RuleBroken

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
_SIP = re.compile(r"sips?:[^@\s]+@[^@\s]+")
_NAME_AT_MOST = 100


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

    def check(self) -> None:
        """Its facts are as the journal and the law need them.

        Raises:
            RuleBroken: one of them will not do.
        """
        if not _LOGIN.fullmatch(self.login):
            raise RuleBroken("1", "a login has 2 to 32 of a-z 0-9 . _ -", "bad_login")
        if not self.name or len(self.name) > _NAME_AT_MOST or not self.name.isprintable():
            raise RuleBroken("1", "a name is needed, as the journal prints it", "bad_name")
        if not self.roles:
            raise RuleBroken("1", "at least one role is needed", "needs_role")
        if bool(self.acquainted_with) != bool(self.acquainted_at):
            raise RuleBroken("1", "an edition and the day it was signed for belong together", "acquainted_whole")
        if self.telephone and not _SIP.fullmatch(self.telephone):
            raise RuleBroken("13", "not a SIP address like sip:101@10.0.0.2", "bad_sip")
