"""What the application keeps: the journal, the callbacks, the notices, the lease of the timetable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from ivr.domain.attempt import Attempt
from ivr.domain.call import Call
from ivr.domain.callback import Callback
from ivr.domain.case import Case
from ivr.domain.dial_plan import DialLimits
from ivr.domain.leg import LegRecord
from ivr.domain.letter import LetterState
from ivr.domain.message import Message
from ivr.domain.notices import Bundle, Notice
from ivr.domain.precedent import Precedent
from ivr.domain.presence import PresenceChange
from ivr.domain.referral import Referral
from ivr.domain.turn import Turn

Addressees = Callable[[Notice], Sequence[str]]
"""Addresses that are written to of a notice."""


def nobody(_notice: Notice) -> Sequence[str]:
    """Nobody is written to."""
    return ()


class Journal(Protocol):
    """The journal of calls, messages and callbacks. Each method is one transaction, and may be repeated safely."""

    async def open(self, call: Call, card: Message | None = None) -> None:
        """The row exists before a word is said; so does the card of a call that operators are rung for (clause 15)."""

    async def answered(self, call: Call, card: Message, case: Callback) -> None:
        """An operator talks with the caller: the card is his to fill in, from now on."""

    async def progress(self, call: Call, turns: Sequence[Turn]) -> None:
        """Keep what is known so far, so that a killed engine loses no fact."""

    async def close(
        self, call: Call, turns: Sequence[Turn], message: Message | None, callback: Callback | None
    ) -> None:
        """End the call: one transaction for the call, its turns, its message and its callback.

        A callback for a number that already has an open one at this municipality is merged into it
        (interpretation 5): one callback with a counter, the earliest deadline, all recordings. What people have
        written on the card meanwhile stays. The ledger has the call's legs from now on.
        """

    async def enter(self, legs: Sequence[LegRecord]) -> None:
        """Write legs into the ledger, each once; they are never changed."""

    async def promised(self, municipality: str, number: str) -> datetime | None:
        """When this number is going to be called back, None: nobody has promised it."""

    async def unfinished(self, engine: str) -> Sequence[tuple[Call, Sequence[Turn]]]:
        """Calls of an engine that were opened but never closed (the engine died)."""

    async def callbacks(
        self, municipality: str | None = None, *, open_only: bool = True
    ) -> Sequence[tuple[Callback, Message]]:
        """The operators' list, by legal deadline, then arrival."""

    async def untranscribed(self, limit: int = 20) -> Sequence[tuple[Call, Sequence[Turn], Message]]:
        """Messages with turns that the recogniser never saw, oldest first."""

    async def transcribed(self, call: Call, turns: Sequence[Turn], message: Message, callback: Callback | None) -> None:
        """Keep the text made later. Fields a person has corrected stay as they are."""


class CallbackBook(Protocol):
    """The operators' side of the journal: promises and what becomes of them."""

    async def find(self, callback: str) -> Case | None:
        """All that is known of one promise."""

    async def promise(self, callback: str) -> Callback | None:
        """The promise alone."""

    async def keep(
        self,
        seen: int,
        callback: Callback,
        record: Attempt | Referral | None = None,
        messages: Sequence[Message] = (),
        limits: DialLimits | None = None,
    ) -> bool:
        """Keep a step in one transaction: the promise, its attempt or question, the operators' columns of its rows.

        Args:
            seen: the version the step was decided upon.
            limits: how many calls may be placed; exact, however many are placed at once.

        Returns:
            False, and nothing is kept, when somebody else made a step since: of several, one wins.

        Raises:
            RuleBroken: that would be a call too many.
        """

    async def note(self, attempt: Attempt) -> None:
        """Keep what is known of an attempt in progress; one that is over stays as it is."""

    async def unended(self, engine: str) -> Sequence[Attempt]:
        """Attempts that an engine has in progress."""

    async def open(self, municipality: str) -> Sequence[Callback]:
        """All open promises, by the deadline that counts now, then arrival; without what was said."""

    async def named(self, municipality: str, prefix: str, at_most: int = 2) -> Sequence[str]:
        """Ids that begin so, of promises open and closed."""

    async def owed(self, municipality: str, number: str) -> Sequence[Callback]:
        """Open promises to one number."""

    async def answered_since(self) -> Sequence[tuple[Callback, str]]:
        """Promises still waiting for a call though their citizen has rung since and was answered, each with by whom
        (interpretation 4)."""

    async def held(self) -> Sequence[Callback]:
        """Promises that somebody has taken, or that are being dialled."""

    async def referrals(self, municipality: str, *, open_only: bool = True) -> Sequence[tuple[Referral, Message]]:
        """Questions passed on, by deadline, each with the row it comes from."""

    async def kin(self, message: Message, since: datetime) -> Sequence[Message]:
        """Earlier rows of the same phone or the same name: those since a moment, and the open ones."""


