"""Who may do what to which object. Pure: tables and questions; services ask, pages never decide."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.domain.people import Account, Role
from ivr.errors import Forbidden


class Thing(StrEnum):
    """A kind of object."""

    CALLBACK = "callback"
    MESSAGE = "message"
    CALL = "call"
    RECORDING = "recording"
    BOARD = "board"  # calls in progress, the day's numbers, health
    REPORT = "report"
    PERSON = "person"
    SETTINGS = "settings"
    CALENDAR = "calendar"  # hours, local days, orders about single days
    PROMPT = "prompt"  # the assistant's voice
    TOPICS = "topics"  # words by which topics are recognised
    SPEECH = "speech"  # the recogniser's own words: one model for all who are served
    DIRECTORY = "directory"  # executors and their telephones
    REVIEW = "review"  # the audit of recordings
    WEBHOOK = "webhook"
    ACCESS_LOG = "access_log"
    SESSION = "session"
    CITIZEN = "citizen"  # all that is kept of one person (152-FZ)
    HOLD = "hold"
    ACT = "act"  # of destruction
    REGION = "region"  # sums of all municipalities


class Deed(StrEnum):
    """What is done to it."""

    LIST = "list"
    VIEW = "view"
    HEAR = "hear"
    WORK = "work"  # change it in the course of daily work
    OVERRULE = "overrule"  # change what a colleague has in hand
    EXPORT = "export"
    MANAGE = "manage"  # make, change, remove
    ERASE = "erase"  # for ever


_Right = tuple[Deed, Thing]
_CITIZENS = (Thing.CALLBACK, Thing.MESSAGE, Thing.CALL)
_READ: frozenset[_Right] = frozenset(
    {(deed, thing) for thing in _CITIZENS for deed in (Deed.LIST, Deed.VIEW)}
    | {(Deed.HEAR, Thing.RECORDING), (Deed.VIEW, Thing.BOARD), (Deed.VIEW, Thing.CALENDAR)}
    | {(Deed.VIEW, Thing.DIRECTORY)}
)
_KEEP: frozenset[_Right] = frozenset({(Deed.WORK, thing) for thing in (Thing.CALLBACK, Thing.MESSAGE, Thing.REVIEW)})
_OVERSEE: frozenset[_Right] = frozenset(
    {(Deed.EXPORT, thing) for thing in (*_CITIZENS, Thing.RECORDING, Thing.REPORT, Thing.ACCESS_LOG)}
    | {(deed, thing) for thing in (Thing.REPORT, Thing.REVIEW, Thing.ACCESS_LOG) for deed in (Deed.LIST, Deed.VIEW)}
    | {(Deed.LIST, Thing.PERSON), (Deed.VIEW, Thing.PERSON), (Deed.LIST, Thing.HOLD), (Deed.LIST, Thing.RECORDING)}
    | {(deed, Thing.ACT) for deed in (Deed.LIST, Deed.VIEW, Deed.EXPORT)}
)
_TEACH: frozenset[_Right] = frozenset(
    {(deed, thing) for thing in (Thing.CALENDAR, Thing.TOPICS, Thing.SPEECH, Thing.DIRECTORY) for deed in
     (Deed.VIEW, Deed.MANAGE)}
)  # fmt: skip
_RULE: frozenset[_Right] = frozenset(
    {(Deed.OVERRULE, Thing.CALLBACK), (Deed.VIEW, Thing.PROMPT)}
    | {(Deed.MANAGE, thing) for thing in (Thing.REPORT, Thing.REVIEW, Thing.HOLD)}
    | {(deed, Thing.CITIZEN) for deed in (Deed.VIEW, Deed.EXPORT, Deed.ERASE)}
    | {(Deed.MANAGE, Thing.MESSAGE)}  # many at once: an older journal taken in
)
_RUN: frozenset[_Right] = frozenset(
    {(deed, thing) for thing in (Thing.PERSON, Thing.SETTINGS, Thing.WEBHOOK, Thing.PROMPT) for deed in
     (Deed.LIST, Deed.VIEW, Deed.MANAGE)}
    | {(Deed.VIEW, Thing.BOARD), (Deed.LIST, Thing.ACCESS_LOG), (Deed.VIEW, Thing.ACCESS_LOG)}
)  # fmt: skip

ALLOWED: Mapping[Role, frozenset[_Right]] = {
    Role.OPERATOR: _READ | _KEEP,
    Role.CURATOR: _READ | _KEEP | _OVERSEE | _RULE | _TEACH,
    Role.ADMINISTRATOR: _RUN | _TEACH,
    Role.AUDITOR: _READ | _OVERSEE,
    Role.REGION: frozenset({(Deed.VIEW, Thing.REGION), (Deed.EXPORT, Thing.REGION)}),
}

_OF_THE_HOUSE = frozenset({Thing.SETTINGS, Thing.SPEECH, Thing.REGION})
"""What concerns the whole installation: nobody's who works for another municipality than the house's own."""


class Via(StrEnum):
    """How somebody came in."""

    SESSION = "session"  # a browser
    TOKEN = "token"  # a program comes in by one  # nosec B105
    COMMAND = "command"  # the command line of the server
    SETUP = "setup"  # the first start
    TIMETABLE = "timetable"  # the house itself


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who is known and does something now.

    Attributes:
        session: hash of the session's token, "" without one.
        source: address he comes from.
        guest: works for a municipality that is served here and is not the house's own.
    """

    account: Account
    via: Via
    source: str = ""
    session: str = ""
    guest: bool = False

    def may(self, deed: Deed, thing: Thing) -> bool:
        """Some role of theirs allows it, for objects of their own municipality."""
        if self.account.disabled_at is not None or (self.guest and thing in _OF_THE_HOUSE):
            return False
        return any((deed, thing) in ALLOWED[role] for role in self.account.roles)

    def require(self, deed: Deed, thing: Thing) -> None:
        """The same, as a rule.

        Raises:
            Forbidden: no role of theirs allows it.
        """
        if not self.may(deed, thing):
            raise Forbidden(f"{deed} {thing} is for other roles than {', '.join(sorted(self.account.roles))}")

    def sees(self, municipality: str) -> bool:
        """An object of this municipality exists for them at all."""
        return municipality == self.account.municipality

    def looks_after(self, municipality: str) -> bool:
        """Accounts of this municipality exist for them: of their own, and of all for who sets the installation up."""
        return self.sees(municipality) or self.may(Deed.MANAGE, Thing.SETTINGS)


