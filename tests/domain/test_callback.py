"""The life of a promise: which steps there are, and that there are no others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ivr.domain.callback import OPEN_STATES, Callback, CallbackState
from ivr.domain.deadlines import Window
from ivr.domain.people import Person, Role
from ivr.domain.vocabulary import AttemptOutcome
from ivr.errors import RuleBroken
from tests.samples import CALENDAR, RULES, a_call, a_callback, a_message

S = CallbackState
ANNA, BORIS, VERA = Person("Петрова А."), Person("Сидоров Б."), Person("Власова В.", Role.CURATOR)
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
IDLE = timedelta(minutes=15)
WINDOW = Window(NOW + timedelta(hours=2), NOW + timedelta(hours=3))


def standing(state: CallbackState, holder: str = ANNA.name) -> Callback:
    """A promise in this state, held by Anna where somebody holds it."""
    held = state in (S.TAKEN, S.REACHED, S.UNREACHED)
    callback = a_callback(a_message(a_call(1), phone="+79000000001"))
    return replace(callback, state=state, holder=holder if held else "", touched_at=NOW if held else None)


def try_in_vain(callback: Callback) -> Callback:
    dialled, attempt = callback.dial("a" * 32, ANNA, NOW)
    return dialled.hang_up(attempt, AttemptOutcome.BUSY, NOW, CALENDAR, RULES)[0]


def reach(callback: Callback) -> Callback:
    dialled, attempt = callback.dial("a" * 32, ANNA, NOW)
    return dialled.hang_up(attempt, AttemptOutcome.ANSWERED, NOW, CALENDAR, RULES)[0]


VERBS: dict[str, Callable[[Callback], Callback]] = {
    "take": lambda callback: callback.take(ANNA, NOW, IDLE),
    "release": lambda callback: callback.release(ANNA, NOW),
    "hand_over": lambda callback: callback.hand_over(BORIS, ANNA, NOW),
    "try_in_vain": try_in_vain,
    "reach": reach,
    "plan": lambda callback: callback.plan(WINDOW, ANNA, NOW, "call_again"),
    "pass_on": lambda callback: callback.pass_on(WINDOW.closes, ANNA, NOW, "passed_on"),
    "close": lambda callback: callback.close(ANNA, NOW, "satisfied"),
    "give_up": lambda callback: callback.give_up(ANNA, NOW, "not_reached"),
    "called_himself": lambda callback: callback.called_himself(NOW, ANNA.name),
}

LIFE: dict[CallbackState, dict[str, CallbackState]] = {
    S.PROMISED: {"take": S.TAKEN, "called_himself": S.CLOSED},
    S.TAKEN: {
        "take": S.TAKEN, "release": S.PROMISED, "hand_over": S.TAKEN, "try_in_vain": S.WAITING, "reach": S.REACHED,
        "called_himself": S.CLOSED,
    },
    S.WAITING: {"take": S.TAKEN, "called_himself": S.CLOSED},
    S.REACHED: {
        "take": S.REACHED, "hand_over": S.REACHED, "plan": S.PLANNED, "pass_on": S.PASSED_ON, "close": S.CLOSED,
        "called_himself": S.CLOSED,
    },
    S.UNREACHED: {
        "take": S.UNREACHED, "release": S.UNREACHED, "hand_over": S.UNREACHED, "reach": S.REACHED,
        "try_in_vain": S.WAITING, "give_up": S.NO_CONTACT, "called_himself": S.CLOSED,
    },
    S.PLANNED: {"take": S.TAKEN, "called_himself": S.CLOSED},
    S.PASSED_ON: {"take": S.TAKEN, "called_himself": S.CLOSED},
    S.CLOSED: {},
    S.NO_CONTACT: {},
}  # fmt: skip


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("verb", VERBS)
def test_every_step_is_allowed_or_refused_with_its_clause(state: CallbackState, verb: str) -> None:
    before = standing(state)
    if state is S.UNREACHED:
        before = replace(before, failures=3)
    expected = LIFE[state].get(verb)
    if state is S.UNREACHED and verb == "try_in_vain":
        expected = S.UNREACHED
    if expected is None:
        with pytest.raises(RuleBroken) as refusal:
            VERBS[verb](before)
        assert refusal.value.clause in ("13", "20")
        assert refusal.value.code
    else:
        after = VERBS[verb](before)
        assert after.state is expected
        if after.state is not before.state:
            assert (after.trail[-1].before, after.trail[-1].after, after.trail[-1].at) == (state, expected, NOW)
            assert after.version > before.version


@pytest.mark.parametrize("rests", [S.PROMISED, S.WAITING, S.PLANNED, S.PASSED_ON])
def test_what_is_released_goes_back_to_where_it_was_taken_from(rests: CallbackState) -> None:
    taken = standing(rests).take(ANNA, NOW, IDLE)
    back = taken.release(ANNA, NOW)
    assert (back.state, back.holder) == (rests, "")


@pytest.mark.parametrize("verb", ["release", "give_up"])
def test_nobody_lets_go_of_a_citizen_whose_telephone_rings(verb: str) -> None:
    """What becomes of the attempt could not be written."""
    state = S.TAKEN if verb == "release" else S.UNREACHED
    ringing, _ = standing(state).dial("b" * 32, ANNA, NOW)
    with pytest.raises(RuleBroken) as refusal:
        ringing.release(ANNA, NOW) if verb == "release" else ringing.give_up(ANNA, NOW, "not_reached")
    assert refusal.value.code == "dialling"


def test_three_failures_and_no_fewer_end_the_attempts() -> None:
    callback, states = standing(S.PROMISED), []
    for _ in range(3):
        callback = try_in_vain(replace(callback.take(ANNA, NOW, IDLE), opens_at=None))
        states.append(callback.state)
    assert states == [S.WAITING, S.WAITING, S.UNREACHED]


def test_reaching_the_citizen_begins_the_count_anew() -> None:
    callback = replace(standing(S.TAKEN), failures=2)
    assert reach(callback).failures == 0


def test_a_curator_may_act_for_the_holder_and_a_stranger_may_not() -> None:
    reached = standing(S.REACHED)
    assert reached.close(VERA, NOW, "satisfied").state is S.CLOSED
    with pytest.raises(RuleBroken, match="taken by"):
        reached.close(BORIS, NOW, "satisfied")


def test_a_curator_does_not_dial_for_another() -> None:
    with pytest.raises(RuleBroken, match="taken by"):
        standing(S.TAKEN).dial("b" * 32, VERA, NOW)


def test_a_conversation_in_progress_is_not_idleness() -> None:
    dialled, _ = standing(S.TAKEN).dial("b" * 32, ANNA, NOW)
    assert not dialled.idle_at(NOW + timedelta(hours=2), IDLE)
    with pytest.raises(RuleBroken):
        dialled.take(BORIS, NOW + timedelta(hours=2), IDLE)


def test_the_deadline_that_counts_follows_the_state() -> None:
    promised = standing(S.PROMISED)
    assert promised.act_by == promised.due_at
    assert try_in_vain(standing(S.TAKEN)).act_by == NOW + timedelta(minutes=60)
    assert standing(S.REACHED).plan(WINDOW, ANNA, NOW, "call_again").act_by == WINDOW.closes
    assert standing(S.REACHED).pass_on(WINDOW.closes, ANNA, NOW, "passed_on").act_by == WINDOW.closes


@pytest.mark.parametrize("state", S)
def test_open_means_that_something_is_owed(state: Any) -> None:
    assert standing(state).is_open == (state in OPEN_STATES) == (state not in ("closed", "no_contact"))
