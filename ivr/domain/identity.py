"""Somebody whom another system of the organisation vouches for, and which role its groups give him here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ivr.domain.people import Role


@dataclass(frozen=True, slots=True)
class Identity:
    """What the other system says of a person.

    Attributes:
        source: which system: the issuer, the directory.
        subject: what it calls him for ever, whatever his login becomes.
        name: as people write it.
    """

    source: str
    subject: str
    login: str
    name: str
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GroupRoles:
    """Which group gives which roles; who is in none of them does not come in."""

    roles: Mapping[str, Collection[Role]] = field(default_factory=dict)

    def of(self, identity: Identity) -> frozenset[Role]:
        """All that his groups give; names of groups are compared without regard to case, as directories do."""
        theirs = {group.casefold() for group in identity.groups}
        given = [roles for group, roles in self.roles.items() if group.casefold() in theirs]
        return frozenset(role for roles in given for role in roles)


@dataclass(frozen=True, slots=True)
class PasswordProof:
    """A login and a password typed here."""

    login: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Journey:
    """A browser sent to the other system, and what must come back with it.

    Attributes:
        url: where it is sent. back: where it returns to.
        state, nonce, verifier: random; they tie the answer to this browser (RFC 6749 §10.12, RFC 7636).
    """

    url: str
    back: str
    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReturnProof:
    """A browser that came back: its journey, and the query it brought."""

    journey: Journey
    query: Mapping[str, str] = field(repr=False)


Proof = PasswordProof | ReturnProof
"""What somebody shows to be let in."""
