"""What the curator's books promise, on both databases: days in counts, rows that broke a clause, the audit's queue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, update

from ivr.adapters.storage import tables
from ivr.adapters.storage.corrections import DatabaseCorrectionBook
from ivr.adapters.storage.database import connect
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.adapters.storage.reviews import DatabaseReviews
from ivr.adapters.storage.tallies import DatabaseTallies
from ivr.domain.compliance import Clause, Kind, added
from ivr.domain.contact import PersonName
from ivr.domain.correction import Correction, corrected
from ivr.domain.report import Period
from ivr.domain.review import CHECKLIST, Review, Why
from tests.samples import CALENDAR, FRIDAY_NIGHT, RULES, a_call, a_callback, a_message, ended, turns

FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)
WEEK = Period(FRIDAY, MONDAY)
LATER = FRIDAY_NIGHT + timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Books:
    """All upon one database."""

    engine: Engine
    journal: DatabaseJournal
    tallies: DatabaseTallies
    reviews: DatabaseReviews
    corrections: DatabaseCorrectionBook


@pytest.fixture
async def books(journal_url: str) -> Iterator[Books]:  # type: ignore[misc]
    """Three calls of Friday night; nobody has been called back."""
    engine = connect(journal_url)
    made = Books(
        engine, DatabaseJournal(engine), DatabaseTallies(engine, RULES), DatabaseReviews(engine),
        DatabaseCorrectionBook(engine),
    )  # fmt: skip
    for number, topic in enumerate(("hot_water", "hot_water", None), start=1):
        call = replace(a_call(number, FRIDAY_NIGHT + timedelta(minutes=number)), notice_seconds=5.0 * (number > 1))
        message = a_message(call, phone=f"+7900000000{number}", topic=topic)
        await made.journal.close(ended(call), turns(), message, a_callback(message))
    yield made
    for name in ("journal", "tallies", "reviews", "corrections"):
        getattr(made, name).dispose()


async def sums(books: Books) -> dict[str, dict[str, float]]:
    """All counts of the days."""
    for day in WEEK:
        await books.tallies.count("demo", day, CALENDAR, LATER)
    return {kind: dict(counts) for kind, counts in added(await books.tallies.sums("demo", WEEK, list(Kind))).items()}


async def test_a_day_is_counted_and_the_same_day_again_is_the_same(books: Books) -> None:
    first = await sums(books)
    assert first[Kind.TOPIC] == {"hot_water": 2, "none": 1}
    assert first[Kind.MODE] == {"after_hours": 3}
    assert first[Kind.OF]["13"] == 3 and first[Kind.KEPT]["13"] == 0
    assert first[Kind.OF]["7"] == 3 and first[Kind.KEPT]["7"] == 2
    assert await sums(books) == first
    assert added(await books.tallies.sums("elsewhere", WEEK, [Kind.TOPIC]))[Kind.TOPIC] == {}


async def test_the_rows_that_broke_a_clause_are_named_with_how_late_they_are(books: Books) -> None:
    await sums(books)
    ((day, broken),) = await books.tallies.breaches("demo", WEEK, Clause.NOTICE)
    assert (day, int(broken.subject, 16), broken.late) == (FRIDAY, 1, None)
    late = await books.tallies.breaches("demo", WEEK, Clause.CALLED_BACK)
    assert [day for day, _ in late] == [MONDAY] * 3
    assert all(one.late and one.late > timedelta(days=2) for _, one in late)
    assert len(await books.tallies.breaches("demo", WEEK, Clause.CALLED_BACK, 2, 1)) == 2


async def test_a_series_is_by_day_or_by_monday(books: Books) -> None:
    await sums(books)
    assert await books.tallies.series("demo", WEEK, Kind.MODE) == [(FRIDAY, "after_hours", 3)]
    (weekly,) = await books.tallies.series("demo", WEEK, Kind.MODE, weekly=True)
    assert weekly[0] == date(2026, 11, 16)


async def test_days_wait_until_they_are_counted_and_again_when_they_are_put_right(books: Books) -> None:
    today = LATER.date()
    waiting = list(await books.tallies.waiting("demo", today, LATER, 50))
    assert waiting[0] == today and FRIDAY in waiting
    for day in waiting:
        await books.tallies.count("demo", day, CALENDAR, LATER)
    assert list(await books.tallies.waiting("demo", today, LATER, 50)) == [today]
    assert await books.tallies.counted_at("demo", FRIDAY) == LATER
    at = LATER + timedelta(minutes=3)
    before = a_message(a_call(1, FRIDAY_NIGHT + timedelta(minutes=1)), phone="+79000000001")
    name = PersonName("Иванова", "Марина", "Петровна")
    righted = corrected(before, "name", name)
    correction = Correction("c1", before.id, "name", before.name, name, "Петрова А. В.", at)
    assert await books.corrections.correct(correction, righted, None)
    assert FRIDAY in await books.tallies.waiting("demo", today, at, 50)
    with books.engine.begin() as db:
        db.execute(update(tables.message).values(status="closed"))
    found = await sums(books)
    assert found[Kind.MISHEARD] == {"мария>марина": 1}
    assert (found[Kind.WORDS]["name"], found[Kind.ERRORS]["name"]) == (3, 1)
    assert (found[Kind.SLOT]["name"], found[Kind.RIGHT]["name"], found[Kind.RIGHT]["topic"]) == (3, 2, 3)
    assert await books.tallies.waiting("demo", today, at + timedelta(days=30), 1) == [today]


async def test_recordings_are_drawn_once_and_only_those_that_fit(books: Books) -> None:
    begins = FRIDAY_NIGHT - timedelta(days=1)
    assert await books.reviews.draw("demo", begins, LATER, Why.DISSATISFIED, 5) == []
    drawn = await books.reviews.draw("demo", begins, LATER, Why.RANDOM, 2)
    assert len({message for message, _ in drawn}) == 2
    chosen = [Review(f"r{n}", "demo", message, Why.RANDOM, "Петрова А. В.", LATER, "x")
              for n, (message, _) in enumerate(drawn)]  # fmt: skip
    assert await books.reviews.add(chosen) == 2
    assert await books.reviews.add([replace(chosen[0], id="again")]) == 0
    assert len(await books.reviews.draw("demo", begins, LATER, Why.RANDOM, 5)) == 1
    with books.engine.begin() as db:
        db.execute(update(tables.message).values(result="dissatisfied"))
    assert len(await books.reviews.draw("demo", begins, LATER, Why.DISSATISFIED, 5)) == 1
    for why in (Why.BROKEN_OFF, Why.REPEATED, Why.CORRECTED, Why.URGENT):
        assert await books.reviews.draw("demo", begins, LATER, why, 5) == []


async def test_a_review_is_kept_as_it_becomes(books: Books) -> None:
    new = Review("r1", "demo", f"{1:032x}", Why.RANDOM, "Петрова А. В.", LATER, "Власова В. И.")
    await books.reviews.add([new])
    assert await books.reviews.page("demo", done=False) == [new]
    graded = new.graded(dict.fromkeys(CHECKLIST, "yes"), "", "Власова В. И.", LATER).ask("Почему?", LATER)
    await books.reviews.keep(graded)
    assert await books.reviews.find("r1") == graded
    assert await books.reviews.page("demo", done=False) == []
    assert await books.reviews.page("demo", done=True) == [graded]
    assert await books.reviews.asked("demo", "Петрова А. В.") == [graded]
    assert await books.reviews.asked("demo", "Сидоров Б. Н.") == await books.reviews.page("elsewhere") == []
