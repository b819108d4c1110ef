"""The front desk over a day: opening and closing minute, whoever answers or does not, the figures of 500 calls."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.files.settings import Settings
from ivr.adapters.storage.callbacks import DatabaseCallbackBook
from ivr.adapters.storage.database import connect
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.adapters.storage.report_source import JournalReportSource
from ivr.bootstrap.house import House, build
from ivr.cli.load import facts_of
from ivr.domain.call import CallEnd, Mode
from ivr.domain.callback import CallbackState
from ivr.domain.card import Rulebook
from ivr.domain.leg import Side
from ivr.domain.people import Person
from ivr.domain.report import Period
from ivr.domain.vocabulary import AttemptOutcome
from ivr.ports import HungUp, Transfer
from ivr.services.callbacks import CallbackDesk
from ivr.services.reports import load_weeks
from tests.contracts.fakes_callbacks import MemoryCallbackBook
from tests.contracts.fakes_journal import MemoryJournal
from tests.journals import new_journal
from tests.samples import SetClock
from tests.services.desk_samples import NAMES, OperatorLeg, Plan, Town, mode_of

MOSCOW = ZoneInfo("Europe/Moscow")
DAY = datetime(2026, 11, 25, tzinfo=MOSCOW)  # a Wednesday, 09:00 to 18:00
RING = 30.0


@pytest.fixture(scope="module")
def house() -> House:
    return build(Settings())


@pytest.fixture
def town(house: House) -> Town:
    journal = MemoryJournal()
    clock = SetClock(DAY)
    desk = CallbackDesk(MemoryCallbackBook(journal), clock, Rulebook(house.rules, house.calendar, house.vocabulary))
    return Town(house, journal, clock, desk=desk)


def at(clock: str, **more: float) -> datetime:
    """A moment of the day."""
    return datetime.combine(DAY.date(), time.fromisoformat(clock), MOSCOW) + timedelta(**more)


def legs(town: Town, side: Side = Side.OPERATOR) -> list[tuple[str, int, str]]:
    """Who was rung, and how it ended."""
    found = [leg for leg in town.journal.legs.values() if leg.side is side]  # type: ignore[attr-defined]
    return sorted((leg.who, leg.cause, leg.ended_by) for leg in found)


def test_twenty_calls_around_the_opening_and_the_closing_minute(house: House) -> None:
    """Each is met by the voice of its second; who came in time is rung for, however long it lasts."""
    chance = random.Random(5)
    around = [("09:00", chance.uniform(-60, 60)) for _ in range(10)] + [
        ("18:00", chance.uniform(-60, 60)) for _ in range(10)
    ]
    edges = [("09:00", -0.000001), ("09:00", 0.0), ("18:00", -0.000001), ("18:00", 0.0)]
    for clock, seconds in (*around, *edges):
        journal = MemoryJournal()
        town = Town(house, journal, SetClock(DAY))
        call = asyncio.run(town.take(Plan(at(clock, seconds=seconds), operators=(2.0, None), talks=20.0)))
        open_then = seconds >= 0 if clock == "09:00" else seconds < 0
        assert mode_of(call) is (Mode.FRONT_DESK if open_then else Mode.AFTER_HOURS), (clock, seconds)
        assert call
        assert call.why_mode == ("open" if open_then else "before_opening" if clock == "09:00" else "after_closing")
        assert bool(call.operator) is open_then


async def test_an_answered_call_has_its_card_at_once_and_owes_nobody_a_call(town: Town) -> None:
    call = await town.take(Plan(at("10:00"), "+79000000001", operators=(486, 3.0), talks=30.0))
    assert call
    assert (call.end, call.operator, call.mode) == (CallEnd.COMPLETED, "Орлова", Mode.FRONT_DESK)
    actions = [action for action, _ in town.news]
    assert actions.index("call_started") < actions.index("operators_rung") < actions.index("card")
    told = dict(town.news)
    assert told["call_started"]["card"] == told["card"]["card"] == call.id
    assert told["card"]["operator"] == "Орлова"
    assert told["operators_rung"]["names"] == ["Петрова", "Орлова"]
    case = town.journal.promises[call.id]  # type: ignore[attr-defined]
    assert (case.state, case.holder) == (CallbackState.REACHED, "Орлова")
    assert town.exchange.shown == ["+79000000001"] * 2
    assert legs(town) == [("Орлова", 200, "far"), ("Петрова", 486, "far")]


async def test_who_is_called_back_and_rings_himself_is_owed_nothing_any_more(town: Town) -> None:
    missed = await town.take(Plan(at("10:00"), "+79000000001", leaves=3.0))
    assert missed
    await town.take(Plan(at("10:10"), "+79000000001", operators=(2.0, None)))
    states = {one.state for one in town.journal.promises.values()}  # type: ignore[attr-defined]
    assert town.journal.promises[missed.id].state is CallbackState.CLOSED  # type: ignore[attr-defined]
    assert states == {CallbackState.CLOSED, CallbackState.REACHED}


@pytest.mark.parametrize(
    ("plan", "mode", "end", "promised"),
    [
        (Plan(at("10:00"), "+79000000001", leaves=5.0), Mode.FRONT_DESK, CallEnd.CALLER_HUNG_UP, True),
        (Plan(at("10:00"), "", leaves=5.0), Mode.FRONT_DESK, CallEnd.CALLER_HUNG_UP, False),
        (Plan(at("10:00"), "+79000000001", presses_0=5.0), Mode.OVERFLOW, CallEnd.COMPLETED, True),
        (Plan(at("10:00"), "+79000000001", operators=(486, 480)), Mode.OVERFLOW, CallEnd.COMPLETED, True),
        (Plan(at("10:00"), "+79000000001"), Mode.OVERFLOW, CallEnd.COMPLETED, True),
        (Plan(at("10:00"), "+79000000001", cancels=True), Mode.FRONT_DESK, CallEnd.CANCELLED, True),
        (Plan(at("10:00"), "", cancels=True), Mode.FRONT_DESK, CallEnd.CANCELLED, False),
    ],
)
async def test_who_is_not_answered_is_called_back_when_his_number_is_known(
    town: Town, plan: Plan, mode: Mode, end: CallEnd, promised: bool
) -> None:
    call = await town.take(plan)
    assert call
    assert (call.mode, call.end, call.operator) == (mode, end, "")
    assert bool(town.journal.promises) is promised  # type: ignore[attr-defined]
    assert town.journal.messages[call.id].operator is None  # type: ignore[attr-defined]
    if promised:
        due = town.journal.promises[call.id].due_at  # type: ignore[attr-defined]
        assert due == datetime(2026, 11, 26, 9, tzinfo=UTC)


async def test_who_presses_0_hears_that_he_will_be_called_back_and_not_that_all_are_busy(town: Town) -> None:
    call = await town.take(Plan(at("10:00"), "+79000000001", presses_0=5.0))
    assert call
    spoken = [turn.prompt for turn in town.journal.turns[call.id] if turn.prompt]  # type: ignore[attr-defined]
    assert spoken[:4] == ["recording_notice", "connecting", "call_me_back_greeting", "beep"]


async def test_a_second_call_hears_that_he_is_on_the_list(town: Town) -> None:
    await town.take(Plan(at("10:00"), "+79000000001"))
    call = await town.take(Plan(at("19:00"), "+79000000001"))
    assert call
    spoken = [turn.prompt for turn in town.journal.turns[call.id] if turn.prompt]  # type: ignore[attr-defined]
    assert spoken[-4:] == ["thanks", "already_on_list", "promise", "goodbye"]
    first = next(turn for turn in town.journal.turns[call.id] if turn.prompt == "promise")  # type: ignore[attr-defined]
    assert "двадцать шестого ноября" in first.text


async def test_a_dead_telephone_of_the_operator_does_not_lose_the_caller(town: Town) -> None:
    """The operator's leg falls silent: the others are rung again; nobody comes, so he is called back."""
    plan = Plan(at("10:00"), "+79000000001", operators=(2.0, None), talks=20.0)
    ring = town.exchange.call

    async def once(address: str, caller: str = "", rings: object = None) -> OperatorLeg:
        leg = await ring(address, caller)
        assert isinstance(leg, OperatorLeg)
        leg.silent = True
        town.exchange.plan = Plan(plan.at, operators=(486, 486))
        return leg

    town.exchange.call = once  # type: ignore[method-assign, assignment]
    call = await town.take(plan)
    assert call
    assert (call.mode, call.operator) == (Mode.OVERFLOW, "Петрова")
    assert town.journal.promises[call.id].state is CallbackState.PROMISED  # type: ignore[attr-defined]
    spoken = [turn.prompt for turn in town.journal.turns[call.id] if turn.prompt]  # type: ignore[attr-defined]
    assert "reconnecting" in spoken


