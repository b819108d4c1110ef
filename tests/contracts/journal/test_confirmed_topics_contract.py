"""What every journal promises of the messages whose topic an operator has confirmed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.domain.precedent import Precedent
from tests.contracts.journal.conftest import Store
from tests.samples import FRIDAY_NIGHT, a_call, a_callback, a_message, ended, turns

CONFIRMED = {"result": "explained", "outcome": "informed"}


async def _leave(store: Store, number: int, **facts: object) -> str:
    """A call with its message; its number is its minute as well."""
    call = a_call(number, FRIDAY_NIGHT + timedelta(minutes=number))
    message = a_message(call, phone=f"+7900000{number:04}", **facts)
    await store.journal.open(call)
    await store.journal.close(ended(call), turns(), message, a_callback(message))
    return message.id


async def _found(store: Store, limit: int = 10, municipality: str = "demo") -> list[str]:
    return [precedent.id for precedent in await store.confirmed.confirmed(municipality, limit)]


async def test_a_filled_in_card_confirms_the_topic(store: Store) -> None:
    number = await _leave(store, 1, text="в кране кипятка нет", topic="hot_water", **CONFIRMED)
    assert list(await store.confirmed.confirmed("demo", 10)) == [Precedent(number, "в кране кипятка нет", "hot_water")]


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"result": "not_reached"},
        {**CONFIRMED, "topic": None},
        {**CONFIRMED, "text": ""},
        {**CONFIRMED, "recognised": False},
    ],
    ids=["no card", "nobody was spoken to", "no topic", "no text", "not yet heard"],
)
async def test_nothing_else_is_an_example(store: Store, facts: dict[str, object]) -> None:
    await _leave(store, 1, **facts)
    assert await _found(store) == []


async def test_the_newest_come_first_and_no_more_than_asked_for(store: Store) -> None:
    numbers = [await _leave(store, number, **CONFIRMED) for number in (2, 5, 3)]
    assert await _found(store) == [numbers[1], numbers[2], numbers[0]]
    assert await _found(store, limit=2) == [numbers[1], numbers[2]]
    assert await _found(store, limit=0) == []


async def test_each_municipality_learns_from_its_own(store: Store) -> None:
    await _leave(store, 1, **CONFIRMED)
    assert await _found(store, municipality="other") == []


async def test_a_topic_put_right_by_the_operator_is_the_example(store: Store) -> None:
    number = await _leave(store, 1, topic="heating")
    case = await store.book.find(number)
    assert case is not None
    (message,) = case.messages
    right = replace(message, topic="utility_payments", corrected=("topic",), **CONFIRMED)
    moved = replace(case.callback, version=case.callback.version + 1)
    assert await store.book.keep(case.callback.version, moved, messages=[right])
    assert [precedent.topic for precedent in await store.confirmed.confirmed("demo", 10)] == ["utility_payments"]