class TalkBook(Protocol):
    """What was said in conversations that operators began."""

    async def keep_talk(self, attempt: str, turns: Sequence[Turn]) -> None:
        """Keep the turns of an attempt's conversation, in place of what was there."""

    async def talk(self, attempt: str) -> Sequence[Turn]:
        """The turns of an attempt's conversation, in order."""

    async def untranscribed_talks(self, limit: int = 20) -> Sequence[tuple[str, Sequence[Turn]]]:
        """Attempts with turns that the recogniser never saw, each with all its turns."""


class ConfirmedTopics(Protocol):
    """Messages whose topic an operator has confirmed: what the understanding learns from."""

    async def confirmed(self, municipality: str, limit: int) -> Sequence[Precedent]:
        """The newest first: a conversation was held, its card is filled in, and the row has a text and a topic."""


class NoticeBook(Protocol):
    """What people were told of."""

    async def post(self, notices: Sequence[Notice], at: datetime, letters: Addressees = nobody) -> Sequence[Notice]:
        """Keep those that are new, each once whoever posts it and how often; returns the new ones.

        Args:
            letters: who is written to of each; the letters wait from the same transaction on.
        """

    async def unseen(self, municipality: str) -> Sequence[Notice]:
        """Notices that nobody has marked as seen, oldest first."""

    async def seen(self, key: str, by: str, at: datetime) -> bool:
        """Mark a notice as seen; False when somebody else did before."""


class NoticeLetters(Protocol):
    """Letters about notices: each notice reaches each addressee once, several in one letter."""

    async def claim(self, at: datetime, until: datetime) -> Bundle | None:
        """All that waits for one addressee, for who asks and nobody else until then."""

    async def hand_over(self, bundle: Bundle) -> bool:
        """The last word is about to be said; False when somebody else has the letter by now: say nothing."""

    async def settle(self, bundle: Bundle, state: LetterState, reply: str, at: datetime) -> None:
        """It was delivered, or nobody knows whether (it never goes again), or it waits to be tried again at `at`."""

    async def waiting(self) -> int:
        """How many notices have not reached somebody."""


class Troubles(Protocol):
    """What does not work just now: since when."""

    async def since(self, municipality: str, name: str, wrong: bool, now: datetime) -> datetime | None:
        """Note that something works, or does not; since when it does not, None when it does."""

    async def standing(self, municipality: str) -> Mapping[str, datetime]:
        """All that does not work, and since when."""


class PresenceBook(Protocol):
    """Who was at work when."""

    async def add(self, change: PresenceChange) -> None:
        """Keep a change for ever."""

    async def since(self, municipality: str, moment: datetime) -> Sequence[PresenceChange]:
        """The changes from a moment on, oldest first."""


class Lease(Protocol):
    """Leadership among nodes that share a database."""

    async def hold(self, name: str, node: str, now: datetime, length: timedelta) -> bool:
        """Take or prolong it; False while another node has it. It runs out by itself."""

    async def release(self, name: str, node: str) -> None:
        """Give it back; harmless for a node that does not have it."""
