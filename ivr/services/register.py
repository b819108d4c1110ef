"""The journal of all messages, for somebody who is signed in: searched, filtered, exported, each look written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ivr.domain.access import Actor, Deed, Thing
from ivr.domain.correction import Correction
from ivr.domain.message import Message
from ivr.domain.selection import MOST_COUNTED, Entry, Selection
from ivr.errors import RuleBroken
from ivr.language.morphology import shared_morphology
from ivr.language.search_words import SearchWords, mark
from ivr.ports import Clock
from ivr.ports.console import Conversation, Conversations, CorrectionBook, Register, Wanted
from ivr.services.audit import AccessLog

_PAGE = 50
_EARLIER = 10
ROWS_AT_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """A page of the journal.

    Attributes:
        count: how many rows the selection has; `MOST_COUNTED` stands for more.
        next: what the next page begins below, None on the last one.
        asked: the tokens of the searched words, to mark them in the texts.
    """

    rows: Sequence[Entry]
    count: int
    now: datetime
    next: int | None = None
    asked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Record:
    """All that is known of a message that nothing was promised for.

    Attributes:
        conversation: its call with its turns, None where the call is not kept.
        earlier: other messages of the same citizen, the latest first.
    """

    message: Message
    conversation: Conversation | None
    corrections: Sequence[Correction]
    earlier: Sequence[Message]
    now: datetime


@dataclass(slots=True)
class Journals:
    """Looks through the journal.

    Attributes:
        zone: the time zone of a municipality.
    """

    register: Register
    conversations: Conversations
    corrections: CorrectionBook
    log: AccessLog
    clock: Clock
    zone: Callable[[str], ZoneInfo]

    async def page(self, actor: Actor, selection: Selection, below: int | None = None) -> RegisterPage:
        """A page of a selection, the newest first.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.LIST, Thing.MESSAGE)
        await self.log.note_once(actor, Deed.LIST, Thing.MESSAGE, facts=facts_of(selection))
        wanted = self._wanted(actor, selection)
        rows = await self.register.page(wanted, below, _PAGE + 1)
        more = rows[_PAGE - 1].place if len(rows) > _PAGE else None
        asked = frozenset(token for group in self.words.asked(selection.words) for token in group)
        is_whole = below is None and more is None
        count = len(rows) if is_whole else await self.register.count(wanted, MOST_COUNTED)
        return RegisterPage(rows[:_PAGE], count, self.clock.now(), more, asked)

    async def record(self, actor: Actor, message: str) -> Record | str:
        """One message, or the promise it belongs to, by id.

        Raises:
            Forbidden: not for this role.
            RuleBroken: there is no such message in this town.
        """
        actor.require(Deed.VIEW, Thing.MESSAGE)
        found = await self.conversations.message(message)
        if found is None or not actor.sees(found.municipality):
            raise RuleBroken("20", "there is no such message", "unknown")
        if callback := await self.conversations.callback_of(message):
            return callback
        await self.log.note_once(actor, Deed.VIEW, Thing.MESSAGE, message)
        calls = await self.conversations.find([message])
        return Record(
            found, calls[0] if calls else None, await self.corrections.of([message]),
            await self.conversations.earlier(found, _EARLIER), self.clock.now(),
        )  # fmt: skip

    async def export(self, actor: Actor, selection: Selection) -> Iterator[Message]:
        """All messages of a selection, the oldest first; to be read off the loop's thread.

        Raises:
            Forbidden: not for this role.
        """
        actor.require(Deed.EXPORT, Thing.MESSAGE)
        wanted = self._wanted(actor, selection)
        count = await self.register.count(wanted, ROWS_AT_MOST + 1)
        if count > ROWS_AT_MOST:
            raise RuleBroken("16", f"a sheet holds {ROWS_AT_MOST} rows; choose a shorter period", "too_many_rows")
        facts = {**facts_of(selection), "rows": str(count)}
        await self.log.note(actor, Deed.EXPORT, Thing.MESSAGE, facts=facts)
        return self.register.walk(wanted)

    @property
    def words(self) -> SearchWords:
        """How texts are searched."""
        return SearchWords(shared_morphology())

    def _wanted(self, actor: Actor, selection: Selection) -> Wanted:
        town = actor.account.municipality
        groups = [frozenset({mark(column, value)}) for column, value in selection.filters.items()]
        groups += self.words.asked(selection.words)
        zone = self.zone(town)
        begins = _midnight(selection.first, zone) if selection.first else None
        ends = _midnight(selection.last + timedelta(days=1), zone) if selection.last else None
        return Wanted(town, groups, begins, ends)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def facts_of(selection: Selection) -> dict[str, str]:
    """What is written down of a selection: which columns, that words were searched; never the words."""
    facts = {"filtered": " ".join(sorted(selection.filters))} if selection.filters else {}
    return facts | ({"searched": "yes"} if selection.words.strip() else {})
