"""What the console's books promise, on both databases: the list, the corrections, the conversations, the outbox."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.adapters.storage.callbacks import DatabaseCallbackBook
from ivr.adapters.storage.conversations import DatabaseConversations
from ivr.adapters.storage.corrections import DatabaseCorrectionBook
from ivr.adapters.storage.database import connect
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.adapters.storage.outbox import DatabaseOutbox
from ivr.adapters.storage.worklist import DatabaseWorklist
from ivr.domain.callback import Callback, CallbackState
from ivr.domain.contact import PersonName, PhoneNumber
from ivr.domain.correction import Correction, corrected
from ivr.domain.people import Person
from ivr.domain.vocabulary import AttemptOutcome
from ivr.domain.webhook import Webhook
from ivr.domain.worklist import Shown, WorkQuery
from tests.samples import CALENDAR, FRIDAY_NIGHT, RULES, a_call, a_callback, a_message, ended, turns

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
ANNA = Person("Петрова А.")
HOOK = Webhook("hook", "demo", "https://crm.example/in", "secret", ANNA.name, NOW)


@dataclass(frozen=True, slots=True)
class Books:
    """All upon one database."""

    journal: DatabaseJournal
    callbacks: DatabaseCallbackBook
    worklist: DatabaseWorklist
    corrections: DatabaseCorrectionBook
    conversations: DatabaseConversations
    outbox: DatabaseOutbox


@pytest.fixture
def books(journal_url: str) -> Iterator[Books]:
    engine = connect(journal_url)
    made = Books(
        DatabaseJournal(engine), DatabaseCallbackBook(engine), DatabaseWorklist(engine),
        DatabaseCorrectionBook(engine), DatabaseConversations(engine), DatabaseOutbox(engine),
    )  # fmt: skip
    yield made
    for name in Books.__dataclass_fields__:
        getattr(made, name).dispose()


async def _promise(books: Books, number: int, phone: str = "", **facts: object) -> Callback:
    call = replace(a_call(number, FRIDAY_NIGHT + timedelta(minutes=number)), caller_number=phone)
    message = a_message(call, phone=phone, **facts)
    callback = a_callback(message)
    await books.journal.close(ended(call), turns(), message, callback)
    return callback


def _query(shown: Shown = Shown.ALL, words: str = "", town: str = "demo") -> WorkQuery:
    return WorkQuery(town, NOW, shown, ANNA.name, words)


async def _ids(books: Books, shown: Shown = Shown.ALL, words: str = "") -> list[str]:
    return [row.callback.id for row in await books.worklist.rows(_query(shown, words))]


async def test_the_list_follows_the_deadline_that_counts_now(books: Books) -> None:
    first, second = await _promise(books, 1, "+79000000001"), await _promise(books, 2, "+79000000002")
    assert await _ids(books) == [first.id, second.id]
    taken = first.take(ANNA, NOW, timedelta(minutes=15))
    begun, attempt = taken.dial("1", ANNA, NOW)
    waiting, _ = begun.hang_up(attempt, AttemptOutcome.BUSY, NOW, CALENDAR, RULES)
    await books.callbacks.keep(0, waiting)
    assert await _ids(books) == [first.id, second.id]
    assert (await books.worklist.rows(_query()))[0].place.act_by == waiting.closes_at
    closed = replace(waiting, state=CallbackState.CLOSED, version=waiting.version + 1, trail=())
    await books.callbacks.keep(waiting.version, closed)
    assert await _ids(books) == [second.id]
    assert await _ids(books, Shown.CLOSED) == [first.id]
    assert await books.worklist.rows(_query(town="elsewhere")) == []


async def test_a_later_call_of_the_same_number_keeps_the_earlier_deadline(books: Books) -> None:
    early = await _promise(books, 1, "+79000000001")
    later = replace(a_callback(a_message(a_call(2), phone="+79000000001")), due_at=early.due_at - timedelta(hours=3))
    call = a_call(2)
    await books.journal.close(ended(call), [], a_message(call, phone="+79000000001"), later)
    (row,) = await books.worklist.rows(_query())
    assert (row.callback.calls, row.place.act_by) == (2, later.due_at)


async def test_filters_counts_and_words(books: Books) -> None:
    await _promise(books, 1, "+79000000001", text="нет горячей воды")
    mine = await _promise(books, 2, "+79000000002", text="яма на дороге")
    nobody = await _promise(books, 3, text="ЁЛКИ упали")
    await books.callbacks.keep(0, mine.take(ANNA, NOW, timedelta(minutes=15)))
    assert await _ids(books, Shown.MINE) == [mine.id]
    assert await _ids(books, Shown.NO_NUMBER) == [nobody.id]
    assert await _ids(books, words="елки") == [nobody.id]
    assert await _ids(books, words="яма 000-00-02") == [mine.id]
    counts = await books.worklist.counts(_query())
    assert (counts.all, counts.mine, counts.no_number, counts.overdue) == (3, 1, 1, 0)
    late = replace(_query(), now=NOW + timedelta(days=1))
    assert (await books.worklist.counts(late)).overdue == 3


async def test_pages_follow_each_other_without_a_gap(books: Books) -> None:
    made = [(await _promise(books, number, f"+7900000{number:04d}")).id for number in range(1, 8)]
    first = await books.worklist.rows(_query(), limit=3)
    second = await books.worklist.rows(_query(), first[-1].place, limit=3)
    third = await books.worklist.rows(_query(), second[-1].place, limit=3)
    assert [row.callback.id for page in (first, second, third) for row in page] == made


async def test_a_correction_keeps_both_versions_and_the_number_to_dial(books: Books) -> None:
    callback = await _promise(books, 1, "+79000000001")
    seen = await books.conversations.message(callback.id)
    assert seen is not None
    phone = PhoneNumber("+79000000009")
    after = corrected(seen, "phone", phone)
    made = Correction("c1", seen.id, "phone", seen.phone, phone, ANNA.name, NOW)
    moved = callback.renumbered(phone.e164, ANNA, NOW)
    assert await books.corrections.correct(made, after, (0, moved))
    assert await books.corrections.of([seen.id]) == [made]
    assert (await books.conversations.message(seen.id)) == after
    case = await books.callbacks.find(callback.id)
    assert case is not None
    assert (case.callback.number, case.moves[0].why) == (phone.e164, "renumbered")
    assert not await books.corrections.correct(replace(made, id="c2"), after, None)
    stale = replace(made, id="c3", before=phone, after=None)
    assert not await books.corrections.correct(stale, corrected(after, "phone", None), (0, moved))
    assert len(await books.corrections.of([seen.id])) == 1


async def test_conversations_and_whose_a_recording_is(books: Books) -> None:
    callback = await _promise(books, 1, "+79000000001")
    (conversation,) = await books.conversations.find([callback.id])
    assert (conversation.call.recording, len(conversation.turns)) == (callback.id, 2)
    owner = await books.conversations.owner(callback.id)
    assert owner is not None
    assert (owner.municipality, owner.callback) == ("demo", callback.id)
    assert await books.conversations.owner("feed") is None
    taken = callback.take(ANNA, NOW, timedelta(minutes=15))
    begun, attempt = taken.dial("ab12", ANNA, NOW)
    await books.callbacks.keep(0, begun, attempt)
    talk = await books.conversations.owner("ab12")
    assert talk is not None
    assert talk.callback == callback.id
    await _promise(books, 2)
    newest = await books.conversations.messages("demo", limit=1)
    older = await books.conversations.messages("demo", before=(newest[0].received_at, newest[0].id))
    assert [one.id for one in (*newest, *older)] == [a_call(2).id, a_call(1).id]
    assert [call.id for call in await books.conversations.calls("demo")] == [a_call(2).id, a_call(1).id]


async def test_what_happens_writes_its_letters_in_its_own_transaction(books: Books) -> None:
    await _promise(books, 1, "+79000000001")
    assert await books.outbox.claim(NOW, NOW + timedelta(minutes=2)) is None
    await books.outbox.add(HOOK)
    callback = await _promise(books, 2, "+79000000002")
    await books.journal.close(ended(a_call(2)), [], a_message(a_call(2)), callback)
    await books.callbacks.keep(0, callback.take(ANNA, NOW, timedelta(minutes=15)))
    assert not await books.callbacks.keep(0, callback.take(ANNA, NOW, timedelta(minutes=15)))
    letters = await books.outbox.letters("hook")
    assert sorted(letter.event for letter in letters) == ["callback.moved", "callback.promised"]
    for letter in letters:
        said = json.loads(letter.body)
        assert (said["id"], said["callback"], said["municipality"]) == (letter.id, callback.id, "demo")
        assert "+7" not in letter.body
        assert "Иванова" not in letter.body


async def test_a_letter_is_claimed_by_one_and_settled_once(books: Books) -> None:
    await books.outbox.add(HOOK)
    await _promise(books, 1, "+79000000001")
    later = NOW + timedelta(days=3)
    claims = await asyncio.gather(*(books.outbox.claim(later, later + timedelta(minutes=2)) for _ in range(5)))
    (letter,) = [claim for claim in claims if claim]
    assert letter.webhook == HOOK
    await books.outbox.put_off(letter, "status 500", later + timedelta(minutes=1), later)
    assert await books.outbox.claim(later, later + timedelta(minutes=2)) is None
    again = await books.outbox.claim(later + timedelta(minutes=1), later + timedelta(minutes=3))
    assert again is not None
    assert (again.id, again.tries) == (letter.id, 1)
    await books.outbox.delivered(letter, "late", later)
    await books.outbox.delivered(again, "status 200", later)
    (kept,) = await books.outbox.letters("hook")
    assert (kept.delivered_at, kept.reply, kept.tries) == (later, "status 200", 2)
    assert await books.outbox.claim(later + timedelta(days=9), later + timedelta(days=10)) is None
    assert not await books.outbox.remove("elsewhere", "hook")
    assert await books.outbox.remove("demo", "hook")
    assert await books.outbox.receivers("demo") == []


async def test_earlier_messages_of_the_same_number_or_name(books: Books) -> None:
    first = await _promise(books, 1, "+79000000001")
    stranger = PersonName("Кузнецов", "Николай", None)
    await _promise(books, 2, "+79000000002", name=stranger)
    third = await _promise(books, 3, "+79000000003")
    last = await books.conversations.message(third.id)
    assert last is not None
    assert [one.id for one in await books.conversations.earlier(last, 10)] == [first.id]
    nameless = replace(last, name=None, phone=PhoneNumber("+79000000002"))
    assert [one.id for one in await books.conversations.earlier(nameless, 10)] == [a_call(2).id]
    assert await books.conversations.earlier(replace(last, name=None, phone=None, caller_number=""), 10) == []
