"""People: who is added, changed, disabled, and with which password and keys (clauses 1, 9)."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from ivr.domain.access import Actor, Deed, Invitation, PersonView, Session, Thing, Token, Via, secret_hash
from ivr.domain.passwords import password_fault
from ivr.domain.people import Account, Role
from ivr.errors import Forbidden, NotSignedIn, RuleBroken, TooManyTries
from ivr.ports import Clock
from ivr.ports.access import IdentityBook, Passwords, PeopleBook, SessionBook, SetupKey
from ivr.services.audit import AccessLog

_TOKEN_BYTES = 32
_LONGEST_TOKEN = timedelta(days=3650)
_INVITED = timedelta(hours=72)


@dataclass(slots=True)
class People:
    """The people of the house, and of the municipalities that it serves.

    Attributes:
        towns: keys of all that are served, the house's own first; none: whichever an account has.
    """

    book: PeopleBook
    sessions: SessionBook
    identities: IdentityBook
    passwords: Passwords
    common: Container[str]
    log: AccessLog
    clock: Clock
    towns: Sequence[str] = ()
    _administrators: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)
    """Held from the look at who manages the house to the change of it: two at once would leave nobody, or make two."""
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    async def everybody(self, actor: Actor, municipality: str = "") -> Sequence[Account]:
        """All of the actor's municipality, or of one that he looks after, by name.

        Raises:
            Forbidden: not for this role.
            RuleBroken: such a municipality is not known to this person.
        """
        actor.require(Deed.LIST, Thing.PERSON)
        whose = self._whose(actor, municipality)
        await self.log.note_once(actor, Deed.LIST, Thing.PERSON, facts=_of(actor, whose))
        return await self.book.everybody(whose)

    def open_to(self, actor: Actor) -> Sequence[str]:
        """Municipalities whose people this person looks after, his own first."""
        others = [one for one in self.towns if not actor.sees(one) and actor.looks_after(one)]
        return [actor.account.municipality, *others]

    async def person(self, actor: Actor, login: str) -> PersonView:
        """Somebody of the actor's municipality.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such person.
        """
        actor.require(Deed.VIEW, Thing.PERSON)
        account = await self._theirs(actor, login)
        await self.log.note_once(actor, Deed.VIEW, Thing.PERSON, account.login)
        known = await self.book.named(account.login)
        return PersonView(
            account, await self.sessions.of(account.id), await self.sessions.tokens(account.id),
            await self.sessions.invited(account.id), bool(known and known[1]),
            await self.identities.bound(account.id) > 0,
        )  # fmt: skip

    async def colleagues(self, actor: Actor) -> Sequence[str]:
        """Names that work can be handed to.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.LIST, Thing.CALLBACK)
        keepers = {Role.OPERATOR, Role.CURATOR}
        found = await self.book.everybody(actor.account.municipality)
        return [one.name for one in found if one.roles & keepers and one.disabled_at is None]

    async def add(
        self, actor: Actor, login: str, name: str, roles: Iterable[Role], password: str | None, telephone: str = "",
        municipality: str = "",
    ) -> Account:  # fmt: skip
        """A new one; without a password for a program that comes in by key.

        Args:
            municipality: whose he is; without it the actor's own.

        Raises:
            Forbidden: not for this role.
            RuleBroken: login, name, password, roles or municipality will not do.
        """
        actor.require(Deed.MANAGE, Thing.PERSON)
        account = Account(
            uuid.uuid4().hex, login.strip().lower(), " ".join(name.split()), self._whose(actor, municipality),
            frozenset(roles), self.clock.now(), telephone.strip(),
        )  # fmt: skip
        self._check(account)
        if password is not None:
            self._check_password(password, account)
        if not await self.book.add(account):
            raise RuleBroken("1", "this login or this name is somebody's already", "person_known")
        if password is not None:
            await self._set_password(account, password)
        facts = {"change": "added", **_of(actor, account.municipality)}
        await self.log.note(actor, Deed.MANAGE, Thing.PERSON, account.login, facts)
        return account

    async def found_house(self, key: SetupKey, given: str, municipality: str, source: str, **facts: Any) -> Account:
        """The first administrator, by the one-time key that the console of the server has shown.

        Raises:
            NotSignedIn: the key is wrong, or somebody was first.
            RuleBroken: login, name or password will not do.
        """
        async with self._administrators:
            if not key.fits(given) or await self.has_administrator():
                await self.log.note_stranger("refused_setup", municipality, source)
                raise NotSignedIn("this key is not the one on the server's console")
            seat = Account("", "setup", "setup", municipality, frozenset({Role.ADMINISTRATOR}), self.clock.now())
            account = await self.add(Actor(seat, Via.SETUP, source), **facts)
            key.remove()
            return account

    async def has_administrator(self) -> bool:
        """Somebody can sign in and manage the house."""
        return any(self._manages(one) for one in await self.book.everybody())

    async def change(self, actor: Actor, login: str, **news: Any) -> Account:
        """Change facts of a person (`name`, `roles`, `telephone`, `trained_at`, `acquainted_with`, `acquainted_at`).

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such person, the facts will not do, or no administrator would be left.
        """
        actor.require(Deed.MANAGE, Thing.PERSON)
        async with self._administrators:
            return await self._change(actor, login, news)

    async def _change(self, actor: Actor, login: str, news: Mapping[str, Any]) -> Account:
        known = await self._theirs(actor, login)
        news = {name: value for name, value in news.items() if getattr(known, name) != value}
        if not news:
            return known
        after = replace(known, **news)
        self._check(after)
        await self._keep_one_administrator(known, after)
        if not await self.book.change(after):
            raise RuleBroken("1", "this name is somebody's already", "person_known")
        if after.roles != known.roles:
            await self.sessions.end_all(after.id)
        await self.log.note(actor, Deed.MANAGE, Thing.PERSON, login, {"change": " ".join(sorted(news))})
        return after

    async def disable(self, actor: Actor, login: str, *, disabled: bool = True) -> Account:
        """From now on nothing is allowed to this person: sessions and keys end at once.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such person, or no administrator would be left.
        """
        after = await self.change(actor, login, disabled_at=self.clock.now() if disabled else None)
        if disabled:
            await self.sessions.end_all(after.id)
            await self.sessions.revoke(after.id)
        return after

    async def reset_password(self, actor: Actor, login: str, password: str) -> None:
        """Another password, by an administrator; all sessions of the person end.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such person, or the password will not do.
        """
        actor.require(Deed.MANAGE, Thing.PERSON)
        account = await self._theirs(actor, login)
        self._check_password(password, account)
        await self._set_password(account, password)
        await self.sessions.end_all(account.id)
        await self.sessions.forget_tries(f"login:{account.login}")
        await self.log.note(actor, Deed.MANAGE, Thing.PERSON, login, {"change": "password"})

    async def invite(self, actor: Actor, login: str) -> str:
        """A one-time link for a new password; the secret in it is shown once. From now on the old password opens
        nothing, and all sessions of the person end.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such person, or he is disabled.
        """
        actor.require(Deed.MANAGE, Thing.PERSON)
        account = await self._theirs(actor, login)
        if account.disabled_at is not None:
            raise RuleBroken("1", "this person is disabled: let him in first", "person_disabled")
        secret, now = secrets.token_urlsafe(_TOKEN_BYTES), self.clock.now()
        await self.log.note(actor, Deed.MANAGE, Thing.PERSON, account.login, {"change": "invitation"})
        await self.sessions.invite(Invitation(secret_hash(secret), account.id, now, now + _INVITED))
        await self.book.set_password(account.id, "")
        await self.sessions.end_all(account.id)
        return secret

    async def invited(self, secret: str) -> Account:
        """Whom a link invites.

        Raises:
            NotSignedIn: nobody: it was used, it is too old, or it was never made.
        """
        found = await self.sessions.invitation(secret_hash(secret)) if secret else None
        if found is None or found[0].expires_at <= self.clock.now() or found[1].disabled_at is not None:
            raise NotSignedIn("this link opens nothing")
        return found[1]

    async def accept(self, secret: str, password: str, source: str) -> Account:
        """Set the password that the link was made for; it opens nothing more.

        Raises:
            NotSignedIn: it opens nothing.
            RuleBroken: the password will not do; the link stays good.
        """
        account = await self.invited(secret)
        self._check_password(password, account)
        if not await self.sessions.drop_invitation(secret_hash(secret)):
            raise NotSignedIn("this link opens nothing")
        await self._set_password(account, password)
        await self.sessions.forget_tries(f"login:{account.login}")
        actor = Actor(account, Via.SETUP, source)
        await self.log.note(actor, Deed.MANAGE, Thing.SESSION, facts={"change": "password"})
        return account

    async def sign_out(self, actor: Actor, login: str) -> int:
        """End all sessions of somebody; how many.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such person.
        """
        account = await self._managed(actor, login, "sessions")
        return await self.sessions.end_all(account.id)

    async def unbind(self, actor: Actor, login: str) -> None:
        """His account of the organisation was made anew there, or was bound by mistake: the next one that comes with
        his login is bound in its place. All his sessions end.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such person.
        """
        account = await self._managed(actor, login, "identity")
        await self.identities.release(account.id)
        await self.sessions.end_all(account.id)

    async def end_own_session(self, actor: Actor, key: str) -> None:
        """End one of one's own sessions by the beginning of its key.

        Raises:
            RuleBroken: there is none.
        """
        mine = await self.sessions.of(actor.account.id)
        found = next((session for session in mine if session.key.startswith(key)), None) if len(key) >= 16 else None
        if found is None:
            raise RuleBroken("3", "there is no such session", "unknown_session")
        await self.sessions.end(found.key)
        await self.log.note(actor, Deed.MANAGE, Thing.SESSION, facts={"change": "session"})

    async def revoke_token(self, actor: Actor, login: str, key: str) -> None:
        """A program's key opens nothing from now on.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such person or no such key.
        """
        actor.require(Deed.MANAGE, Thing.PERSON)
        account = await self._theirs(actor, login)
        if len(key) < 16 or not await self.sessions.revoke(account.id, key):
            raise RuleBroken("3", "there is no such key", "unknown_token")
        await self.log.note(actor, Deed.MANAGE, Thing.PERSON, account.login, {"change": "token"})

    async def change_own_password(self, actor: Actor, old: str, new: str) -> None:
        """One's own; the other sessions end.

        Raises:
            Forbidden: the old one is wrong.
            RuleBroken: the new one will not do.
            TooManyTries: wait first.
        """
        await self._refuse_stranger(actor, old)
        self._check_password(new, actor.account)
        await self._set_password(actor.account, new)
        await self.sessions.end_all(actor.account.id, but=actor.session)
        await self.log.note(actor, Deed.MANAGE, Thing.SESSION, facts={"change": "password"})

    async def give_token(self, actor: Actor, login: str, title: str, lasts: timedelta) -> str:
        """A key for a program that acts under this login; shown once.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such person, or it would last too long.
        """
        actor.require(Deed.MANAGE, Thing.PERSON)
        account = await self._theirs(actor, login)
        if not timedelta() < lasts <= _LONGEST_TOKEN:
            raise RuleBroken("3", "a key lasts from one day to ten years", "token_term")
        secret, now = f"ivr_{secrets.token_urlsafe(_TOKEN_BYTES)}", self.clock.now()
        await self.sessions.add_token(Token(secret_hash(secret), account.id, title, now, now + lasts))
        await self.log.note(actor, Deed.MANAGE, Thing.PERSON, login, {"change": "token"})
        return secret

    async def own_sessions(self, actor: Actor) -> Sequence[Session]:
        """Where one is signed in."""
        return await self.sessions.of(actor.account.id)

    async def _managed(self, actor: Actor, login: str, change: str) -> Account:
        """Whom the actor may change, the change being in the log already."""
        actor.require(Deed.MANAGE, Thing.PERSON)
        account = await self._theirs(actor, login)
        await self.log.note(actor, Deed.MANAGE, Thing.PERSON, account.login, {"change": change})
        return account

    async def _theirs(self, actor: Actor, login: str) -> Account:
        known = await self.book.named(login.strip().lower())
        if known is None or not actor.looks_after(known[0].municipality):
            raise RuleBroken("1", "there is no such person", "unknown_person")
        return known[0]

    def _whose(self, actor: Actor, municipality: str) -> str:
        """A municipality whose people this person looks after; without a key his own."""
        key, known = municipality or actor.account.municipality, self.open_to(actor)
        if key not in known:
            named = ", ".join(known)
            raise RuleBroken("6.2", f"no municipality {key!r}; known: {named}", "no_municipality",
                             asked=key, known=named)  # fmt: skip
        return key

    def _check(self, account: Account) -> None:
        account.check()
        if Role.REGION in account.roles and not self._is_own(account):
            raise RuleBroken("17", "who sees all municipalities belongs to the house's own", "region_elsewhere")

    def _is_own(self, account: Account) -> bool:
        return not self.towns or account.municipality == self.towns[0]

    def _manages(self, account: Account) -> bool:
        return self._is_own(account) and Role.ADMINISTRATOR in account.roles and account.disabled_at is None

    async def _keep_one_administrator(self, known: Account, after: Account) -> None:
        if not self._manages(known) or self._manages(after):
            return
        if not any(self._manages(one) for one in await self.book.everybody() if one.id != known.id):
            raise RuleBroken("1", "this is the last administrator", "last_administrator")

    def _check_password(self, password: str, account: Account) -> None:
        fault = password_fault(password, self.common, (account.login, account.name, account.municipality))
        if fault:
            raise RuleBroken("3", f"this password will not do: {fault}", fault)

    async def _refuse_stranger(self, actor: Actor, password: str) -> None:
        """Whoever sits at this session knows its person's password; one look after another, each takes 64 MiB.

        Raises:
            Forbidden: it is wrong. TooManyTries: it was too often.
        """
        whose, now = f"own:{actor.account.id}", self.clock.now()
        async with self._looking:
            if (wait := (await self.sessions.tries(whose)).wait(now)) > 0:
                raise TooManyTries(wait)
            known = await self.book.named(actor.account.login)
            if known is None or not await asyncio.to_thread(self.passwords.fits, known[1], password):
                await self.sessions.failed(whose, now)
                await self.log.note(actor, Deed.MANAGE, Thing.SESSION, facts={"change": "refused_password"})
                raise Forbidden("the old password is wrong")
        await self.sessions.forget_tries(whose)

    async def _set_password(self, account: Account, password: str) -> None:
        hashed = await asyncio.to_thread(self.passwords.hash, password)
        await self.book.set_password(account.id, hashed)


def _of(actor: Actor, municipality: str) -> dict[str, str]:
    """Written down where it is not the actor's own."""
    return {} if actor.sees(municipality) else {"municipality": municipality}
