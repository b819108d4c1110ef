"""What every journal promises of a call that operators are rung for: its card, its case, its legs (clauses 6.2, 15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ivr.domain.call import Call, Mode
from ivr.domain.callback import Callback, CallbackState
from ivr.domain.message import Message
from ivr.domain.people import Person
from ivr.domain.vocabulary import Status
from ivr.ports import Journal
from ivr.services.closing import blank_card
from tests.contracts.journal.conftest import Store
from tests.samples import FRIDAY_NIGHT, RULES, a_call, a_callback, a_message, ended, turns

ANNA = Person("Петрова А. В.")
NUMBER = "+79000000001"


def rung(number: int) -> Call:
    """A call in working hours."""
    return replace(a_call(number), mode=Mode.FRONT_DESK, caller_number=NUMBER)


async def answered(journal: Journal, number: int) -> tuple[Call, Message]:
    """A call that an operator has answered: what the journal was told."""
    call = rung(number)
    await journal.open(call, blank_card(call, "e"))
    met = replace(call, operator=ANNA.name, operator_at=call.started_at + timedelta(seconds=5))
    card = blank_card(met, "e")
    await journal.answered(met, card, Callback.spoken(card, ANNA.name, RULES))
    return met, card


async def test_the_card_is_the_operator_s_while_they_talk(store: Store) -> None:
    call, card = await answered(store.journal, 1)
    case = await store.book.find(card.id)
    assert case
    assert (case.callback.state, case.callback.holder) == (CallbackState.REACHED, ANNA.name)
    assert case.callback.due_at == call.started_at + timedelta(hours=1)
    assert case.messages == (card,)
    ((unfinished, _),) = await store.journal.unfinished("engine-1")
    assert (unfinished.operator, unfinished.operator_at) == (call.operator, call.operator_at)


async def test_what_was_heard_joins_the_card_and_what_was_written_stays(store: Store) -> None:
    call, card = await answered(store.journal, 1)
    case = await store.book.find(card.id)
    assert case
    written = replace(card, topic="snow", corrected=("topic",), comment="ждёт ответа")
    later = case.callback.hand_over(Person("Орлова"), ANNA, FRIDAY_NIGHT)
    assert await store.book.keep(case.callback.version, later, messages=[written])
    heard = a_message(call, text="нет горячей воды", operator=ANNA.name, status=Status.IN_WORK)
    await store.journal.close(ended(call), turns(), heard, Callback.spoken(heard, ANNA.name, RULES))
    found = await store.book.find(card.id)
    assert found
    assert found.callback.holder == "Орлова"
    (message,) = found.messages
    assert (message.topic, message.comment, message.text) == ("snow", "ждёт ответа", "нет горячей воды")


async def test_an_answer_that_comes_late_changes_nothing(store: Store) -> None:
    call = rung(1)
    await store.journal.open(call, blank_card(call, "e"))
    await store.journal.close(ended(call), [], None, None)
    met = replace(call, operator=ANNA.name)
    card = blank_card(met, "e")
    await store.journal.answered(met, card, Callback.spoken(card, ANNA.name, RULES))
    assert await store.book.find(card.id) is None


async def test_a_case_is_never_merged_with_a_promise_to_the_same_number(store: Store) -> None:
    missed = replace(a_call(1), caller_number=NUMBER)
    message = a_message(missed)
    await store.journal.open(missed)
    await store.journal.close(ended(missed), [], message, a_callback(message))
    await answered(store.journal, 2)
    cases = [await store.book.find(a_call(number).id) for number in (1, 2)]
    assert [case.callback.state for case in cases if case] == [CallbackState.PROMISED, CallbackState.REACHED]


async def test_a_talk_that_was_cut_off_becomes_a_promise(store: Store) -> None:
    call, card = await answered(store.journal, 1)
    overflow = replace(ended(call), mode=Mode.OVERFLOW)
    message = a_message(overflow)
    await store.journal.close(overflow, [], message, a_callback(message))
    case = await store.book.find(card.id)
    assert case
    assert (case.callback.state, case.callback.due_at) == (CallbackState.PROMISED, a_callback(message).due_at)


async def test_a_number_knows_when_it_is_called_back(journal: Journal) -> None:
    call = replace(a_call(1), caller_number=NUMBER)
    message = a_message(call)
    assert await journal.promised("demo", NUMBER) is None
    await journal.open(call)
    await journal.close(ended(call), [], message, a_callback(message))
    assert await journal.promised("demo", NUMBER) == a_callback(message).due_at
    assert await journal.promised("other", NUMBER) is None
    assert await journal.promised("demo", "+79000000002") is None
