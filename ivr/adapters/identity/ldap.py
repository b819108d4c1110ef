"""LDAP: somebody is found in the directory and bound by his password, over verified TLS (`ports.access.Voucher`).

RFC 4511, 4513 (§5.1.2: an empty password is nobody's), 4515.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ldap3 import AUTO_BIND_NONE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException, LDAPInvalidCredentialsResult
from ldap3.utils.conv import escape_filter_chars

from ivr.domain.identity import Identity, Journey, PasswordProof, Proof
from ivr.errors import NotSignedIn, VoucherAway

_SECONDS = 10
_FAULT_OF_THE_PERSON = (32, 48, 49, 50, 53)  # RFC 4511 §4.1.9: no such object, wrong, locked, unwilling


@dataclass(frozen=True, slots=True)
class LdapSettings:
    """Where the directory is and how people stand in it.

    Attributes:
        server: ldaps://… or ldap://…, which is raised to TLS before a word is said.
        user, password: who looks people up; "" for an anonymous look.
        person_filter: finds somebody by {login}. subject, login, name, groups: his attributes.
        group_base, group_filter: where groups name their members by {dn}, besides the attribute of the person.
        certificates: a file of the organisation's own authorities, "" for the system's.
    """

    server: str
    base: str
    user: str = ""
    password: str = ""
    person_filter: str = "(&(objectClass=person)(uid={login}))"
    subject: str = "entryUUID"
    login: str = "uid"
    name: str = "cn"
    groups: str = "memberOf"
    group_base: str = ""
    group_filter: str = "(&(objectClass=groupOfNames)(member={dn}))"
    certificates: str = ""


class LdapDirectory:
    """One directory."""

    travels = False

    def __init__(self, settings: LdapSettings) -> None:
        self._settings = settings
        tls = Tls(validate=ssl.CERT_REQUIRED, version=ssl.PROTOCOL_TLS_CLIENT,
                  ca_certs_file=settings.certificates or None)  # fmt: skip
        self._server = Server(settings.server, tls=tls, connect_timeout=_SECONDS, get_info="NO_INFO")

    async def begin(self, back: str) -> Journey:
        """Nobody is sent there."""
        raise VoucherAway(f"a directory has no page for a browser to come back from to {back}")

    async def vouch(self, proof: Proof) -> Identity:
        """Who this is."""
        if not isinstance(proof, PasswordProof) or not proof.login or not proof.password:
            raise NotSignedIn("a login and a password are needed")
        return await asyncio.to_thread(self._vouch, proof)

    def _vouch(self, proof: PasswordProof) -> Identity:
        try:
            with self._bound(self._settings.user, self._settings.password) as look:
                found = self._find(look, proof.login)
                with self._bound(str(found["dn"]), proof.password):
                    pass
                return self._identity(look, found)
        except LDAPInvalidCredentialsResult as fault:
            raise NotSignedIn("the directory does not know this password") from fault
        except LDAPException as fault:
            raise VoucherAway(f"the directory does not answer: {type(fault).__name__}") from fault

    @contextmanager
    def _bound(self, user: str, password: str) -> Iterator[Connection]:
        """A connection that is known by this name; TLS stands before the name is said.

        Raises:
            NotSignedIn: the directory refuses this person. VoucherAway: it refuses the one who looks people up.
        """
        connection = Connection(
            self._server, user or None, password or None, auto_bind=AUTO_BIND_NONE, receive_timeout=_SECONDS,
            raise_exceptions=False, read_only=True, auto_referrals=False,
        )  # fmt: skip
        try:
            if self._server.ssl:
                connection.open()
            elif not connection.start_tls():
                raise VoucherAway("the directory does without TLS")
            if not connection.bind():
                looks = user == self._settings.user
                if connection.result["result"] in _FAULT_OF_THE_PERSON and not looks:
                    raise NotSignedIn("the directory does not let this person in")
                raise VoucherAway(f"the directory refuses: {connection.result['description']}")
            yield connection
        finally:
            connection.unbind()
            if connection.socket is not None:  # ldap3 leaves it open where nobody answered
                connection.socket.close()

    def _find(self, look: Connection, login: str) -> dict[str, Any]:
        """The only person with this login."""
        asked = self._settings
        wanted = asked.person_filter.replace("{login}", escape_filter_chars(login))
        names = [name for name in (asked.subject, asked.login, asked.name, asked.groups) if name]
        look.search(asked.base, wanted, SUBTREE, attributes=names, size_limit=2)
        found = [entry for entry in look.response or [] if entry.get("type") == "searchResEntry"]
        if len(found) != 1:
            raise NotSignedIn("the directory knows nobody, or more than one, by this login")
        return dict(found[0])

    def _identity(self, look: Connection, found: dict[str, Any]) -> Identity:
        asked, facts = self._settings, found["raw_attributes"]
        groups = set(_texts(facts, asked.groups))
        if asked.group_base:
            wanted = asked.group_filter.replace("{dn}", escape_filter_chars(str(found["dn"])))
            look.search(asked.group_base, wanted, SUBTREE, attributes=["cn"])
            groups |= {str(entry["dn"]) for entry in look.response or [] if entry.get("type") == "searchResEntry"}
        subject = (facts.get(asked.subject) or [b""])[0]
        if not subject:
            raise VoucherAway(f"people have no attribute {asked.subject} in the directory")
        known = subject.hex() if asked.subject.casefold() == "objectguid" else subject.decode("utf-8", "replace")
        return Identity(
            asked.server[:200], known[:255], (_texts(facts, asked.login) or [""])[0][:64],
            (_texts(facts, asked.name) or [""])[0][:100], frozenset(groups),
        )  # fmt: skip


def _texts(facts: dict[str, Any], name: str) -> list[str]:
    return [value.decode("utf-8", "replace") for value in facts.get(name, [])] if name else []
