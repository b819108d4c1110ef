"""Who may come in: people, sessions, keys, the access log, passwords."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ivr.domain.access import Invitation, Session, Token, Tries
from ivr.domain.audit import Entry, LogQuery
from ivr.domain.identity import Identity, Journey, Proof
from ivr.domain.people import Account


class PeopleBook(Protocol):
    """The people who may sign in."""

    async def add(self, account: Account) -> bool:
        """Keep a new one, without a password; False when the login or the name is somebody's already."""

    async def find(self, account: str) -> Account | None:
        """By id."""

    async def named(self, login: str) -> tuple[Account, str] | None:
        """By login, with the hash of the password ("" when there is none)."""

    async def everybody(self, municipality: str | None = None) -> Sequence[Account]:
        """All of a municipality, or of all, by name."""

    async def change(self, account: Account) -> bool:
        """Write all but login, municipality and password over; False when the name is somebody's already."""

    async def set_password(self, account: str, hashed: str) -> None:
        """Keep the hash of a new password."""


class SessionBook(Protocol):
    """Sessions, keys of programs, failed tries."""

    async def begin(self, session: Session) -> None:
        """Keep a new session."""

    async def find(self, key: str) -> tuple[Session, Account] | None:
        """A session with its person."""

    async def seen(self, key: str, at: datetime) -> None:
        """The person has done something."""

    async def end(self, key: str) -> None:
        """Forget it."""

    async def end_all(self, account: str, but: str = "") -> int:
        """Forget all sessions of a person but one; how many."""

    async def of(self, account: str) -> Sequence[Session]:
        """Sessions of a person, the latest act first."""

    async def end_old(self, began_before: datetime, seen_before: datetime) -> int:
        """Forget what has run out; how many."""

    async def add_token(self, token: Token) -> None:
        """Keep a program's key."""

    async def token(self, key: str) -> tuple[Token, Account] | None:
        """A key with the account it acts for."""

    async def token_used(self, key: str, at: datetime) -> None:
        """It was used."""

    async def tokens(self, account: str) -> Sequence[Token]:
        """Keys of an account, the newest first."""

    async def revoke(self, account: str, key: str = "") -> int:
        """Forget one key of an account by the beginning of its hash, or all; how many."""

    async def invite(self, invitation: Invitation) -> None:
        """Keep a new invitation; the person's others are void."""

    async def invitation(self, key: str) -> tuple[Invitation, Account] | None:
        """An invitation with its person."""

    async def invited(self, account: str) -> Invitation | None:
        """The invitation of a person that was not used yet."""

    async def drop_invitation(self, key: str) -> bool:
        """It is used; False when somebody was quicker."""

    async def tries(self, whose: str) -> Tries:
        """Failed tries of a login or from an address."""

    async def failed(self, whose: str, at: datetime) -> None:
        """One more of them, whoever else fails at that moment."""

    async def forget_tries(self, whose: str) -> None:
        """It was the right one."""


class AccessBook(Protocol):
    """The access log."""

    async def append(self, entry: Entry) -> Entry:
        """Keep a row after the last one, whoever else appends at that moment.

        Raises:
            JournalError: it could not be kept; then the deed must not be done.
        """

    async def page(self, query: LogQuery, before: int | None = None, limit: int = 50) -> Sequence[Entry]:
        """The newest rows first, below a number."""

    def walk(self, after: int = 0) -> Iterator[Entry]:
        """All rows behind a number, a few at a time. May take minutes: never on the loop's thread."""


class Voucher(Protocol):
    """Another system of the organisation that vouches for its people (OpenID Connect, LDAP)."""

    @property
    def travels(self) -> bool:
        """The browser is sent there; else a login and a password are typed here."""

    async def begin(self, back: str) -> Journey:
        """Where to send a browser, which is to come back to this address.

        Raises:
            VoucherAway: it does not answer, or nobody is ever sent there.
        """

    async def vouch(self, proof: Proof) -> Identity:
        """Who this is.

        Raises:
            NotSignedIn: it does not vouch for him.
            VoucherAway: it does not answer, or not as agreed.
        """


class IdentityBook(Protocol):
    """Whose account an identity of another system is."""

    async def account_of(self, identity: Identity) -> str | None:
        """Id of the account."""

    async def bind(self, identity: Identity, account: str, at: datetime) -> bool:
        """From now on it is this account's; False when it is another's already, or the account another identity's of
        the same system, whoever binds at that moment."""

    async def bound(self, account: str) -> int:
        """How many identities this account has, one a system at most."""

    async def release(self, account: str) -> int:
        """It is no identity's any more; whoever comes next may be bound to it. How many it had."""


class Passwords(Protocol):
    """Hashes that are slow to guess. Each call takes a tenth of a second: never on the loop's thread."""

    def hash(self, password: str) -> str:
        """The hash to keep."""

    def fits(self, hashed: str, password: str) -> bool:
        """Whether it is this password; as slow when there is no hash."""

    def is_old(self, hashed: str) -> bool:
        """The hash was made with weaker numbers than today's."""


class SetupKey(Protocol):
    """The one-time key of the first start."""

    def make(self) -> str:
        """A new key; the one before is void."""

    def fits(self, key: str) -> bool:
        """Whether it is this key."""

    def remove(self) -> None:
        """From now on none fits."""


Words = Callable[..., str]
"""Text for people by dotted key, facts by name."""

Facts = Mapping[str, str]
