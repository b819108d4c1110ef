"""What every book of callbacks promises, and the operators' verbs upon it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.adapters.files.settings import project_root
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.domain.attempt import Means
from ivr.domain.callback import CallbackState
from ivr.domain.card import Card, Rulebook
from ivr.domain.message import Message
from ivr.domain.people import Person, Role
from ivr.domain.vocabulary import AttemptOutcome, Status
from ivr.errors import RuleBroken
from ivr.ports import Journal
from ivr.services.callbacks import CallbackDesk
from tests.contracts.journal.conftest import Store
from tests.samples import CALENDAR, FRIDAY_NIGHT, RULES, SetClock, a_call, a_callback, a_message, ended

ANNA, BORIS, VERA = Person("Петрова А."), Person("Сидоров Б."), Person("Власова В.", Role.CURATOR)
MONDAY_NINE = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # 09:00 in Moscow
PHONE = "+79000000001"


@pytest.fixture
def clock() -> SetClock:
    return SetClock(MONDAY_NINE)


@pytest.fixture
def desk(store: Store, clock: SetClock) -> CallbackDesk:
    rulebook = Rulebook(RULES, CALENDAR, read_vocabulary(project_root() / "config"))
    return CallbackDesk(store.book, clock, rulebook)


async def _promise(
    journal: Journal, number: int = 1, phone: str = PHONE, minutes: float = 0.0, **facts: object
) -> Message:
    call = a_call(number, FRIDAY_NIGHT + timedelta(minutes=minutes))
    message = a_message(call, phone=phone, **facts)
    await journal.close(ended(call), [], message, a_callback(message))
    return message


async def test_a_promise_is_taken_tried_reached_and_closed(store: Store, desk: CallbackDesk, clock: SetClock) -> None:
    message = await _promise(store.journal)
    await desk.take(message.id, ANNA)
    attempt = await desk.dial(message.id, ANNA)
    clock.pass_minutes(3)
    case = await desk.hang_up(attempt, AttemptOutcome.ANSWERED)
    assert case.callback.state is CallbackState.REACHED
    case = await desk.close(message.id, ANNA, Card("satisfied", "consulted", repeated=False))
    row = case.latest
    assert row is not None
    assert (row.result, row.outcome, row.operator, row.repeated) == ("satisfied", "consulted", ANNA.name, False)
    assert (row.status, case.callback.state) == (Status.ANSWERED, CallbackState.CLOSED)
    assert [(move.after, move.by) for move in case.moves] == [
        ("taken", ANNA.name), ("reached", ANNA.name), ("closed", ANNA.name)
    ]  # fmt: skip
    (kept,) = case.attempts
    assert (kept.number, kept.started_at, kept.ended_at) == (PHONE, MONDAY_NINE, clock.now())
    assert (kept.outcome, kept.means, kept.late) == (AttemptOutcome.ANSWERED, Means.LINE, False)
    assert await store.journal.callbacks() == []


async def test_three_failures_ask_for_the_result_with_their_times(
    store: Store, desk: CallbackDesk, clock: SetClock
) -> None:
    """Clause 13, interpretation 4."""
    message = await _promise(store.journal)
    tried = []
    for outcome in (AttemptOutcome.NO_ANSWER, AttemptOutcome.BUSY, AttemptOutcome.UNAVAILABLE):
        tried.append(clock.now())
        case = await desk.attempted(message.id, ANNA, outcome)
        clock.pass_minutes(31)
    assert case.callback.state is CallbackState.UNREACHED
    case = await desk.close(message.id, ANNA, Card("not_reached"))
    assert case.callback.state is CallbackState.NO_CONTACT
    assert case.latest is not None
    assert case.latest.attempted_at == tuple(tried)
    assert {attempt.means for attempt in case.attempts} == {Means.OTHER_PHONE}


async def test_the_second_attempt_waits_for_its_window(store: Store, desk: CallbackDesk, clock: SetClock) -> None:
    message = await _promise(store.journal)
    case = await desk.attempted(message.id, ANNA, AttemptOutcome.NO_ANSWER)
    assert (case.callback.state, case.callback.holder) == (CallbackState.WAITING, "")
    assert case.callback.opens_at == clock.now() + timedelta(minutes=30)
    assert case.callback.act_by == clock.now() + timedelta(minutes=60)
    clock.pass_minutes(29)
    with pytest.raises(RuleBroken, match="too early") as refusal:
        await desk.attempted(message.id, BORIS, AttemptOutcome.NO_ANSWER)
    assert refusal.value.clause == "13"
    clock.pass_minutes(32)
    case = await desk.attempted(message.id, BORIS, AttemptOutcome.ANSWERED)
    assert [attempt.late for attempt in case.attempts] == [False, True]


async def test_a_callback_is_taken_by_one_and_the_other_sees_who(store: Store, desk: CallbackDesk) -> None:
    message = await _promise(store.journal)
    await desk.take(message.id, ANNA)
    await desk.take(message.id, ANNA)
    with pytest.raises(RuleBroken, match=ANNA.name):
        await desk.take(message.id, BORIS)


async def test_of_many_who_take_at_once_one_wins(store: Store, desk: CallbackDesk) -> None:
    message = await _promise(store.journal)
    people = [Person(f"Оператор {number}") for number in range(8)]
    results = await asyncio.gather(*(desk.take(message.id, who) for who in people), return_exceptions=True)
    assert sum(not isinstance(result, BaseException) for result in results) == 1
    assert sum(isinstance(result, RuleBroken) for result in results) == 7


async def test_an_idle_claim_is_freed_by_the_sweep_or_by_the_next_one(
    store: Store, desk: CallbackDesk, clock: SetClock
) -> None:
    message = await _promise(store.journal)
    await desk.take(message.id, ANNA)
    clock.pass_minutes(14)
    assert await desk.sweep() == 0
    clock.pass_minutes(1)
    assert await desk.sweep() == 1
    assert await desk.sweep() == 0
    case = await desk.take(message.id, BORIS)
    assert [move.why for move in case.moves] == ["taken", "idle", "taken"]
    clock.pass_minutes(15)
    case = await desk.take(message.id, ANNA)
    assert (case.callback.holder, case.moves[-1].why) == (ANNA.name, "taken_over")


async def test_work_is_handed_over_by_its_holder_or_by_a_curator(store: Store, desk: CallbackDesk) -> None:
    message = await _promise(store.journal)
    with pytest.raises(RuleBroken, match="nobody has taken it"):
        await desk.hand_over(message.id, BORIS, ANNA)
    await desk.take(message.id, ANNA)
    with pytest.raises(RuleBroken, match="taken by"):
        await desk.hand_over(message.id, BORIS, BORIS)
    assert (await desk.hand_over(message.id, BORIS, ANNA)).callback.holder == BORIS.name
    assert (await desk.hand_over(message.id, ANNA, VERA)).callback.holder == ANNA.name
    with pytest.raises(RuleBroken, match="taken by"):
        await desk.release(message.id, BORIS)
    assert (await desk.release(message.id, ANNA)).callback.state is CallbackState.PROMISED


async def test_a_second_click_does_not_dial_twice(store: Store, desk: CallbackDesk) -> None:
    message = await _promise(store.journal)
    await desk.take(message.id, ANNA)
    results = await asyncio.gather(*(desk.dial(message.id, ANNA) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(result, RuleBroken) and result.code == "dialling" for result in results) == 3
    assert len((await desk.case(message.id)).attempts) == 1


async def test_an_attempt_given_up_before_it_rang_is_no_attempt_of_clause_13(store: Store, desk: CallbackDesk) -> None:
    message = await _promise(store.journal)
    await desk.take(message.id, ANNA)
    case = await desk.hang_up(await desk.dial(message.id, ANNA), AttemptOutcome.ABANDONED)
    assert (case.callback.state, case.callback.failures) == (CallbackState.TAKEN, 0)
    await desk.dial(message.id, ANNA)


async def test_an_attempt_lost_with_its_engine_is_ended_by_the_sweep(
    store: Store, desk: CallbackDesk, clock: SetClock
) -> None:
    message = await _promise(store.journal)
    await desk.take(message.id, ANNA)
    await desk.dial(message.id, ANNA)
    clock.pass_minutes(59)
    assert await desk.sweep() == 0
    clock.pass_minutes(1)
    assert await desk.sweep() == 1
    case = await desk.case(message.id)
    assert (case.callback.dialling, case.attempts[0].outcome) == ("", AttemptOutcome.ABANDONED)


async def test_a_planned_call_makes_its_own_window(store: Store, desk: CallbackDesk, clock: SetClock) -> None:
    message = await _promise(store.journal)
    await desk.attempted(message.id, ANNA, AttemptOutcome.ANSWERED)
    planned = MONDAY_NINE + timedelta(days=1, hours=2)
    case = await desk.close(message.id, ANNA, Card("call_again", "consulted", planned_at=planned))
    assert (case.callback.state, case.callback.opens_at) == (CallbackState.PLANNED, planned)
    assert case.latest is not None
    assert (case.latest.planned_at, case.latest.status) == (planned, Status.AWAITING_CALL)
    with pytest.raises(RuleBroken, match="too early"):
        await desk.attempted(message.id, BORIS, AttemptOutcome.ANSWERED)
    clock.moment = planned
    await desk.attempted(message.id, BORIS, AttemptOutcome.ANSWERED)
    case = await desk.close(message.id, BORIS, Card("explained", "informed"))
    assert case.callback.state is CallbackState.CLOSED


async def test_a_question_passed_on_is_due_in_three_working_days(
    store: Store, desk: CallbackDesk, clock: SetClock
) -> None:
    """Clause 21, interpretation 15: called on Friday, answered by the closing time of Wednesday."""
    message = await _promise(store.journal)
    await desk.attempted(message.id, ANNA, AttemptOutcome.ANSWERED)
    card = Card("explained", "passed_on", executor="Отдел ЖКХ, Орлов О.")
    case = await desk.close(message.id, ANNA, card)
    due = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
    assert (case.callback.state, case.callback.act_by) == (CallbackState.PASSED_ON, due)
    assert case.latest is not None
    assert (case.latest.feedback_due_at, case.latest.executor) == (due, card.executor)
    clock.pass_minutes(60)
    await desk.attempted(message.id, ANNA, AttemptOutcome.ANSWERED)
    case = await desk.close(message.id, ANNA, Card("satisfied", "consulted"))
    assert case.callback.state is CallbackState.CLOSED


async def test_a_new_call_joins_a_promise_that_awaits_its_call_and_no_other(store: Store, desk: CallbackDesk) -> None:
    """Interpretation 5: a promise whose citizen was reached already cannot carry a new one."""
    first = await _promise(store.journal)
    await desk.attempted(first.id, ANNA, AttemptOutcome.NO_ANSWER)
    await _promise(store.journal, 2, minutes=10)
    case = await desk.case(first.id)
    assert (case.callback.calls, len(case.messages)) == (2, 2)
    other = await _promise(store.journal, 3, phone="+79000000003")
    await desk.attempted(other.id, ANNA, AttemptOutcome.ANSWERED)
    new = await _promise(store.journal, 4, phone="+79000000003", minutes=20)
    assert {callback.id for callback, _ in await store.journal.callbacks()} == {first.id, other.id, new.id}


async def test_closing_one_promise_closes_the_rows_of_all_its_calls(store: Store, desk: CallbackDesk) -> None:
    first = await _promise(store.journal)
    second = await _promise(store.journal, 2, minutes=10)
    await desk.attempted(first.id, ANNA, AttemptOutcome.ANSWERED)
    case = await desk.close(first.id, ANNA, Card("explained", "informed", repeated=False, topic="heating"))
    assert [message.status for message in case.messages] == [Status.ANSWERED] * 2
    assert [message.topic for message in case.messages] == ["heating"] * 2
    assert [(message.repeated, message.earlier) for message in case.messages] == [(False, None), (True, first.id)]
    assert second.id == case.messages[1].id


async def test_late_text_does_not_touch_what_people_have_written(store: Store, desk: CallbackDesk) -> None:
    message = await _promise(store.journal, recognised=False)
    await desk.attempted(message.id, ANNA, AttemptOutcome.ANSWERED)
    closed = (await desk.close(message.id, ANNA, Card("explained", "informed", topic="heating"))).latest
    ((call, turns, _),) = await store.journal.untranscribed()
    heard = replace(message, recognised=True, text="heard later", topic="gas")
    await store.journal.transcribed(call, turns, heard, a_callback(heard))
    row = (await desk.case(message.id)).latest
    assert closed is not None
    assert row == replace(closed, recognised=True, text="heard later")


async def test_a_citizen_who_rang_himself_is_owed_nothing_more(store: Store, desk: CallbackDesk) -> None:
    first = await _promise(store.journal)
    await desk.attempted(first.id, ANNA, AttemptOutcome.NO_ANSWER)
    await _promise(store.journal, 2, phone="+79000000002", minutes=5)
    assert await desk.called_himself("demo", PHONE, BORIS.name) == 1
    assert await desk.called_himself("demo", PHONE, BORIS.name) == 0
    assert await desk.called_himself("demo", "", BORIS.name) == 0
    case = await desk.case(first.id)
    assert (case.callback.state, case.moves[-1].why) == (CallbackState.CLOSED, "called_himself")
    assert len(await store.journal.callbacks()) == 1


async def test_a_row_without_a_number_is_closed_by_a_person_with_a_comment(store: Store, desk: CallbackDesk) -> None:
    message = await _promise(store.journal, phone="")
    await desk.take(message.id, ANNA)
    for refused in (Card("satisfied", "consulted"), Card("other")):
        with pytest.raises(RuleBroken):
            await desk.close(message.id, ANNA, refused)
    with pytest.raises(RuleBroken, match="no number is known"):
        await desk.dial(message.id, ANNA)
    case = await desk.close(message.id, ANNA, Card("other", comment="номер не назван"))
    assert case.callback.state is CallbackState.CLOSED


async def test_what_is_closed_stays_closed(store: Store, desk: CallbackDesk) -> None:
    message = await _promise(store.journal)
    await desk.attempted(message.id, ANNA, AttemptOutcome.ANSWERED)
    await desk.close(message.id, ANNA, Card("explained", "informed"))
    for verb in (
        desk.take(message.id, ANNA), desk.release(message.id, VERA), desk.dial(message.id, ANNA),
        desk.attempted(message.id, ANNA, AttemptOutcome.BUSY), desk.hand_over(message.id, BORIS, VERA),
        desk.close(message.id, ANNA, Card("explained", "informed")),
    ):  # fmt: skip
        with pytest.raises(RuleBroken, match="closed already"):
            await verb


async def test_an_unknown_callback_is_refused(desk: CallbackDesk) -> None:
    with pytest.raises(RuleBroken, match="no such callback"):
        await desk.take("f" * 32, ANNA)


async def test_a_repeat_is_proposed_with_its_reason_and_the_earlier_row(store: Store, desk: CallbackDesk) -> None:
    """Interpretation 16."""
    first = await _promise(store.journal)
    assert not (await desk.propose_repeat(first)).repeated
    second = await _promise(store.journal, 2, minutes=30, topic="gas")
    proposal = await desk.propose_repeat(second)
    assert (proposal.repeated, proposal.why, proposal.earlier) == (True, "phone:open", first.id)
    await desk.attempted(first.id, ANNA, AttemptOutcome.ANSWERED)
    await desk.close(first.id, ANNA, Card("explained", "informed"))
    gas = await _promise(store.journal, 3, minutes=60, topic="gas")
    assert (await desk.propose_repeat(gas)).why == "phone:topic"
    other = await _promise(store.journal, 4, phone="+79000000009", minutes=60)
    assert not (await desk.propose_repeat(other)).repeated
    later = await _promise(store.journal, 5, minutes=60 * 24 * 31)
    assert (await desk.propose_repeat(later)).why == "phone:open"