def secret_hash(secret: str) -> str:
    """How a random secret of 256 bits is kept and looked up: SHA-256, hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in at a browser.

    Attributes:
        key: hash of the token in the cookie.
        seen_at: the last act of the person; live updates are none.
        source, agent: where from and with what, shown to the person.
    """

    key: str
    account: str
    began_at: datetime
    seen_at: datetime
    source: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class SessionRules:
    """How long a session lives.

    Attributes:
        idle: without an act of the person.
        longest: whatever happens.
    """

    idle: timedelta = timedelta(minutes=60)
    longest: timedelta = timedelta(hours=12)

    def alive(self, session: Session, now: datetime) -> bool:
        """It may still be used."""
        return now - session.seen_at < self.idle and now - session.began_at < self.longest


@dataclass(frozen=True, slots=True)
class Token:
    """A program's key; it acts in the name of an account.

    Attributes:
        key: hash of the token.
        title: what it is for.
    """

    key: str
    account: str
    title: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link by which a person sets a password, once; it is void when another one is made.

    Attributes:
        key: hash of the secret in the link.
    """

    key: str
    account: str
    made_at: datetime
    expires_at: datetime


_FREE_TRIES, _LONGEST_WAIT = 5, 900
_FORGOTTEN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Tries:
    """Failed tries to sign in, of one login or from one address: each after the fifth must wait twice as long as the
    one before, up to 15 minutes; a day without a try forgets them."""

    failures: int = 0
    last_at: datetime | None = None

    def wait(self, now: datetime, free: int = _FREE_TRIES) -> float:
        """Seconds until the next try is looked at."""
        if self.last_at is None or self.failures < free:
            return 0.0
        pause = min(2.0 ** (self.failures - free + 1), _LONGEST_WAIT)
        return max(0.0, pause - (now - self.last_at).total_seconds())

    def failed(self, now: datetime) -> Tries:
        """One more."""
        old = self.last_at is not None and now - self.last_at >= _FORGOTTEN
        return Tries(1 if old else self.failures + 1, now)


@dataclass(frozen=True, slots=True)
class PersonView:
    """All that an administrator sees of somebody.

    Attributes:
        sessions: where he is signed in, the latest act first.
        tokens: keys of programs that act under his name.
        invitation: his link that was not used yet.
        has_password: whether he can sign in by one.
        bound: whether an account of the organisation is his (that of another can no more come in as he).
    """

    account: Account
    sessions: Sequence[Session]
    tokens: Sequence[Token]
    invitation: Invitation | None
    has_password: bool
    bound: bool
