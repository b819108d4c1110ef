"""What the regulation demands of a card (clauses 13, 20.5, 21; interpretations 16-18), as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.adapters.files.settings import project_root
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.domain.attempt import Attempt
from ivr.domain.callback import Callback, CallbackState
from ivr.domain.card import Card, Rulebook, propose_repeat, settle, written
from ivr.domain.contact import Address, PersonName
from ivr.domain.people import Person
from ivr.domain.vocabulary import AttemptOutcome, Status
from ivr.errors import RuleBroken
from tests.samples import CALENDAR, FRIDAY_NIGHT, RULES, a_call, a_callback, a_message

ANNA = Person("Петрова А.")
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # Monday, 11:00 in Moscow
BOOK = Rulebook(RULES, CALENDAR, read_vocabulary(project_root() / "config"))
MESSAGE = a_message(a_call(1), phone="+79000000001")


def reached(number: str = "+79000000001") -> Callback:
    return replace(a_callback(MESSAGE), number=number, state=CallbackState.REACHED, holder=ANNA.name)


def at(days: int = 0, hours: float = 0) -> datetime:
    return NOW + timedelta(days=days, hours=hours)


@pytest.mark.parametrize(
    ("card", "clause", "sentence"),
    [
        (Card("satisfied"), "app.2", "outcome of the consultation"),
        (Card("pleased", "consulted"), "app.2", "not in the list of results"),
        (Card("satisfied", "talked"), "app.2", "not in the list of outcomes"),
        (Card("satisfied", "consulted", topic="weather"), "app.2", "not in the list of topics"),
        (Card("satisfied", "consulted", broken_off="boredom"), "app.2", "not in the list of breaks"),
        (Card("dissatisfied", "consulted"), "app.2", "reason"),
        (Card("dissatisfied", "consulted", reason=" \t"), "app.2", "reason"),
        (Card("different", "consulted"), "app.2", "comment"),
        (Card("call_again", "consulted"), "app.2", "date and time"),
        (Card("call_again", "consulted", planned_at=at(hours=-1)), "app.2", "in the past"),
        (Card("call_again", "consulted", planned_at=NOW), "app.2", "in the past"),
        (Card("call_again", "consulted", planned_at=at(hours=9)), "8", "nobody works"),  # 20:00
        (Card("call_again", "consulted", planned_at=at(days=5)), "8", "nobody works"),  # Saturday
        (Card("call_again", "consulted", planned_at=at(days=3)), "21", "plan an earlier call"),
        (Card("explained", "passed_on"), "20.5", "executor"),
        (Card("explained", "passed_on", executor="  "), "20.5", "executor"),
        (Card("not_reached"), "app.2", "no attempt"),
    ],
)
def test_a_card_that_lacks_what_is_demanded_is_refused(card: Card, clause: str, sentence: str) -> None:
    with pytest.raises(RuleBroken, match=sentence) as refusal:
        settle(reached(), card, [], ANNA, NOW, BOOK)
    assert refusal.value.clause == clause


@pytest.mark.parametrize(
    ("card", "state", "status"),
    [
        (Card("satisfied", "consulted"), CallbackState.CLOSED, Status.ANSWERED),
        (Card("explained", "informed"), CallbackState.CLOSED, Status.ANSWERED),
        (Card("dissatisfied", "consulted", reason="долго"), CallbackState.CLOSED, Status.ANSWERED),
        (Card("different", "consulted", comment="личный приём"), CallbackState.CLOSED, Status.ANSWERED),
        (Card("explained", "passed_on", executor="Орлов О."), CallbackState.PASSED_ON, Status.PASSED_ON),
        (Card("call_again", "consulted", planned_at=at(hours=2)), CallbackState.PLANNED, Status.AWAITING_CALL),
        (Card("call_again", "consulted", planned_at=at(days=2)), CallbackState.PLANNED, Status.AWAITING_CALL),
        (Card("satisfied", "consulted", broken_off="told_before"), CallbackState.CLOSED, Status.ANSWERED),
    ],
)
def test_a_whole_card_settles_the_promise(card: Card, state: CallbackState, status: Status) -> None:
    after = settle(reached(), card, [], ANNA, NOW, BOOK)
    row = written(MESSAGE, card, after, [], ANNA.name)
    assert (after.state, row.status, row.operator, row.result) == (state, status, ANNA.name, card.result)


def test_an_answer_that_is_late_already_may_still_be_planned_for_tomorrow() -> None:
    old = replace(reached(), created_at=FRIDAY_NIGHT - timedelta(days=20))
    planned = Card("call_again", "consulted", planned_at=at(days=1))
    assert settle(old, planned, [], ANNA, NOW, BOOK).state is CallbackState.PLANNED
    with pytest.raises(RuleBroken, match="plan an earlier call"):
        settle(old, replace(planned, planned_at=at(days=2)), [], ANNA, NOW, BOOK)


def test_closing_without_contact_needs_three_attempts_and_names_their_times() -> None:
    tried = [
        Attempt(f"{number}", "c", "+79000000001", at(hours=number), at(), ANNA.name, outcome=AttemptOutcome.BUSY)
        for number in range(3)
    ]
    given_up = Attempt("x", "c", "+79000000001", at(hours=1), at(), ANNA.name, outcome=AttemptOutcome.ABANDONED)
    attempts = [tried[0], given_up, *tried[1:]]
    with pytest.raises(RuleBroken, match="attempts are still owed"):
        settle(replace(reached(), state=CallbackState.TAKEN), Card("not_reached"), attempts, ANNA, NOW, BOOK)
    after = settle(replace(reached(), state=CallbackState.UNREACHED), Card("not_reached"), attempts, ANNA, NOW, BOOK)
    row = written(MESSAGE, Card("not_reached"), after, attempts, ANNA.name)
    assert row.attempted_at == tuple(attempt.started_at for attempt in tried)
    assert row.status is Status.NO_CONTACT


@pytest.mark.parametrize(
    ("change", "days", "why"),
    [
        ({}, 1, "phone:open"),
        ({"status": "answered"}, 1, "phone:topic"),
        ({"status": "answered"}, 31, ""),
        ({"status": "answered", "topic": "gas"}, 1, ""),
        ({"status": "answered", "phone": None}, 1, "name_and_address:topic"),
        ({"status": "answered", "phone": None, "address": Address(street="Ленина")}, 1, ""),
        ({"status": "answered", "phone": None, "name": PersonName("Петров")}, 1, ""),
        ({"status": "waiting", "topic": None}, 90, "phone:open"),
        ({"received_at": FRIDAY_NIGHT + timedelta(days=1)}, 0, ""),  # a later row is not an earlier one
    ],
)
def test_repeat_is_proposed_by_phone_or_by_name_and_address(change: dict[str, object], days: int, why: str) -> None:
    home = Address(locality="Тёплое", street="Советская", house="5")
    now = replace(MESSAGE, address=home)
    earlier = {"id": "e" * 32, "received_at": MESSAGE.received_at - timedelta(days=days), **change}
    proposal = propose_repeat(now, [now, replace(now, **earlier)])
    assert (proposal.repeated, proposal.why) == (bool(why), why)
    assert proposal.earlier == ("e" * 32 if why else None)
