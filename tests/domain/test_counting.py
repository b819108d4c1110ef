"""From the ledger's legs to appendix 1 (clauses 6.2, 11; interpretations 9 to 11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ivr.domain.call import Mode
from ivr.domain.counting import TOO_LATE, TRANSFER, CountedBy, count_load
from ivr.domain.leg import CDR, REFUSED, SHORT_CODE, LegRecord, Side
from ivr.domain.load import LoadHour, percentile
from ivr.domain.report import LoadDay
from tests.samples import CALENDAR

NOON = datetime(2026, 11, 25, 9, tzinfo=UTC)
DAY = date(2026, 11, 25)


def leg(call: str, side: Side, seconds: float, **facts: object) -> LegRecord:
    """A leg that begins so long after noon and ends ten minutes later, unless told."""
    at = NOON + timedelta(seconds=seconds)
    usual = LegRecord(
        f"{call}-{side}-{seconds}", "demo", call, side, at, at + timedelta(minutes=10), mode=Mode.FRONT_DESK, cause=200
    )  # fmt: skip
    return replace(usual, **facts)  # type: ignore[arg-type]


def at(seconds: float) -> datetime:
    """So long after noon."""
    return NOON + timedelta(seconds=seconds)


def test_the_exact_figures_of_a_small_day() -> None:
    legs = [
        # answered by the second operator after 3 s; the first refused; talked for 120 s
        leg("1", Side.CALLER, 0, answered_at=at(1), ended_at=at(130)),
        leg("1", Side.OPERATOR, 5, cause=486, ended_at=at(6)),
        leg("1", Side.OPERATOR, 5.1, answered_at=at(8.1), ended_at=at(128.1)),
        # answered after 7 s, handed over to a colleague, 300 s in all
        leg("2", Side.CALLER, 3600, answered_at=at(3601)),
        leg("2", Side.OPERATOR, 3610, answered_at=at(3617), ended_at=at(3700)),
        leg("2", Side.OPERATOR, 3690, answered_at=at(3698), ended_at=at(3917), why=TRANSFER),
        # given up while ringing; an operator answers a moment too late
        leg("3", Side.CALLER, 3700, answered_at=at(3701)),
        leg("3", Side.OPERATOR, 3705, answered_at=at(3706), why=TOO_LATE),
        # the machine took the message
        leg("4", Side.CALLER, 3800, answered_at=at(3803), mode=Mode.OVERFLOW),
        # at night, a short code, and a robot: in no load
        leg("5", Side.CALLER, 12 * 3600 - 1, answered_at=at(12 * 3600), mode=Mode.AFTER_HOURS),
        leg("6", Side.OPERATOR, 10, mode=SHORT_CODE),
        leg("7", Side.CALLER, 20, mode=REFUSED, cause=603),
        # called back: reached, and busy
        leg("8", Side.CITIZEN, 100, answered_at=at(110), mode="callback"),
        leg("9", Side.CITIZEN, 200, cause=486, mode="callback"),
    ]
    (day,) = count_load(legs, CALENDAR)
    assert (day.day, day.received, day.lost, day.accepted) == (DAY, 4, 2, 2)
    assert (day.by_machine, day.after_hours, day.refused) == (1, 1, 1)
    assert (day.outgoing, day.reached, day.productivity) == (2, 1, 0.5)
    assert day.lost_share == day.availability == 0.5
    assert day.rings == (3.0, 7.0)
    assert day.ring_seconds == 5.0
    assert sorted(day.talks) == [120.0, 300.0]
    assert sorted(day.machine_rings) == [1.0, 1.0, 1.0, 1.0, 3.0]
    assert day.hours == (LoadHour(12, 1, 0, 2, 1), LoadHour(13, 3, 2, 0, 0))


def test_a_night_call_is_no_loss_and_a_day_of_nothing_has_no_shares() -> None:
    (day,) = count_load([leg("1", Side.CALLER, 0, mode=Mode.AFTER_HOURS)], CALENDAR)
    assert (day.received, day.after_hours, day.lost_share, day.productivity) == (0, 1, None, None)


def test_where_the_exchange_counts_its_records_make_the_day_and_the_house_the_night() -> None:
    legs = [
        leg("1", Side.CALLER, 0, source="engine-1"),
        leg("a", Side.CALLER, 0, source=CDR, mode=""),
        leg("a", Side.OPERATOR, 1, source=CDR, mode="", answered_at=at(4)),
        leg("b", Side.CALLER, 60, source=CDR, mode=""),
        leg("2", Side.CALLER, 10 * 3600, source="engine-1", mode=Mode.AFTER_HOURS),
        leg("c", Side.CALLER, 10 * 3600, source=CDR, mode=""),  # the same call in the exchange's records
        leg("d", Side.CITIZEN, 90, source=CDR, mode="", answered_at=at(95)),
        leg("e", Side.CITIZEN, 90, source=""),
    ]
    (day,) = count_load(legs, CALENDAR, CountedBy.EXCHANGE)
    assert (day.received, day.lost, day.after_hours, day.outgoing, day.reached) == (2, 1, 1, 1, 1)
    (house,) = count_load(legs, CALENDAR)
    assert (house.received, house.lost, house.after_hours, house.outgoing, house.reached) == (1, 1, 1, 1, 0)


def test_days_are_local_days() -> None:
    late = leg("1", Side.CALLER, 11.9 * 3600, mode=Mode.AFTER_HOURS)  # 23:54 in Moscow
    later = leg("2", Side.CALLER, 12.1 * 3600, mode=Mode.AFTER_HOURS)
    assert [day.day for day in count_load([late, later], CALENDAR)] == [DAY, DAY + timedelta(days=1)]


@pytest.mark.parametrize(
    ("values", "percent", "found"),
    [([], 95, None), ([4.0], 95, 4.0), (list(range(1, 101)), 95, 95), ([1.0, 9.0], 95, 9.0), ([1.0, 9.0], 50, 1.0)],
)
def test_the_percentile_is_the_nearest_rank(values: list[float], percent: int, found: float | None) -> None:
    assert percentile(values, percent) == found


def test_days_add_up_hour_by_hour() -> None:
    one = LoadDay(DAY, 2, 1, rings=(1.0,), talks=(60.0,), hours=(LoadHour(9, 2, 1),), refused=1)
    two = LoadDay(DAY, 3, 0, rings=(3.0,), talks=(90.0,), hours=(LoadHour(9, 1, 0), LoadHour(10, 2, 0)))
    total = LoadDay.total(DAY, (one, two))
    assert total.hours == (LoadHour(9, 3, 1), LoadHour(10, 2, 0))
    assert (total.rings, total.talks, total.refused) == ((1.0, 3.0), (60.0, 90.0), 1)