async def test_a_colleague_takes_over_and_the_card_with_it(town: Town) -> None:
    plan = Plan(at("10:00"), "+79000000001", operators=(2.0, None), talks=3.0)
    ring = town.exchange.call
    colleague = OperatorLeg(town.clock, at("10:01"))

    async def handing_over(address: str, caller: str = "", rings: object = None) -> OperatorLeg:
        leg = await ring(address, caller)
        assert isinstance(leg, OperatorLeg)
        leg.queued.extend([Transfer("sip:102@pbx", colleague), Transfer("sip:102@pbx", colleague, answered=True)])
        return leg

    town.exchange.call = handing_over  # type: ignore[method-assign, assignment]
    call = await town.take(plan)
    assert call
    assert call.operator == "Петрова"
    assert [facts["operator"] for action, facts in town.news if action == "card"] == ["Петрова", "Орлова"]
    assert town.journal.promises[call.id].holder == "Орлова"  # type: ignore[attr-defined]
    transferred = [leg for leg in town.journal.legs.values() if leg.why == "transfer"]  # type: ignore[attr-defined]
    assert [(leg.who, leg.cause, bool(leg.answered_at)) for leg in transferred] == [("Орлова", 200, True)]
    assert isinstance(await town.exchange.legs[0].next_event(), HungUp)


