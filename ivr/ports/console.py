"""What the console reads and corrects of the journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.domain.call import Call
from ivr.domain.callback import Callback
from ivr.domain.consent import Proof, WithheldRecording
from ivr.domain.correction import Correction
from ivr.domain.message import Message
from ivr.domain.selection import Entry
from ivr.domain.turn import Turn
from ivr.domain.worklist import Place, WorkCounts, WorkQuery, WorkRow

_NONE = Proof()


class Worklist(Protocol):
    """The operators' list, a page at a time, whatever the journal holds."""

    async def rows(self, query: WorkQuery, after: Place | None = None, limit: int = 50) -> Sequence[WorkRow]:
        """By the deadline that counts now, then arrival; closed ones the latest first."""

    async def counts(self, query: WorkQuery) -> WorkCounts:
        """How many open promises each filter shows; words are not looked at."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A call with its turns."""

    call: Call
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Owner:
    """To whom a recording belongs.

    Attributes:
        callback: the promise it has to do with, "" for none.
        proof: that the citizen was told of the recording.
    """

    municipality: str
    callback: str = ""
    proof: Proof = _NONE


class Conversations(Protocol):
    """Calls, messages and recordings of the journal."""

    async def find(self, calls: Sequence[str]) -> Sequence[Conversation]:
        """Calls by id, oldest first."""

    async def calls(
        self, municipality: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> Sequence[Call]:
        """The newest first."""

    async def message(self, message: str) -> Message | None:
        """One row of appendix 2."""

    async def messages_of(self, calls: Sequence[str]) -> Sequence[Message]:
        """The messages of these calls, in no order; a call without one is left out."""

    async def messages(
        self, municipality: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> Sequence[Message]:
        """The newest first."""

    async def earlier(self, message: Message, limit: int) -> Sequence[Message]:
        """Messages of the same phone or the same name before this one, the latest first."""

    async def callback_of(self, message: str) -> str:
        """The promise a message belongs to, "" for none."""

    async def owner(self, recording: str) -> Owner | None:
        """Whose recording this is: of a call, or of an attempt."""

    async def unproven(self, municipality: str, limit: int) -> Sequence[WithheldRecording]:
        """Recordings that nothing proves the citizen's knowledge of, the newest first."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the register.

    Attributes:
        tokens: one of each group must be there (`language.search_words`); the municipality is the register's own care.
        begins, ends: moments of the call, [begins, ends); None: open.
    """

    municipality: str
    tokens: Sequence[frozenset[str]] = ()
    begins: datetime | None = None
    ends: datetime | None = None


class Register(Protocol):
    """All messages, by their words and columns, a page at a time, whatever the journal holds."""

    async def page(self, wanted: Wanted, below: int | None = None, limit: int = 50) -> Sequence[Entry]:
        """The newest first, below a place."""

    async def count(self, wanted: Wanted, at_most: int) -> int:
        """How many there are; counting stops at `at_most`."""

    def walk(self, wanted: Wanted) -> Iterator[Message]:
        """All of them, the oldest first, a few at a time. May take minutes: never on the loop's thread.

        Raises:
            JournalError: the database is away.
        """


class CorrectionBook(Protocol):
    """Fields put right."""

    async def correct(self, correction: Correction, message: Message, callback: tuple[int, Callback] | None) -> bool:
        """Keep the field, both versions, and the promise when its number changes; one transaction.

        Args:
            message: as it is after the correction.
            callback: the version it was seen at, and the promise after it.

        Returns:
            False, and nothing is kept, when the field or the promise is not as it was seen.
        """

    async def of(self, messages: Sequence[str]) -> Sequence[Correction]:
        """All corrections of these messages, oldest first."""


class Switchboard(Protocol):
    """The engines, asked to place calls."""

    async def call_back(self, callback: str, who: str, telephone: str) -> Mapping[str, object]:
        """Ring the operator, then the citizen; returns when the attempt is over: `outcome`, or `refused` with a
        sentence for people.

        Raises:
            LineError: no engine is there.
        """

    async def try_line(self, address: str) -> Mapping[str, object]:
        """Ring an address and speak a phrase: `outcome`, or `refused`.

        Raises:
            LineError: no engine is there.
        """


class News(Protocol):
    """What happens in all processes, as `Announce` tells it."""

    async def next(self) -> Mapping[str, object]:
        """The next piece."""
