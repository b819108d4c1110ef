"""What the journal keeps of calls placed: facts of the line, limits, lists for the sweeps; talks at the desk."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.adapters.files.settings import project_root
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.domain.attempt import Failing, Ring, Side
from ivr.domain.callback import Callback, CallbackState, Origin
from ivr.domain.card import Card, Rulebook
from ivr.domain.dial_plan import DialLimits
from ivr.domain.message import Message
from ivr.domain.people import Person
from ivr.domain.vocabulary import AttemptOutcome, Status
from ivr.errors import RuleBroken
from ivr.services.callbacks import CallbackDesk
from tests.contracts.journal.conftest import Store
from tests.samples import CALENDAR, FRIDAY_NIGHT, RULES, SetClock, a_call, a_callback, a_message, ended

ANNA, BORIS = Person("Петрова А."), Person("Сидоров Б.")
MONDAY_NINE = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
PHONE, SHOWN = "+79000000001", "+79000000002"
SECOND = timedelta(seconds=1)
S = CallbackState


@pytest.fixture
def clock() -> SetClock:
    return SetClock(MONDAY_NINE)


@pytest.fixture
def desk(store: Store, clock: SetClock) -> CallbackDesk:
    return CallbackDesk(store.book, clock, Rulebook(RULES, CALENDAR, read_vocabulary(project_root() / "config")))


async def _promise(store: Store, number: int = 1, phone: str = PHONE, shown: str = "") -> Message:
    call = replace(a_call(number, FRIDAY_NIGHT + number * SECOND), caller_number=shown)
    message = a_message(call, phone=phone)
    await store.journal.close(ended(call), [], message, a_callback(message))
    return message


async def _answered(store: Store, number: int, shown: str, at: datetime, operator: str = ANNA.name) -> Message:
    """A citizen rings and a person answers."""
    call = replace(a_call(number, at), caller_number=shown, operator="sip:101@pbx", operator_at=at + 3 * SECOND)
    message = a_message(call)
    await store.journal.close(ended(call), [], message, Callback.spoken(message, operator, RULES))
    return message


async def test_what_the_line_tells_is_kept_as_it_comes_and_at_the_end(
    store: Store, desk: CallbackDesk, clock: SetClock
) -> None:
    message = await _promise(store)
    await desk.take(message.id, ANNA)
    attempt = await desk.dial(message.id, ANNA, engine="engine-2")
    assert await store.book.unended("engine-1") == []
    assert await store.book.unended("engine-2") == [attempt]
    ringing = replace(attempt, operator_at=clock.now(), rings=(Ring(PHONE, clock.now(), rang_at=clock.now() + SECOND),))
    await desk.progress(ringing)
    assert await store.book.unended("engine-2") == [ringing]
    over = replace(
        ringing, rings=(replace(ringing.rings[0], answered_at=clock.now() + 5 * SECOND, status=200),),
        ended_by=Side.CITIZEN, recording_seconds=41.5, notice_seconds=12.3, notice_hash="a" * 64,
    )  # fmt: skip
    clock.pass_minutes(1)
    case = await desk.hang_up(over, AttemptOutcome.ANSWERED)
    assert case == await desk.case(message.id)
    (kept,) = case.attempts
    assert kept == replace(over, ended_at=clock.now(), outcome=AttemptOutcome.ANSWERED)
    assert (kept.ring_seconds, kept.talk_seconds) == (4.0, 55.0)
    await desk.progress(ringing)
    assert (await desk.case(message.id)).attempts == (kept,), "what is over stays as it is"
    assert await store.book.unended("engine-2") == []


async def test_the_conversation_cut_short_is_marked_on_its_recording(
    store: Store, desk: CallbackDesk, clock: SetClock
) -> None:
    """Clause 22: at its end, or where the operator says."""
    message = await _promise(store)
    await desk.take(message.id, ANNA)
    cut = Card("different", "consulted", comment="брань", broken_off="abuse")
    with pytest.raises(RuleBroken) as refusal:
        await desk.close(message.id, ANNA, cut)
    assert refusal.value.code == "not_reached"
    attempt = replace(await desk.dial(message.id, ANNA), recording_seconds=41.52)
    await desk.hang_up(attempt, AttemptOutcome.ANSWERED)
    with pytest.raises(RuleBroken) as refusal:
        await desk.close(message.id, ANNA, replace(cut, broken_off_second=42.0))
    assert (refusal.value.clause, refusal.value.code) == ("22", "break_beyond")
    case = await desk.close(message.id, ANNA, cut)
    assert case.latest is not None
    assert (case.latest.broken_off, case.latest.broken_off_second) == ("abuse", 41.5)
    await desk.undo(message.id, ANNA)
    case = await desk.close(message.id, ANNA, replace(cut, broken_off_second=17.0))
    assert case.latest is not None
    assert case.latest.broken_off_second == 17.0


async def test_no_more_calls_are_placed_than_the_limits_allow(
    store: Store, desk: CallbackDesk, clock: SetClock
) -> None:
    """Fault F22; exact, though all are placed at once."""
    messages = [await _promise(store, number, f"+7900000{number:04d}") for number in range(1, 13)]
    limits = DialLimits(MONDAY_NINE - timedelta(hours=9), by_person=3, in_all=5)

    async def place(message: Message, who: Person) -> str:
        await desk.take(message.id, who)
        try:
            await desk.dial(message.id, who, limits=limits)
        except RuleBroken as refusal:
            return refusal.code
        return "placed"

    people = [ANNA] * 6 + [BORIS] * 6
    said = await asyncio.gather(*(place(message, who) for message, who in zip(messages, people, strict=True)))
    assert said.count("placed") == 5
    placed = [attempt.operator for message in messages for attempt in (await desk.case(message.id)).attempts]
    assert len(placed) == 5
    assert max(placed.count(who.name) for who in (ANNA, BORIS)) == 3
    assert {"calls_of_person", "calls_of_all"} >= set(said) - {"placed"} != set()
    refused = messages[said.index("calls_of_all")]
    assert (await desk.case(refused.id)).callback.dialling == "", "a call refused leaves nothing behind"
    clock.pass_minutes(24 * 60)
    tomorrow = replace(limits, since=limits.since + timedelta(days=1))
    await desk.dial(refused.id, (await desk.take(refused.id, BORIS)) and BORIS, limits=tomorrow)


async def test_attempts_by_another_telephone_do_not_count(store: Store, desk: CallbackDesk) -> None:
    first, second = await _promise(store, 1), await _promise(store, 2, SHOWN)
    await desk.attempted(first.id, ANNA, AttemptOutcome.BUSY)
    await desk.take(second.id, ANNA)
    await desk.dial(second.id, ANNA, limits=DialLimits(MONDAY_NINE, by_person=1, in_all=1))


async def test_rows_are_named_by_the_beginning_of_their_id(store: Store, desk: CallbackDesk) -> None:
    first = await _promise(store, 0x10)
    await _promise(store, 0x11, SHOWN)
    assert await store.book.named("demo", first.id) == [first.id]
    assert len(await store.book.named("demo", first.id[:31])) == 2
    assert await store.book.named("other", first.id) == []
    for nonsense in ("", "zz", "%", "0' OR 1=1"):
        assert await store.book.named("demo", nonsense) == []


async def test_the_open_ones_are_listed_without_their_messages(store: Store, desk: CallbackDesk) -> None:
    first, second = await _promise(store, 1), await _promise(store, 2, SHOWN)
    closed = await _promise(store, 3, "+79000000003")
    await desk.called_himself("demo", "+79000000003", ANNA.name)
    await desk.attempted(first.id, ANNA, AttemptOutcome.BUSY)  # its window comes before the other's deadline
    assert [callback.id for callback in await store.book.open("demo")] == [first.id, second.id]
    assert await store.book.open("other") == []
    assert await store.book.open("demo") == [callback for callback, _ in await store.journal.callbacks("demo")]
    assert (await store.book.promise(closed.id)) == (await desk.case(closed.id)).callback
    assert await store.book.promise("f" * 32) is None


@pytest.mark.parametrize("number", [PHONE, SHOWN])
async def test_a_citizen_who_rings_and_is_answered_is_owed_nothing_more(
    store: Store, desk: CallbackDesk, number: str
) -> None:
    """Interpretation 4: by the number he dictated, or the one he called from."""
    message = await _promise(store, 1, PHONE, SHOWN)
    other = await _promise(store, 2, "+79000000009")
    assert await desk.sweep() == 0
    conversation = await _answered(store, 3, number, MONDAY_NINE - timedelta(minutes=10))
    assert await desk.sweep() == 1
    case = await desk.case(message.id)
    assert (case.callback.state, case.moves[-1].why, case.moves[-1].by) == (S.CLOSED, "called_himself", "sip:101@pbx")
    assert (await desk.case(other.id)).callback.state is S.PROMISED
    assert (await desk.case(conversation.id)).callback.state is S.REACHED
    assert await desk.sweep() == 0


@pytest.mark.parametrize("state", ["planned", "passed_on", "taken again", "dialling"])
async def test_what_he_was_promised_in_a_conversation_is_still_owed(
    store: Store, desk: CallbackDesk, clock: SetClock, state: str
) -> None:
    message = await _promise(store)
    if state == "dialling":
        await desk.take(message.id, ANNA)
        await desk.dial(message.id, ANNA)
    else:
        await desk.attempted(message.id, ANNA, AttemptOutcome.ANSWERED)
        planned = Card("call_again", "consulted", planned_at=MONDAY_NINE + timedelta(hours=3))
        passed_on = Card("explained", "passed_on", executor="Отдел дорог")
        await desk.close(message.id, ANNA, passed_on if state == "passed_on" else planned)
    if state == "taken again":
        clock.pass_minutes(181)
        await desk.take(message.id, BORIS)
    before = (await desk.case(message.id)).callback
    await _answered(store, 2, PHONE, MONDAY_NINE + timedelta(minutes=5))
    await desk.sweep()
    assert (await desk.case(message.id)).callback == before


async def test_a_call_that_was_answered_before_closes_nothing(store: Store, desk: CallbackDesk) -> None:
    await _answered(store, 2, PHONE, FRIDAY_NIGHT - timedelta(hours=5))
    message = await _promise(store)
    assert await desk.sweep() == 0
    assert (await desk.case(message.id)).callback.state is S.PROMISED


async def test_a_conversation_at_the_desk_owes_its_card_and_what_follows_from_it(
    store: Store, desk: CallbackDesk, clock: SetClock
) -> None:
    """Clauses 15, 20.5, 21: the same card, the same executors; it never joins a promise of the same number."""
    promise = await _promise(store)
    call = await _answered(store, 2, PHONE, MONDAY_NINE)
    case = await desk.case(call.id)
    assert (case.callback.origin, case.callback.state, case.callback.holder) == (
        Origin.CONVERSATION,
        S.REACHED,
        "Петрова А.",
    )
    assert case.callback.act_by == MONDAY_NINE + timedelta(hours=1)
    assert (await desk.case(promise.id)).callback.calls == 1
    assert case.recorded_seconds == 42.5
    cut = Card("explained", "passed_on", executor="Отдел дорог", broken_off="told_before")
    case = await desk.close(call.id, ANNA, cut)
    assert case.latest is not None
    assert (case.latest.broken_off_second, case.latest.status) == (42.5, Status.PASSED_ON)
    assert (await desk.undo(call.id, ANNA)).callback.act_by == MONDAY_NINE + timedelta(hours=1)


async def test_a_conversation_without_a_number_has_an_ordinary_card(store: Store, desk: CallbackDesk) -> None:
    call = await _answered(store, 2, "", MONDAY_NINE, operator="")
    with pytest.raises(RuleBroken) as refusal:
        await desk.close(call.id, ANNA, Card("satisfied", "consulted"))
    assert refusal.value.code == "not_taken"
    await desk.take(call.id, ANNA)
    with pytest.raises(RuleBroken) as refusal:
        await desk.close(call.id, ANNA, Card("satisfied"))
    assert refusal.value.code == "needs_outcome"
    assert (await desk.close(call.id, ANNA, Card("satisfied", "consulted"))).callback.state is S.CLOSED


async def test_an_attempt_lost_with_its_engine_ends_as_the_line_had_told(
    store: Store, desk: CallbackDesk, clock: SetClock
) -> None:
    message = await _promise(store)
    await desk.take(message.id, ANNA)
    attempt = await desk.dial(message.id, ANNA, engine="engine-1")
    answered = replace(attempt, rings=(Ring(PHONE, clock.now(), clock.now(), clock.now()),))
    await desk.progress(answered)
    (lost,) = await store.book.unended("engine-1")
    await desk.lost(lost)
    case = await desk.case(message.id)
    assert (case.callback.state, case.attempts[0].failing) == (S.REACHED, Failing.LOST)
    await desk.lost(lost)
    assert await desk.case(message.id) == case
