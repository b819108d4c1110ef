"""A simulated week: 400 calls, operators who do as they please, every deadline and window against a brute-force oracle.

Clauses 12–14, 20, 21; interpretations 1–5, 15. The week of 2 November 2026 has a holiday on Wednesday and a short day
before it; the operators finish in the week after it.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.files.calendar import read_calendar
from ivr.adapters.files.settings import project_root
from ivr.adapters.files.vocabulary import read_vocabulary
from ivr.adapters.storage.callbacks import DatabaseCallbackBook
from ivr.adapters.storage.database import connect
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.domain.callback import Callback, CallbackState
from ivr.domain.card import Card, Rulebook
from ivr.domain.case import Case
from ivr.domain.people import Person, Role
from ivr.domain.vocabulary import AttemptOutcome, Status
from ivr.errors import RuleBroken
from ivr.services.callbacks import CallbackDesk
from tests.journals import new_journal
from tests.samples import RULES, SetClock, a_call, a_message, ended

MOSCOW = ZoneInfo("Europe/Moscow")
CALLS = 400
MINUTE = timedelta(minutes=1)
TICK = timedelta(minutes=20)
FAILED = [AttemptOutcome.NO_ANSWER, AttemptOutcome.BUSY, AttemptOutcome.UNAVAILABLE, AttemptOutcome.NOT_FOUND]


# ------------------------------------------------------------- the oracle: every day by hand, every minute walked

FULL, SHORT = (9, 18), (9, 17)
OPEN = {
    date(2026, 11, day): hours
    for days, hours in (
        ((2, 5, 9, 10, 11, 12, 16, 17, 18, 19, 23, 24, 25, 26), FULL),
        ((3, 6, 13, 20, 27), SHORT),  # the eve of 4 November, and Fridays
    )
    for day in days
}


def is_open(moment: datetime) -> bool:
    local = moment.astimezone(MOSCOW)
    opens, closes = OPEN.get(local.date(), (0, 0))
    return opens <= local.hour < closes


def oracle_due(called: datetime) -> datetime:
    local = called.astimezone(MOSCOW)
    day = local.date()
    if not (day in OPEN and local.hour < OPEN[day][0]):
        day += timedelta(days=1)
        while day not in OPEN:
            day += timedelta(days=1)
    return datetime.combine(day, time(12), MOSCOW)


def oracle_window(ended_at: datetime) -> tuple[datetime, datetime]:
    opens, closes = ended_at + 30 * MINUTE, ended_at + 60 * MINUTE
    if all(is_open(opens + step * MINUTE) for step in range(30)):
        return opens, closes
    while is_open(opens - MINUTE) or not is_open(opens):
        opens += MINUTE
    return opens, opens + 30 * MINUTE


def oracle_answer_due(called: datetime) -> datetime:
    day, left = called.astimezone(MOSCOW).date(), 3
    while left:
        day += timedelta(days=1)
        left -= day in OPEN
    return datetime.combine(day, time(OPEN[day][1]), MOSCOW)


# ------------------------------------------------------------- the week


class Week:
    """Citizens, operators and the clock."""

    def __init__(self, journal: DatabaseJournal, book: DatabaseCallbackBook, seed: int) -> None:
        self.chance = random.Random(seed)
        self.journal, self.book = journal, book
        self.clock = SetClock(datetime(2026, 11, 2, tzinfo=MOSCOW))
        calendar = read_calendar(range(2026, 2027))
        self.desk = CallbackDesk(
            book, self.clock, Rulebook(RULES, calendar, read_vocabulary(project_root() / "config"))
        )
        self.calendar = calendar
        self.people = [Person(f"Оператор {number}") for number in range(12)]
        self.curator = Person("Куратор", Role.CURATOR)
        self.calls = sorted(
            (self.clock.moment + self.chance.randrange(7 * 24 * 60) * MINUTE, self._number()) for _ in range(CALLS)
        )
        self.known: dict[str, Callback] = {}  # every open promise as the last step, or the list, has shown it
        self.due: dict[str, datetime] = {}  # by callback: the earliest deadline of its calls
        self.served: dict[str, list[str]] = defaultdict(list)
        self.refusals: dict[str, int] = defaultdict(int)
        self.forbidden = 0

    def _number(self) -> str:
        return "" if self.chance.random() < 0.03 else f"+7900000{self.chance.randrange(260):04d}"

    async def run(self) -> None:
        while self.calls or self.known:
            await self._ring()
            if is_open(self.clock.moment):
                await self.desk.sweep()
                await self._check_list()
                for person in self.people:
                    await self._work(person)
            self.clock.moment += TICK
            assert self.clock.moment.date() < date(2026, 11, 27), "the promises are never kept"

    async def _ring(self) -> None:
        while self.calls and self.calls[0][0] <= self.clock.moment:
            called, number = self.calls.pop(0)
            call = a_call(CALLS - len(self.calls), called)
            owed = await self.book.owed(call.municipality, number) if number else []
            joined = [callback.id for callback in owed if callback.state in ("promised", "taken", "waiting")]
            message = a_message(call, phone=number)
            await self.journal.close(ended(call), [], message, Callback.promised(message, self.calendar, RULES))
            owner = joined[0] if joined else call.id
            self.served[owner].append(call.id)
            self.due[owner] = min(self.due.get(owner, oracle_due(called)), oracle_due(called))

    async def _check_list(self) -> None:
        """Interpretation 1, 2, 5: deadlines; the order of the list."""
        rows = await self.book.open("demo")
        assert [row.due_at for row in rows] == [self.due[row.id] for row in rows]
        assert [row.calls for row in rows] == [len(self.served[row.id]) for row in rows]
        assert rows == sorted(rows, key=lambda row: (row.closes_at or row.due_at, row.created_at, row.id))
        self.known = {row.id: row for row in rows}
        if self.clock.moment.astimezone(MOSCOW).time() == time(12):  # the console's list is the same, with its messages
            assert [callback for callback, _ in await self.journal.callbacks()] == rows

    async def _work(self, person: Person) -> None:
        rows = [row for row in self.known.values() if row.is_open]
        mine = [row for row in rows if row.holder == person.name]
        free = [row for row in rows if not row.holder]
        picked = mine or free[:6] or rows
        if not picked:
            return
        row = self.chance.choice(picked)
        try:
            await self._one_act(person, row)
        except RuleBroken as refusal:
            self.refusals[refusal.code] += 1
            self._judge(row, person, refusal)

    def _shown(self, case: Case) -> Case:
        self.known[case.callback.id] = case.callback
        return case

    async def _one_act(self, person: Person, row: Callback) -> None:
        act = self.chance.random()
        if row.state in (CallbackState.REACHED, CallbackState.UNREACHED) and row.holder == person.name:
            self._check_card(row, person, self._shown(await self.desk.close(row.id, person, self._card(row))))
        elif row.holder != person.name and act < 0.4:
            self._shown(await self.desk.take(row.id, person))
        elif act < 0.05:
            self._shown(await self.desk.release(row.id, person))
        elif act < 0.10:
            self._shown(await self.desk.hand_over(row.id, self.chance.choice(self.people), self.curator))
        elif act < 0.15:
            return  # gone for tea; the claim becomes idle
        elif not row.number:
            await self.desk.take(row.id, person)
            self._shown(await self.desk.close(row.id, person, Card("different", comment="номер не назван")))
        elif act < 0.5:
            await self._dial(person, row)
        else:
            outcome = self.chance.choice([*FAILED, AttemptOutcome.ANSWERED, AttemptOutcome.ANSWERED])
            self._check_attempt(row, self._shown(await self.desk.attempted(row.id, person, outcome)))

    async def _dial(self, person: Person, row: Callback) -> None:
        attempt = await self.desk.dial(row.id, person)
        assert row.opens_at is None or self.clock.moment >= row.opens_at
        self.clock.moment += self.chance.randrange(3) * MINUTE
        self._check_attempt(row, self._shown(await self.desk.hang_up(attempt, self._outcome())))

    def _outcome(self) -> AttemptOutcome:
        return self.chance.choice([*FAILED, AttemptOutcome.ANSWERED, AttemptOutcome.ANSWERED, AttemptOutcome.ABANDONED])

    def _check_attempt(self, before: Callback, case: Case) -> None:
        """Clause 13: each attempt against its deadline, the window of the next one."""
        after, attempt = case.callback, case.attempts[-1]
        assert attempt.due_by == (before.closes_at or self.due[before.id])
        assert attempt.late == (attempt.started_at > attempt.due_by)
        if attempt.outcome in FAILED:
            failures = before.failures + 1
            assert after.failures == failures
            if failures < 3:
                assert attempt.ended_at is not None
                assert after.state is CallbackState.WAITING
                assert (after.opens_at, after.closes_at) == oracle_window(attempt.ended_at)
            else:
                assert after.state is CallbackState.UNREACHED
        elif attempt.outcome is AttemptOutcome.ANSWERED:
            assert after.state is CallbackState.REACHED

    def _card(self, row: Callback) -> Card:
        if row.state is CallbackState.UNREACHED and self.chance.random() < 0.9:
            return Card("not_reached")
        planned = self.clock.moment + self.chance.randrange(-600, 4000) * MINUTE
        return self.chance.choice([
            Card("satisfied", "consulted"), Card("explained", "informed"), Card("explained"),
            Card("dissatisfied", "consulted", reason="долго"), Card("dissatisfied", "consulted"),
            Card("different", "consulted", comment="приём"), Card("different", "consulted"), Card("not_reached"),
            Card("call_again", "consulted"), Card("call_again", "consulted", planned_at=planned),
            Card("explained", "passed_on"), Card("explained", "passed_on", executor="Орлов О."),
            Card("happy", "consulted"), Card("explained", "guessed"),
        ])  # fmt: skip

    def _check_card(self, row: Callback, person: Person, case: Case) -> None:
        """Clauses 20 and 21: what a card may do."""
        after, message = case.callback, case.latest
        assert message is not None
        assert message.operator == person.name
        if after.state is CallbackState.PASSED_ON:
            assert after.closes_at == message.feedback_due_at == oracle_answer_due(row.created_at)
        if after.state is CallbackState.PLANNED:
            assert after.opens_at == message.planned_at
            assert message.planned_at is not None
            assert message.planned_at > self.clock.moment
            assert is_open(message.planned_at)
        if after.state is CallbackState.NO_CONTACT:
            assert len(message.attempted_at) >= 3

    def _judge(self, row: Callback, person: Person, refusal: RuleBroken) -> None:
        """A refusal has to be right, too."""
        if refusal.code == "too_early":
            assert row.opens_at is not None
            assert self.clock.moment < row.opens_at
        elif refusal.code == "taken":
            assert row.holder not in ("", person.name)
        elif refusal.code == "attempts_owed":
            assert row.failures < 3
        elif refusal.code == "forbidden_move":
            self.forbidden += 1


@pytest.fixture
async def week(quick_folder: Path) -> AsyncIterator[Week]:
    engine = connect(new_journal(quick_folder / "journal.db"))
    journal, book = DatabaseJournal(engine), DatabaseCallbackBook(engine)
    yield Week(journal, book, seed=515)
    book.dispose()
    journal.dispose()


async def test_every_promise_of_a_week_is_kept_by_the_rules(week: Week) -> None:
    await week.run()
    cases = [case for callback in week.due if (case := await week.book.find(callback))]
    assert sum(len(case.messages) for case in cases) == CALLS
    for case in cases:
        assert not case.callback.is_open
        assert {message.status for message in case.messages} <= {Status.ANSWERED, Status.CLOSED, Status.NO_CONTACT}
        assert all(message.result for message in case.messages)
        assert case.callback.version >= len(case.moves)
        steps = [CallbackState.PROMISED, *(move.after for move in case.moves)]
        assert [move.before for move in case.moves] == steps[:-1]
        _check_intervals(case)
    assert week.forbidden == 0
    assert {"too_early", "needs_reason", "needs_comment", "needs_executor", "needs_planned_time"} <= set(week.refusals)


def _check_intervals(case: Case) -> None:
    """Clause 13: the second and the third attempt come no sooner than 30 minutes after the one before."""
    vain = 0
    real = [attempt for attempt in case.attempts if attempt.outcome is not AttemptOutcome.ABANDONED]
    for one, another in pairwise(real):
        vain = vain + 1 if one.outcome in FAILED else 0
        if vain in (1, 2):
            assert one.ended_at is not None
            assert another.started_at - one.ended_at >= 30 * MINUTE
