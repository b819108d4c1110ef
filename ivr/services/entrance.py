"""Coming in by another system's word: the organisation's accounts beside passwords of this house.

The other system says who somebody is and in which groups; this house decides whether he comes in. Who is disabled here
comes in by neither. An account that has a password of its own is nobody's by its login alone; no more is one that is
another identity's of the same system, or a program's.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from dataclasses import dataclass, field, replace
from weakref import WeakValueDictionary

from ivr.domain.access import Deed, Thing, Via
from ivr.domain.audit import Entry
from ivr.domain.identity import GroupRoles, Identity, Journey, PasswordProof, ReturnProof
from ivr.domain.people import Account, Role
from ivr.errors import NotKnownHere, NotSignedIn, RuleBroken, VoucherAway
from ivr.ports.access import IdentityBook, Voucher
from ivr.services.access import Door

_OTHER_SIGNS = re.compile(r"[^a-z0-9._-]+")
_LOGIN_AT_MOST = 32
_AT_ONCE = 4  # questions to the directory


@dataclass(slots=True)
class Entrance:
    """Lets people in by the word of another system, and by passwords of this house.

    Attributes:
        voucher: the other system; None: passwords of this house only.
        link_by_login: an identity takes over the account with its login though that one has a password.
    """

    door: Door
    voucher: Voucher | None = None
    book: IdentityBook | None = None
    groups: GroupRoles = field(default_factory=GroupRoles)
    link_by_login: bool = False
    _asking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    _turns: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    @property
    def travels(self) -> bool:
        """A browser can be sent to the other system."""
        return self.voucher is not None and self.voucher.travels

    async def sign_in(self, login: str, password: str, source: str, agent: str = "", old_token: str = "") -> str:
        """Come in by a password: of this house, or where there is a directory, of the directory.

        Raises:
            NotSignedIn: neither fits. TooManyTries: wait first.
            NotKnownHere: the directory knows him, this house does not let him in.
            VoucherAway: the directory does not answer, and it is no password of this house.
        """
        if self.voucher is None or self.voucher.travels:
            return await self.door.sign_in(login, password, source, agent, old_token)
        async with self._turn(login):
            fits = await self.door.opens(login, password, source)
            if fits:
                return await self.door.sign_in(login, password, source, agent, old_token)
            identity = await self._vouched(login, password, source, wrong_here=fits is False)
        return await self._admit(identity, source, agent, old_token)

    async def begin(self, back: str) -> Journey:
        """Where to send a browser.

        Raises:
            VoucherAway: nobody is ever sent anywhere, or the other system does not answer.
        """
        if self.voucher is None:
            raise VoucherAway("people come in by passwords of this house only")
        return await self.voucher.begin(back)

    async def come_back(self, proof: ReturnProof, source: str, agent: str = "", old_token: str = "") -> str:
        """A browser is back; the token for its cookie.

        Raises:
            NotSignedIn: the other system does not vouch for it. VoucherAway: it does not answer, or not as agreed.
            NotKnownHere: this house does not let him in.
        """
        if self.voucher is None or not self.voucher.travels:
            raise VoucherAway("nobody was sent anywhere")
        try:
            identity = await self.voucher.vouch(proof)
        except NotSignedIn:
            await self.door.log.note_stranger("refused", self.door.municipality, source, {"via": "voucher"})
            raise
        return await self._admit(identity, source, agent, old_token)

    def _turn(self, login: str) -> asyncio.Lock:
        """One guess after another at each login: whoever comes next meets the failures of those before."""
        return self._turns.setdefault(login.strip().lower(), asyncio.Lock())

    async def _vouched(self, login: str, password: str, source: str, *, wrong_here: bool) -> Identity:
        """Ask the directory, a few at once. One that is away has refused nobody; this house may have."""
        assert self.voucher is not None
        async with self._asking:
            await self.door.refuse_impatient(login, source)  # others have failed meanwhile
            try:
                return await self.voucher.vouch(PasswordProof(login.strip(), password))
            except NotSignedIn:
                await self.door.note_failure(login, source)
                raise
            except VoucherAway:
                if wrong_here:
                    await self.door.note_failure(login, source)
                raise

    async def _admit(self, identity: Identity, source: str, agent: str, old_token: str) -> str:
        roles = self.groups.of(identity)
        try:
            account = await self._account(identity, roles)
        except NotKnownHere as fault:
            facts = {"via": "voucher", "why": fault.why}
            await self.door.log.note_stranger("refused", self.door.municipality, source, facts)
            raise
        account = await self._with_roles(account, roles)
        await self.door.sessions.forget_tries(f"login:{account.login}")
        return await self.door.admit(account, source, agent, old_token)

    async def _account(self, identity: Identity, roles: frozenset[Role]) -> Account:
        """Whose identity it is; one that was never here gets an account."""
        assert self.book is not None
        if not roles:
            raise NotKnownHere("no_group")
        bound = await self.book.account_of(identity)
        found = await self.door.people.find(bound) if bound else None
        if found is None:
            found = await self._newcomer(identity, roles)
            if not await self.book.bind(identity, found.id, self.door.clock.now()):
                raise NotKnownHere("taken")
        if found.disabled_at is not None:
            raise NotKnownHere("disabled")
        return found

    async def _newcomer(self, identity: Identity, roles: frozenset[Role]) -> Account:
        login = _OTHER_SIGNS.sub("-", identity.login.strip().lower()).strip("-._")[:_LOGIN_AT_MOST]
        if known := await self.door.people.named(login):
            account, hashed = known
            owned = not self.link_by_login if hashed else await self.door.sessions.tokens(account.id)
            if owned or account.municipality != self.door.municipality:
                raise NotKnownHere("taken")
            return account
        now = self.door.clock.now()
        name = " ".join(identity.name.split()) or login
        account = Account(uuid.uuid4().hex, login, name, self.door.municipality, roles, now)
        try:
            account.check()
        except RuleBroken as fault:
            raise NotKnownHere("taken") from fault
        await self._note(account, "added")
        if not await self.door.people.add(account):
            raise NotKnownHere("taken")
        return account

    async def _with_roles(self, account: Account, roles: frozenset[Role]) -> Account:
        """What the groups give now; the house keeps its last administrator whatever they say."""
        if Role.ADMINISTRATOR in account.roles - roles:
            others = [one for one in await self.door.people.everybody(account.municipality) if one.id != account.id]
            if not any(Role.ADMINISTRATOR in one.roles and one.disabled_at is None for one in others):
                roles |= {Role.ADMINISTRATOR}
        if roles == account.roles:
            return account
        await self._note(account, "roles")
        changed = replace(account, roles=roles)
        await self.door.people.change(changed)
        await self.door.sessions.end_all(account.id)
        return changed

    async def _note(self, account: Account, change: str) -> None:
        facts = {"change": change, "via": "voucher"}
        await self.door.log.book.append(
            Entry(self.door.clock.now(), account.login, Via.SESSION, "", Deed.MANAGE, Thing.PERSON, account.login,
                  account.municipality, facts)
        )  # fmt: skip
