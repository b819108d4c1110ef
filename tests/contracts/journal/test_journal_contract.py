"""What every journal promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.domain.message import Message
from ivr.domain.turn import HeardWord, Speaker, Turn
from ivr.ports import Journal
from tests.samples import FRIDAY_NIGHT, a_call, a_callback, a_message, ended, turns


async def _leave(journal: Journal, number: int, phone: str = "", minutes: float = 0.0, **facts: object) -> Message:
    """A whole call: opened, closed with its message and its promise."""
    call = a_call(number, FRIDAY_NIGHT + timedelta(minutes=minutes))
    message = a_message(call, phone=phone, **facts)
    await journal.open(call)
    await journal.close(ended(call), turns(), message, a_callback(message))
    return message


async def test_an_opened_call_is_unfinished_until_it_is_closed(journal: Journal) -> None:
    call = a_call(1)
    await journal.open(call)
    assert [found for found, _ in await journal.unfinished("engine-1")] == [call]
    assert await journal.unfinished("engine-2") == []
    await journal.close(ended(call), [], None, None)
    assert await journal.unfinished("engine-1") == []


async def test_turns_kept_in_the_call_are_there_after_a_crash(journal: Journal) -> None:
    call = a_call(1)
    await journal.open(call)
    await journal.progress(call, turns()[:1])
    await journal.progress(call, turns())
    ((_, kept),) = await journal.unfinished("engine-1")
    assert list(kept) == turns()


async def test_unfinished_calls_come_oldest_first(journal: Journal) -> None:
    for number, minutes in ((1, 5), (2, 0), (3, 9)):
        await journal.open(a_call(number, FRIDAY_NIGHT + timedelta(minutes=minutes)))
    found = [call.id for call, _ in await journal.unfinished("engine-1")]
    assert found == [a_call(number).id for number in (2, 1, 3)]


async def test_a_closed_call_leaves_one_callback_with_its_message(journal: Journal) -> None:
    message = await _leave(journal, 1, "+79000000001")
    ((callback, found),) = await journal.callbacks()
    assert (callback, found) == (a_callback(message), message)


async def test_every_verb_may_be_repeated_without_harm(journal: Journal) -> None:
    call = a_call(1)
    message = a_message(call, phone="+79000000001", recognised=False)
    callback = a_callback(message)
    for _ in range(2):
        await journal.open(call)
    for _ in range(2):
        await journal.progress(call, turns())
    for _ in range(3):
        await journal.close(ended(call), turns(), message, callback)
    for _ in range(2):
        await journal.transcribed(ended(call), turns(), replace(message, recognised=True), callback)
    assert await journal.callbacks() == [(callback, replace(message, recognised=True))]


async def test_verbs_that_come_late_change_nothing_of_a_closed_call(journal: Journal) -> None:
    """A slow write that succeeds after the spool has replayed it and all that followed."""
    call = a_call(1)
    message = a_message(call, recognised=False)
    await journal.close(ended(call), turns(), message, a_callback(message))
    await journal.open(call)
    await journal.progress(call, turns()[:1])
    assert await journal.unfinished("engine-1") == []
    ((found, kept, _),) = await journal.untranscribed()
    assert found == ended(call)
    assert list(kept) == turns()


async def test_progress_of_a_call_that_was_never_opened_is_ignored(journal: Journal) -> None:
    await journal.progress(a_call(1), turns())
    assert await journal.unfinished("engine-1") == []


async def test_the_list_is_ordered_by_legal_deadline_then_arrival(journal: Journal) -> None:
    for number, minutes in ((3, 20), (1, 0), (2, 10)):
        await _leave(journal, number, f"+7900000000{number}", minutes)
    early = a_call(4, FRIDAY_NIGHT + timedelta(minutes=30))
    message = a_message(early, phone="+79000000004")
    due = a_callback(message).due_at - timedelta(days=1)
    await journal.close(ended(early), [], message, replace(a_callback(message), due_at=due))
    assert [found.id for _, found in await journal.callbacks()] == [a_call(number).id for number in (4, 1, 2, 3)]


async def test_repeated_calls_of_one_number_are_one_callback_with_the_earliest_deadline(journal: Journal) -> None:
    first = await _leave(journal, 1, "+79000000001")
    await _leave(journal, 2, "+79000000001", minutes=30, flags=("emergency",))
    third = await _leave(journal, 3, "+79000000001", minutes=60)
    await _leave(journal, 4, "+79000000002", minutes=90)
    (merged, latest), (_, other) = await journal.callbacks()
    assert (merged.id, merged.calls, merged.due_at, merged.urgent) == (first.id, 3, a_callback(first).due_at, True)
    assert latest == third
    assert other.phone is not None
    assert other.phone.e164 == "+79000000002"


async def test_a_later_call_with_an_earlier_deadline_brings_the_promise_forward(journal: Journal) -> None:
    first = await _leave(journal, 1, "+79000000001")
    call = a_call(2, FRIDAY_NIGHT + timedelta(hours=1))
    message = a_message(call, phone="+79000000001")
    sooner = a_callback(first).due_at - timedelta(hours=3)
    await journal.close(ended(call), [], message, replace(a_callback(message), due_at=sooner))
    ((merged, _),) = await journal.callbacks()
    assert merged.due_at == sooner


async def test_calls_without_any_number_are_never_merged(journal: Journal) -> None:
    for number in (1, 2):
        await _leave(journal, number, minutes=number)
    assert [callback.calls for callback, _ in await journal.callbacks()] == [1, 1]


async def test_municipalities_do_not_see_or_merge_each_other(journal: Journal) -> None:
    await _leave(journal, 1, "+79000000001")
    call = replace(a_call(2), municipality="other")
    message = a_message(call, phone="+79000000001")
    await journal.close(ended(call), [], message, a_callback(message))
    assert [len(await journal.callbacks(whose)) for whose in (None, "demo", "other", "nobody")] == [2, 1, 1, 0]


async def test_a_call_without_a_callback_leaves_no_row_in_the_list(journal: Journal) -> None:
    call = a_call(1)
    await journal.close(ended(call), [], a_message(call), None)
    assert await journal.callbacks(open_only=False) == []


async def test_messages_waiting_for_their_text_come_oldest_first_and_leave_when_they_have_it(journal: Journal) -> None:
    for number, minutes in ((1, 10), (2, 0)):
        await _leave(journal, number, f"+7900000000{number}", minutes, recognised=False)
    (call, kept, message), _ = await journal.untranscribed()
    assert (call.id, list(kept)) == (a_call(2).id, turns())
    assert len(await journal.untranscribed(limit=1)) == 1
    await journal.transcribed(call, turns(), replace(message, recognised=True, text="three words here"), None)
    assert [waiting.id for *_, waiting in await journal.untranscribed()] == [a_call(1).id]


async def test_late_text_may_bring_the_number_to_call(journal: Journal) -> None:
    message = await _leave(journal, 1, recognised=False)
    heard = a_message(a_call(1), phone="+79000000007")
    ((call, kept, _),) = await journal.untranscribed()
    await journal.transcribed(call, kept, heard, a_callback(heard))
    ((callback, found),) = await journal.callbacks()
    assert (callback.id, callback.number, found) == (message.id, "+79000000007", heard)


async def test_late_text_leaves_a_number_that_a_person_has_put_right(journal: Journal) -> None:
    await _leave(journal, 1, "+79000000005", recognised=False, corrected=("phone",))
    heard = a_message(a_call(1), phone="+79000000007")
    ((call, kept, _),) = await journal.untranscribed()
    await journal.transcribed(call, kept, heard, replace(a_callback(heard), urgent=True))
    ((callback, found),) = await journal.callbacks()
    assert (callback.number, callback.urgent, callback.version) == ("+79000000005", True, 0)
    assert found.phone and found.phone.e164 == "+79000000005"


async def test_what_was_urgent_stays_urgent_whatever_late_text_says(journal: Journal) -> None:
    message = a_message(a_call(1), phone="+79000000005", recognised=False)
    await journal.close(ended(a_call(1)), turns(), message, replace(a_callback(message), urgent=True))
    await journal.transcribed(a_call(1), turns(), replace(message, recognised=True), a_callback(message))
    assert [callback.urgent for callback, _ in await journal.callbacks()] == [True]


async def test_progress_tells_when_a_call_was_answered(journal: Journal) -> None:
    asked = replace(a_call(1), answered_at=None)
    await journal.open(asked)
    await journal.progress(a_call(1), turns()[:1])
    ((unfinished, _),) = await journal.unfinished("engine-1")
    assert unfinished.answered_at == a_call(1).answered_at


async def test_words_with_times_survive_the_journal(journal: Journal) -> None:
    spoken = Turn(1, Speaker.CALLER, 0.5, 2.5, "вода", words=(HeardWord("вода", 0.1, 0.4, 0.97),), recognised=False)
    call = a_call(1)
    await journal.close(ended(call), [spoken], a_message(call, recognised=False), None)
    ((_, kept, _),) = await journal.untranscribed()
    assert list(kept) == [spoken]


@pytest.mark.parametrize("text", ["\ud800 lone", "nul \0 here", "=1+1", "🚰" * 300, "x" * 3000])
async def test_text_of_any_kind_from_the_line_is_kept(journal: Journal, text: str) -> None:
    """F24, F25: display names with any bytes and 3,000-character addresses must not cost a row."""
    call = replace(a_call(1), caller_name=text, caller_number=text, dialled=text, sip_call_id=text)
    message = replace(a_message(call), text=text, caller_number=text, incomplete_phone=text)
    await journal.open(call)
    await journal.close(ended(call), turns(), message, a_callback(message))
    assert len(await journal.callbacks()) == 1