# ---------------------------------------------------------------- 500 calls


@dataclass
class Tally:
    """What the plans say must come out: kept apart from the product's own counting."""

    counts: Counter[str] = field(default_factory=Counter)
    rings: list[float] = field(default_factory=list)
    talks: list[float] = field(default_factory=list)
    hours: dict[int, Counter[str]] = field(default_factory=dict)

    def call(self, plan: Plan) -> None:
        """One call."""
        clock = plan.at.astimezone(MOSCOW).time()
        if not time(9) <= clock < time(18):
            self.counts["after_hours"] += 1
            return
        hour = self.hours.setdefault(clock.hour, Counter())
        hour["received"] += 1
        self.counts["received"] += 1
        lifted = [deed for deed in plan.operators if isinstance(deed, float)]
        first = min(lifted, default=None)
        ends = [moment for moment in (plan.leaves, plan.presses_0) if moment is not None]
        if plan.cancels or first is None or first > RING or any(moment < first for moment in ends):
            self.counts["lost"] += 1
            hour["lost"] += 1
            somebody_rings = not all(isinstance(deed, int) for deed in plan.operators)
            to_machine = min(RING if somebody_rings else 0.0, RING if plan.presses_0 is None else plan.presses_0)
            stays = plan.leaves is None or plan.leaves > to_machine
            self.counts["by_machine"] += stays and not plan.cancels
            return
        self.rings.append(first)
        self.talks.append(min(plan.talks, plan.leaves - first) if plan.leaves is not None else plan.talks)


