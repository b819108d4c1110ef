"""Who is at work (clause 9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.domain.notices import NoticeKind, few_operators_notice
from ivr.domain.presence import Presence, PresenceChange, Told, few_since, short_of, standings

MOSCOW = ZoneInfo("Europe/Moscow")
OPENS = datetime(2026, 11, 25, 6, tzinfo=UTC)  # 09:00
ANNA, BORIS = "Петрова А. В.", "Иванов Б. Г."
P = Presence


def change(who: str, state: Presence, minutes: float, lasting: float | None = None) -> PresenceChange:
    """A change so many minutes after opening."""
    at = OPENS + timedelta(minutes=minutes)
    until = at + timedelta(minutes=lasting) if lasting else None
    return PresenceChange(f"{who}{minutes}", "demo", who, state, at, Told.CONSOLE, who, until)


def states(changes: list[PresenceChange], minutes: float) -> dict[str, Presence]:
    """Everybody's at that moment."""
    found = standings(changes, OPENS + timedelta(minutes=minutes), MOSCOW)
    return {who: one.state for who, one in found.items()}


def test_the_last_word_counts() -> None:
    changes = [change(ANNA, P.AWAY, 30), change(ANNA, P.ON_SHIFT, 0), change(BORIS, P.ON_SHIFT, 10)]
    assert states(changes, 20) == {ANNA: P.ON_SHIFT, BORIS: P.ON_SHIFT}
    assert states(changes, 31) == {ANNA: P.AWAY, BORIS: P.ON_SHIFT}


def test_work_after_a_call_ends_by_itself() -> None:
    changes = [change(ANNA, P.ON_SHIFT, 0), change(ANNA, P.AFTER_CALL, 10, lasting=2)]
    assert states(changes, 11) == {ANNA: P.AFTER_CALL}
    assert states(changes, 12) == {ANNA: P.ON_SHIFT}


def test_a_shift_that_nobody_ended_ends_with_its_day() -> None:
    assert states([change(ANNA, P.ON_SHIFT, 0)], 60 * 15 - 1) == {ANNA: P.ON_SHIFT}  # 23:59
    assert states([change(ANNA, P.ON_SHIFT, 0)], 60 * 15) == {ANNA: P.OFF}


@pytest.mark.parametrize(
    ("minutes", "since"),
    [(5, 0), (20, None), (31, 30), (40, 30), (50, None), (61, None), (71, 70)],
)
def test_since_when_there_are_too_few(minutes: float, since: float | None) -> None:
    changes = [
        change(ANNA, P.ON_SHIFT, -10), change(BORIS, P.ON_SHIFT, 10), change(BORIS, P.AWAY, 30),
        change(ANNA, P.AWAY, 35), change(BORIS, P.ON_SHIFT, 45), change(ANNA, P.ON_SHIFT, 46),
        change(ANNA, P.AFTER_CALL, 60, lasting=2), change(BORIS, P.OFF, 70),
    ]  # fmt: skip
    now = OPENS + timedelta(minutes=minutes)
    expected = None if since is None else OPENS + timedelta(minutes=since)
    assert few_since(changes, 2, OPENS, now, MOSCOW) == expected


def test_people_are_told_after_two_minutes_and_once() -> None:
    since = OPENS
    assert few_operators_notice("demo", since, OPENS + timedelta(seconds=119)) is None
    first = few_operators_notice("demo", since, OPENS + timedelta(minutes=2))
    later = few_operators_notice("demo", since, OPENS + timedelta(minutes=40))
    assert first
    assert later
    assert first.kind is NoticeKind.FEW_OPERATORS
    assert first.key == later.key
    assert few_operators_notice("demo", None, OPENS) is None


@pytest.mark.parametrize(
    ("changes", "short"),
    [([], 60), ([change(ANNA, P.ON_SHIFT, 0)], 60),
     ([change(ANNA, P.ON_SHIFT, 0), change(BORIS, P.ON_SHIFT, 0)], 0),
     ([change(ANNA, P.ON_SHIFT, -5), change(BORIS, P.ON_SHIFT, 20)], 20),
     ([change(ANNA, P.ON_SHIFT, 0), change(BORIS, P.ON_SHIFT, 0), change(BORIS, P.AWAY, 50)], 10),
     ([change(ANNA, P.ON_SHIFT, 0), change(BORIS, P.ON_SHIFT, 0), change(BORIS, P.AWAY, 50, lasting=4)], 4),
     ([change(ANNA, P.ON_SHIFT, 0), change(BORIS, P.AFTER_CALL, 0), change(ANNA, P.OFF, 60)], 0)],
)  # fmt: skip
def test_how_long_an_hour_had_too_few(changes: list[PresenceChange], short: float) -> None:
    found = short_of(changes, 2, OPENS, OPENS + timedelta(hours=1), MOSCOW)
    assert found == timedelta(minutes=short)
