"""How the clauses about the house itself are counted, on both databases: its shift, its reports (9, 18, 19)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert

from ivr.adapters.storage import tables
from ivr.adapters.storage.access_tables import person
from ivr.adapters.storage.archive import ReportArchive
from ivr.adapters.storage.database import connect
from ivr.adapters.storage.ledger import enter
from ivr.adapters.storage.presence import DatabasePresenceBook
from ivr.adapters.storage.tallies import DatabaseTallies
from ivr.domain.call import Mode
from ivr.domain.compliance import Clause, Duties, Kind, added
from ivr.domain.counting import CountedBy
from ivr.domain.leg import CDR, LegRecord, Side
from ivr.domain.letter import FiledReport, LetterState, ReportKind
from ivr.domain.presence import Presence, PresenceChange, Told
from ivr.domain.report import Period
from tests.samples import CALENDAR, RULES

MONDAY = date(2026, 11, 23)
OPENS = datetime(2026, 11, 23, 6, tzinfo=UTC)
"""Nine hours from 09:00 in Moscow."""
EDITION = "2024-12-24"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ANNA, BORIS, VERA = "Петрова А. В.", "Сидоров Б. Н.", "Власова В. И."


@pytest.fixture
def engine(journal_url: str) -> Iterator[Engine]:
    """Two who are trained and acquainted, one who has signed for an older edition."""
    made = connect(journal_url)
    for name, signed in ((ANNA, EDITION), (BORIS, EDITION), (VERA, "2020-01-01")):
        fact = {"id": f"id-{name}"[:32], "login": name, "name": name, "municipality": "demo", "roles": ["operator"]}
        fact |= {"created_at": OPENS, "telephone": "", "acquainted_with": signed, "password": ""}
        with made.begin() as db:
            db.execute(insert(person), [fact | {"trained_at": OPENS - DAY, "acquainted_at": OPENS - DAY}])
    yield made
    made.dispose()


async def at_work(engine: Engine, *marks: tuple[str, Presence, timedelta]) -> None:
    """Who marked what, so long after opening."""
    book = DatabasePresenceBook(engine)
    for number, (who, state, after) in enumerate(marks):
        await book.add(PresenceChange(f"{number:032x}", "demo", who, state, OPENS + after, Told.CONSOLE, who))
    book.dispose()


async def judged(
    engine: Engine, clause: Clause, now: datetime, day: date = MONDAY, *, letters: bool = False
) -> tuple[float, float, list[tuple[str, timedelta | None]]]:
    """How many kept a clause, of how many, and what broke it by how much."""
    tallies = DatabaseTallies(engine, RULES, Duties(EDITION, letters))
    await tallies.count("demo", day, CALENDAR, now)
    sums = added(await tallies.sums("demo", Period(day, day), list(Kind)))
    broken = await tallies.breaches("demo", Period(day, day), clause)
    tallies.dispose()
    return sums[Kind.KEPT].get(clause, 0), sums[Kind.OF].get(clause, 0), [(one.subject, one.late) for _, one in broken]


async def test_an_hour_is_kept_while_two_who_may_are_at_their_place(engine: Engine) -> None:
    await at_work(
        engine, (ANNA, Presence.ON_SHIFT, -5 * MINUTE), (BORIS, Presence.ON_SHIFT, MINUTE),
        (BORIS, Presence.AWAY, 2 * HOUR + 10 * MINUTE), (VERA, Presence.ON_SHIFT, 2 * HOUR),
        (BORIS, Presence.ON_SHIFT, 2 * HOUR + 50 * MINUTE), (ANNA, Presence.OFF, 8 * HOUR),
    )  # fmt: skip
    assert await judged(engine, Clause.STAFFED, OPENS + DAY) == (
        7, 9, [((OPENS + 2 * HOUR).isoformat(), 40 * MINUTE), ((OPENS + 8 * HOUR).isoformat(), HOUR)],
    )  # fmt: skip
    kept, of, _ = await judged(engine, Clause.STAFFED, OPENS + 90 * MINUTE)
    assert (kept, of) == (1, 1)  # the hour that goes on is not judged


async def test_who_is_not_trained_by_that_day_does_not_count(engine: Engine) -> None:
    await at_work(engine, (ANNA, Presence.ON_SHIFT, -MINUTE), (BORIS, Presence.ON_SHIFT, -MINUTE))
    with engine.begin() as db:
        db.execute(person.update().where(person.c.name == BORIS).values(trained_at=OPENS + 2 * DAY))
    assert (await judged(engine, Clause.STAFFED, OPENS + DAY))[:2] == (0, 9)


async def test_where_nobody_marks_presence_nothing_is_said_and_a_lone_day_without_marks_is_broken(
    engine: Engine,
) -> None:
    assert await judged(engine, Clause.STAFFED, OPENS + DAY) == (0, 0, [])
    await at_work(engine, (ANNA, Presence.ON_SHIFT, -3 * DAY))
    assert (await judged(engine, Clause.STAFFED, OPENS + DAY))[:2] == (0, 9)
    saturday = MONDAY - 2 * DAY
    assert await judged(engine, Clause.STAFFED, OPENS + DAY, saturday) == (0, 0, [])


@pytest.mark.parametrize(("counted_by", "received", "lost"), [(CountedBy.HOUSE, 1, 1), (CountedBy.EXCHANGE, 2, 0)])
async def test_the_load_is_counted_by_whose_word_counts(
    engine: Engine, counted_by: CountedBy, received: int, lost: int
) -> None:
    """The house itself sees only what overflows."""
    ends, answered = OPENS + HOUR, {"mode": "", "source": CDR, "answered_at": OPENS + MINUTE}
    legs = [
        LegRecord("a", "demo", "1", Side.CALLER, OPENS, ends, mode=Mode.OVERFLOW, answered_at=OPENS + MINUTE),
        *(LegRecord(f"{call}-c", "demo", call, Side.CALLER, OPENS, ends, mode="", source=CDR) for call in "23"),
        *(LegRecord(f"{call}-o", "demo", call, Side.OPERATOR, OPENS, ends, **answered) for call in "23"),
    ]  # fmt: skip
    with engine.begin() as db:
        enter(db, legs)
    tallies = DatabaseTallies(engine, RULES, Duties(EDITION, counted_by=counted_by))
    await tallies.count("demo", MONDAY, CALENDAR, OPENS + DAY)
    load = added(await tallies.sums("demo", Period(MONDAY, MONDAY), [Kind.LOAD]))[Kind.LOAD]
    tallies.dispose()
    assert (load["received"], load.get("lost", 0)) == (received, lost)


def filed(engine: Engine, kind: ReportKind, due: datetime, edition: int = 1) -> str:
    """A report that was made."""
    week = Period(MONDAY - 7 * DAY, MONDAY - DAY)
    key = f"{edition:032x}"
    report = FiledReport(key, "demo", kind, week, edition, due - HOUR, due, "x", 1, "s" * 64, "s" * 64)
    assert ReportArchive(engine).file(report, b"x")
    return key


@pytest.mark.parametrize(("told", "kept", "late"), [(-HOUR, 1, None), (HOUR, 0, HOUR), (None, 0, DAY)])
async def test_the_month_is_told_by_its_day_by_whichever_edition(
    engine: Engine, told: timedelta | None, kept: int, late: timedelta | None
) -> None:
    due = OPENS + 3 * HOUR
    first, second = (filed(engine, ReportKind.MONTH, due, edition) for edition in (1, 2))
    assert await judged(engine, Clause.TOLD, due - HOUR) == (0, 0, [])
    if told is not None:
        with engine.begin() as db:
            row = tables.report.c.id == second
            db.execute(tables.report.update().where(row).values(reported_at=due + told, reported_by=VERA))
    assert await judged(engine, Clause.TOLD, due + DAY) == (kept, 1, [(first, late)] if late else [])


def letter(engine: Engine, report: str, recipient: str, sent: datetime | None) -> None:
    """A letter that went, or did not."""
    row = {
        "id": f"{report[-4:]}{recipient:0>28}",
        "report_id": report,
        "recipient": recipient,
        "recipients": [recipient],
    }
    row |= {"state": (LetterState.DELIVERED if sent else LetterState.WAITING).value, "claim": "", "tries": 0}
    with engine.begin() as db:
        db.execute(insert(tables.letter), [row | {"reply": "250 ok", "sent_at": sent}])


async def test_the_weeks_letter_is_kept_when_every_addressees_server_took_it_in_time(engine: Engine) -> None:
    due = OPENS + HOUR
    first, now = filed(engine, ReportKind.WEEK, due), due + DAY
    assert await judged(engine, Clause.LETTER, now) == (0, 0, [])  # nobody knows whether it went by other means
    assert await judged(engine, Clause.LETTER, now, letters=True) == (0, 1, [(first, DAY)])
    letter(engine, first, "a", due - HOUR)
    letter(engine, first, "b", None)
    assert await judged(engine, Clause.LETTER, now) == (0, 1, [(first, DAY)])
    second = filed(engine, ReportKind.WEEK, due, 2)
    letter(engine, second, "b", due + 5 * MINUTE)
    assert await judged(engine, Clause.LETTER, now) == (0, 1, [(first, 5 * MINUTE)])
    with engine.begin() as db:
        db.execute(tables.letter.update().where(tables.letter.c.report_id == second).values(sent_at=due - MINUTE))
    assert await judged(engine, Clause.LETTER, now) == (1, 1, [])