def plans(count: int, seed: int) -> Iterator[Plan]:
    """Calls of a day, whatever may happen; moments are such that no two things coincide."""
    chance = random.Random(seed)
    for number in range(count):
        busy = chance.random() < 0.15
        deeds = tuple(
            chance.choice([486, 480, 404, 503]) if busy or chance.random() < 0.2
            else None if chance.random() < 0.3
            else chance.randint(1, 40) + 0.15
            for _ in range(2)
        )  # fmt: skip
        leaves = chance.randint(1, 60) + 0.35 if chance.random() < 0.25 else None
        zero = chance.randint(1, 40) + 0.65 if chance.random() < 0.15 else None
        if busy:
            leaves = zero = None
        yield Plan(
            at("00:00", seconds=chance.randrange(24 * 3600)), f"+7900{number:07}" if chance.random() < 0.8 else "",
            leaves, zero, chance.random() < 0.05, deeds, float(chance.randint(5, 60)),
        )  # fmt: skip


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: 2,000 transactions of a day need no real disk."""
    if not Path("/dev/shm").is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


async def test_the_figures_of_500_calls_are_those_counted_apart(house: House, in_memory: Path) -> None:
    engine = connect(new_journal(in_memory / "journal.db"))
    journal = DatabaseJournal(engine)
    clock, tally = SetClock(DAY), Tally()
    desk = CallbackDesk(DatabaseCallbackBook(engine), clock, Rulebook(house.rules, house.calendar, house.vocabulary))
    town = Town(house, journal, clock, desk=desk)
    for plan in sorted(plans(500, seed=9), key=lambda plan: plan.at):
        await town.take(plan)
        tally.call(plan)
    clock.moment = at("17:00")
    anna = Person("Петрова")
    rows = await journal.callbacks("demo")
    owed = [one for one, _ in rows if one.state is CallbackState.PROMISED and one.created_at < clock.now()]
    for place, callback in enumerate(one for one in owed[:60] if one.number):
        outcome = (AttemptOutcome.ANSWERED, AttemptOutcome.BUSY, AttemptOutcome.NO_ANSWER)[place % 3]
        clock.pass_minutes(0.5)
        await desk.attempted(callback.id, anna, outcome)
        tally.counts["made"] += 1
        tally.counts["reached"] += outcome is AttemptOutcome.ANSWERED
    period = Period(DAY.date(), DAY.date())
    source = JournalReportSource(engine, house.calendar)
    (week,) = load_weeks(period, source.load("demo", period), house.calendar)
    day = facts_of(next(one for one in week.days if one.day == DAY.date()))
    journal.dispose()
    engine.dispose()

    names = ("received", "lost", "by_machine", "after_hours", "made", "reached")
    assert {name: day[name] for name in names} == {name: tally.counts[name] for name in names}
    assert day["accepted"] == tally.counts["received"] - tally.counts["lost"] == len(tally.rings)
    assert day["lost_share"] == pytest.approx(tally.counts["lost"] / tally.counts["received"])
    assert day["availability"] == pytest.approx(1 - tally.counts["lost"] / tally.counts["received"])
    assert day["productivity"] == pytest.approx(tally.counts["reached"] / tally.counts["made"])
    assert day["ring_seconds"] == pytest.approx(sum(tally.rings) / len(tally.rings), abs=0.2)
    nearest_rank = sorted(tally.rings)[-(-len(tally.rings) * 95 // 100) - 1]
    assert day["ring_seconds_p95"] == pytest.approx(nearest_rank, abs=0.3)
    assert day["handling_seconds"] == pytest.approx(sum(tally.talks) / len(tally.talks), abs=0.5)
    by_hour = {hour["hour"]: (hour["received"], hour["lost"]) for hour in day["hours"] if hour["received"]}
    assert by_hour == {hour: (one["received"], one["lost"]) for hour, one in sorted(tally.hours.items())}
    assert sum(tally.counts[name] for name in ("received", "after_hours")) == 500
    assert min(tally.counts.values()) > 5


def test_names_are_those_of_the_telephones() -> None:
    assert set(NAMES.values()) == {"Петрова", "Орлова"}
