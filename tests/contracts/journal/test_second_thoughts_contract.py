"""Steps taken back: by who made them, within 15 minutes, or by a curator; who, when and why are kept all the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.adapters.files.settings import project_root
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.domain.callback import Callback, CallbackState
from ivr.domain.card import Card, Rulebook
from ivr.domain.case import Case
from ivr.domain.message import Message
from ivr.domain.people import Person, Role
from ivr.domain.referral import ReferralState
from ivr.domain.vocabulary import AttemptOutcome, Status
from ivr.errors import RuleBroken
from ivr.services.callbacks import CallbackDesk
from tests.contracts.journal.conftest import Store
from tests.samples import CALENDAR, FRIDAY_NIGHT, RULES, SetClock, a_call, a_callback, a_message, ended

ANNA, BORIS, VERA = Person("Петрова А."), Person("Сидоров Б."), Person("Власова В.", Role.CURATOR)
MONDAY_NINE = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
S = CallbackState


@pytest.fixture
def clock() -> SetClock:
    return SetClock(MONDAY_NINE)


@pytest.fixture
def desk(store: Store, clock: SetClock) -> CallbackDesk:
    return CallbackDesk(store.book, clock, Rulebook(RULES, CALENDAR, read_vocabulary(project_root() / "config")))


@pytest.fixture
async def message(store: Store) -> Message:
    call = a_call(1, FRIDAY_NIGHT)
    message = a_message(call, phone="+79000000001")
    await store.journal.close(ended(call), [], message, a_callback(message))
    return message


def _story(case: Case) -> list[str]:
    return [move.why for move in case.moves]


async def _reach(desk: CallbackDesk, message: Message) -> Case:
    return await desk.attempted(message.id, ANNA, AttemptOutcome.ANSWERED)


@pytest.mark.parametrize(
    "card",
    [
        Card("satisfied", "consulted", repeated=False),
        Card("call_again", "consulted", planned_at=MONDAY_NINE + timedelta(days=1, hours=2)),
        Card("explained", "passed_on", executor="Отдел дорог"),
    ],
)
async def test_what_a_card_did_is_taken_back_and_filled_in_anew(
    store: Store, desk: CallbackDesk, clock: SetClock, message: Message, card: Card
) -> None:
    await _reach(desk, message)
    clock.pass_minutes(2)
    await desk.close(message.id, ANNA, card)
    clock.pass_minutes(15)
    case = await desk.undo(message.id, ANNA)
    assert (case.callback.state, case.callback.holder) == (S.REACHED, ANNA.name)
    assert case.callback.act_by == MONDAY_NINE + timedelta(minutes=60), "the card is still due an hour after the talk"
    assert case.latest is not None
    assert (case.latest.status, case.latest.feedback_due_at) == (Status.IN_WORK, None)
    assert _story(case)[-1] == "reopened"
    assert await desk.case(message.id) == case
    assert await store.book.referrals("demo") == []
    if card.executor:
        assert case.referrals[0].standing(clock.now()) is ReferralState.WITHDRAWN
    again = await desk.close(message.id, ANNA, Card("explained", "informed", repeated=False))
    assert again.callback.state is S.CLOSED


async def test_another_operator_takes_nothing_back_and_who_closed_it_only_at_once(
    desk: CallbackDesk, clock: SetClock, message: Message
) -> None:
    await _reach(desk, message)
    await desk.close(message.id, ANNA, Card("satisfied", "consulted"))
    with pytest.raises(RuleBroken) as refusal:
        await desk.undo(message.id, BORIS)
    assert refusal.value.code == "too_late_to_undo"
    clock.pass_minutes(16)
    with pytest.raises(RuleBroken, match="15 minutes"):
        await desk.undo(message.id, ANNA)
    clock.pass_minutes(60 * 24 * 7)
    case = await desk.undo(message.id, VERA)
    assert (case.callback.state, case.callback.holder, case.moves[-1].by) == (S.REACHED, VERA.name, VERA.name)


async def test_closing_without_contact_is_taken_back(desk: CallbackDesk, clock: SetClock, message: Message) -> None:
    for _ in range(3):
        await desk.attempted(message.id, ANNA, AttemptOutcome.BUSY)
        clock.pass_minutes(31)
    await desk.close(message.id, ANNA, Card("not_reached"))
    case = await desk.undo(message.id, ANNA)
    assert (case.callback.state, case.callback.failures) == (S.UNREACHED, 3)
    assert (await desk.close(message.id, ANNA, Card("not_reached"))).callback.state is S.NO_CONTACT


@pytest.mark.parametrize("state", [S.PROMISED, S.TAKEN, S.WAITING])
async def test_who_rang_himself_is_owed_again_when_that_was_a_mistake(
    desk: CallbackDesk, message: Message, state: CallbackState
) -> None:
    if state is S.TAKEN:
        await desk.take(message.id, ANNA)
    if state is S.WAITING:
        await desk.attempted(message.id, ANNA, AttemptOutcome.BUSY)
    before = (await desk.case(message.id)).callback
    await desk.called_himself("demo", message.number_to_call, BORIS.name)
    case = await desk.undo(message.id, BORIS)
    expected = S.PROMISED if state is S.TAKEN else state
    assert (case.callback.state, case.callback.holder) == (expected, "")
    assert (case.callback.opens_at, case.callback.closes_at) == (before.opens_at, before.closes_at)


@pytest.mark.parametrize("tries", [0, 1, 2])
@pytest.mark.parametrize("outcome", [AttemptOutcome.ANSWERED, AttemptOutcome.NO_ANSWER])
async def test_an_attempt_marked_by_mistake_is_no_attempt(
    desk: CallbackDesk, clock: SetClock, message: Message, tries: int, outcome: AttemptOutcome
) -> None:
    """The promise is as before: its deadline, its failures; the attempt stays in the journal, marked."""
    for _ in range(tries):
        await desk.attempted(message.id, ANNA, AttemptOutcome.BUSY)
        clock.pass_minutes(31)
    before = (await desk.take(message.id, ANNA)).callback
    await desk.attempted(message.id, ANNA, outcome)
    case = await desk.undo(message.id, ANNA)
    same = replace(case.callback, touched_at=before.touched_at, version=before.version, opens_at=before.opens_at)
    assert same == replace(before, closes_at=case.callback.closes_at)
    assert case.callback.act_by == before.act_by
    assert [attempt.outcome for attempt in case.attempts] == [AttemptOutcome.BUSY] * tries + [AttemptOutcome.RETRACTED]
    assert len(case.made) == tries
    assert _story(case)[-1] == "retracted"
    assert await desk.case(message.id) == case
    again = await desk.attempted(message.id, ANNA, AttemptOutcome.BUSY)
    assert again.callback.failures == tries + 1


async def test_what_the_line_has_told_stands(desk: CallbackDesk, message: Message) -> None:
    await desk.take(message.id, ANNA)
    await desk.hang_up(await desk.dial(message.id, ANNA), AttemptOutcome.BUSY)
    for who in (ANNA, VERA):
        with pytest.raises(RuleBroken) as refusal:
            await desk.undo(message.id, who)
        assert refusal.value.code == "line_facts"


async def test_a_colleague_who_has_taken_it_since_is_not_parted_from_it(
    desk: CallbackDesk, clock: SetClock, message: Message
) -> None:
    await desk.attempted(message.id, ANNA, AttemptOutcome.BUSY)
    await desk.take(message.id, BORIS)
    clock.pass_minutes(1)
    with pytest.raises(RuleBroken) as refusal:
        await desk.undo(message.id, ANNA)
    assert refusal.value.code == "not_closed"


@pytest.mark.parametrize("verb", ["take", "release", "nothing"])
async def test_there_is_nothing_else_to_take_back(desk: CallbackDesk, message: Message, verb: str) -> None:
    if verb != "nothing":
        await desk.take(message.id, ANNA)
    if verb == "release":
        await desk.release(message.id, ANNA)
    with pytest.raises(RuleBroken) as refusal:
        await desk.undo(message.id, ANNA)
    assert refusal.value.code == "not_closed"


def test_no_step_leads_back_but_those_of_undoing() -> None:
    taken = a_callback(a_message(a_call(1), phone="+79000000001")).take(ANNA, MONDAY_NINE, timedelta(minutes=15))
    closed: Callback = replace(taken, state=S.CLOSED, holder="")
    with pytest.raises(RuleBroken):
        closed.reopen(ANNA, MONDAY_NINE, taken.trail[-1], MONDAY_NINE)
