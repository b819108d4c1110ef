"""The door: signing in and out, sessions, keys of programs (OWASP ASVS 5, chapters 6 and 7)."""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from ivr.domain.access import Actor, Session, SessionRules, Thing, Via, secret_hash
from ivr.domain.audit import Entry
from ivr.domain.people import Account
from ivr.errors import NotSignedIn, TooManyTries
from ivr.ports import Clock
from ivr.ports.access import Passwords, PeopleBook, SessionBook
from ivr.services.audit import AccessLog

log = logging.getLogger(__name__)

_TOKEN_BYTES = 32
_SEEN_EVERY = timedelta(seconds=60)
_ADDRESS_FREE = 30  # many people may sit behind one address
_AT_ONCE = 2  # each look at a password takes 64 MiB


@dataclass(slots=True)
class Door:
    """Lets people and programs in.

    Attributes:
        municipality: whose house it is; failed tries of strangers are written down under it.
    """

    people: PeopleBook
    sessions: SessionBook
    passwords: Passwords
    log: AccessLog
    clock: Clock
    municipality: str
    rules: SessionRules = field(default_factory=SessionRules)
    _looking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def sign_in(self, login: str, password: str, source: str, agent: str = "", old_token: str = "") -> str:
        """Begin a session; the token for the cookie. The session that was there before ends (no fixation).

        Raises:
            NotSignedIn: login or password is wrong, or the person is disabled; which of them is not told.
            TooManyTries: wait first.
        """
        login = login.strip().lower()
        async with self._looking:
            await self.refuse_impatient(login, source)
            known = await self.people.named(login)
            account, hashed = known or (None, "")
            fits = await asyncio.to_thread(self.passwords.fits, hashed, password)
            if account is None or not fits or account.disabled_at is not None:
                await self.note_failure(login, source)
                raise NotSignedIn("the login or the password is wrong")
        if self.passwords.is_old(hashed):
            await self.people.set_password(account.id, await asyncio.to_thread(self.passwords.hash, password))
        await self.sessions.forget_tries(f"login:{login}")
        return await self.admit(account, source, agent, old_token)

    async def opens(self, login: str, password: str, source: str) -> bool | None:
        """This is the password that the account has here; None: it has none. Nothing is written down, nobody comes in.

        Raises:
            TooManyTries: wait first.
        """
        async with self._looking:
            await self.refuse_impatient(login, source)
            known = await self.people.named(login.strip().lower())
            if not known or not known[1]:
                return None
            return await asyncio.to_thread(self.passwords.fits, known[1], password)

    async def admit(self, account: Account, source: str, agent: str = "", old_token: str = "") -> str:
        """Begin a session of somebody who has proven who he is; the one that was there before ends (no fixation).

        Raises:
            NotSignedIn: he is disabled.
        """
        now = self.clock.now()
        if account.disabled_at is not None:
            raise NotSignedIn("this person is disabled")
        if old_token:
            await self.sessions.end(secret_hash(old_token))
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        session = Session(secret_hash(token), account.id, now, now, source, agent)
        await self.sessions.begin(session)
        await self._note(account, "sign_in", source)
        await self.sessions.end_old(now - self.rules.longest, now - self.rules.idle)
        return token

    async def visitor(self, token: str, source: str, *, acts: bool = True) -> Actor:
        """Whose session this is.

        Args:
            acts: the person does something; a page that renews itself does not.

        Raises:
            NotSignedIn: there is no such session, it has run out, or the person is disabled.
        """
        now = self.clock.now()
        found = await self.sessions.find(secret_hash(token)) if token else None
        if found is None or not self.rules.alive(found[0], now) or found[1].disabled_at is not None:
            raise NotSignedIn("nobody is signed in")
        session, account = found
        if acts and now - session.seen_at >= _SEEN_EVERY:
            await self.sessions.seen(session.key, now)
        return Actor(account, Via.SESSION, source, session.key, self._is_guest(account))

    async def program(self, token: str, source: str) -> Actor:
        """For whom this key acts.

        Raises:
            NotSignedIn: there is no such key, it has run out, or its account is disabled.
        """
        now = self.clock.now()
        found = await self.sessions.token(secret_hash(token)) if token else None
        if found is None or found[0].expires_at <= now or found[1].disabled_at is not None:
            raise NotSignedIn("this key opens nothing")
        key, account = found
        if key.used_at is None or now - key.used_at >= _SEEN_EVERY:
            await self.sessions.token_used(key.key, now)
        return Actor(account, Via.TOKEN, source, key.key, self._is_guest(account))

    async def sign_out(self, actor: Actor) -> None:
        """End this session."""
        await self.sessions.end(actor.session)
        await self._note(actor.account, "sign_out", actor.source)

    async def sign_out_everywhere(self, actor: Actor) -> int:
        """End all sessions of the person; how many."""
        count = await self.sessions.end_all(actor.account.id)
        await self._note(actor.account, "sign_out_all", actor.source)
        return count

    async def refuse_impatient(self, login: str, source: str) -> None:
        """Whoever has failed too often waits before he is looked at.

        Raises:
            TooManyTries: wait first.
        """
        login, now = login.strip().lower(), self.clock.now()
        waits = (
            (await self.sessions.tries(f"login:{login[:64]}")).wait(now),
            (await self.sessions.tries(f"from:{source}")).wait(now, _ADDRESS_FREE),
        )
        if max(waits) > 0:
            raise TooManyTries(max(waits))

    async def note_failure(self, login: str, source: str) -> None:
        """Somebody was not let in: it is written down, and the next try waits longer."""
        login, now = login.strip().lower(), self.clock.now()
        for whose in (f"login:{login[:64]}", f"from:{source}"):
            await self.sessions.failed(whose, now)
        await self.log.note_stranger("refused", self.municipality, source, {"login": secret_hash(login)[:16]})
        log.warning("sign-in refused", extra={"action": "sign_in_refused"})

    def _is_guest(self, account: Account) -> bool:
        return account.municipality != self.municipality

    async def _note(self, account: Account, deed: str, source: str) -> None:
        entry = Entry(
            self.clock.now(), account.login, Via.SESSION, source, deed, Thing.SESSION, "", account.municipality
        )
        await self.log.book.append(entry)
