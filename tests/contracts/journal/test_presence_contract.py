"""What every book of presence promises, and the ledger in the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.exc import DBAPIError

from ivr.adapters.storage.callbacks import DatabaseCallbackBook
from ivr.adapters.storage.database import connect, upgrade
from ivr.adapters.storage.day_tables import leg as table
from ivr.adapters.storage.journal import DatabaseJournal
from ivr.adapters.storage.ledger import leg_of, legs, take_in_legs
from ivr.adapters.storage.presence import DatabasePresenceBook
from ivr.domain.call import Mode
from ivr.domain.leg import LegRecord, Side
from ivr.domain.people import Person
from ivr.domain.presence import Presence, PresenceChange, Told
from ivr.domain.vocabulary import AttemptOutcome
from ivr.ports import PresenceBook
from tests.contracts.fakes_presence import MemoryPresenceBook
from tests.journals import new_journal
from tests.samples import CALENDAR, FRIDAY_NIGHT, RULES, a_call, a_callback, a_message, ended

AT = datetime(2026, 11, 25, 6, tzinfo=UTC)
CHANGES = [
    PresenceChange(f"{number:032x}", "demo", f"Петрова {number % 2}", state, AT + timedelta(minutes=number), Told.CODE)
    for number, state in enumerate((Presence.ON_SHIFT, Presence.AWAY, Presence.AFTER_CALL))
]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Each database, empty."""
    sqlite = request.param == "sqlite"
    engine = connect(new_journal(tmp_path / "journal.db") if sqlite else request.getfixturevalue("postgres_journal"))
    yield engine
    engine.dispose()


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PresenceBook]:
    """Each book."""
    if request.param == "memory":
        yield MemoryPresenceBook()
        return
    sqlite = request.param == "sqlite"
    engine = connect(new_journal(tmp_path / "journal.db") if sqlite else request.getfixturevalue("postgres_journal"))
    database = DatabasePresenceBook(engine)
    yield database
    database.dispose()


async def test_changes_are_kept_once_and_come_oldest_first(book: PresenceBook) -> None:
    lasting = replace(CHANGES[2], until=AT + timedelta(hours=1), by="куратор")
    for change in (lasting, *CHANGES[:2], lasting):
        await book.add(change)
    assert list(await book.since("demo", AT)) == [*CHANGES[:2], lasting]
    assert list(await book.since("demo", AT + timedelta(seconds=1))) == [CHANGES[1], lasting]
    assert list(await book.since("other", AT)) == []


def a_leg(number: int, side: Side = Side.CALLER, minutes: float = 0) -> LegRecord:
    """A leg of Friday night."""
    at = FRIDAY_NIGHT + timedelta(minutes=minutes)
    return LegRecord(
        f"{number:032x}", "demo", "1" * 32, side, at, at + timedelta(minutes=1), at, at, 200, "far", "front_desk",
        "open", "Петрова", "+79000000001", "engine-1",
    )  # fmt: skip


async def kept(engine: Engine, journal: DatabaseJournal | None = None) -> list[LegRecord]:
    """All legs of the ledger."""
    with engine.connect() as db:
        return [leg_of(row) for row in db.execute(select(table).order_by(table.c.invited_at, table.c.id)).mappings()]


async def test_a_leg_is_written_once_and_never_changed(engine: Engine) -> None:
    journal = DatabaseJournal(engine)
    await journal.enter([a_leg(1), a_leg(2)])
    await journal.enter([replace(a_leg(1), cause=486), a_leg(3)])
    assert await kept(engine) == [a_leg(1), a_leg(2), a_leg(3)]
    with pytest.raises(DBAPIError, match="never changed"), engine.begin() as db:
        db.execute(update(table).values(cause=0))
    journal.dispose()


async def test_a_closed_call_is_in_the_ledger_whatever_else_was_told(engine: Engine) -> None:
    journal = DatabaseJournal(engine)
    call = replace(a_call(1), mode=Mode.FRONT_DESK, operator="Петрова", operator_at=FRIDAY_NIGHT)
    await journal.open(call)
    told = replace(a_leg(9, Side.OPERATOR), call=call.id)
    await journal.enter([told])
    await journal.close(ended(call), [], None, None)
    other = replace(call, id="2" * 32)
    await journal.close(ended(other), [], None, None)
    found = {(one.call, one.side, one.id == told.id) for one in await kept(engine)}
    assert found == {
        (call.id, Side.CALLER, False), (call.id, Side.OPERATOR, True),
        (other.id, Side.CALLER, False), (other.id, Side.OPERATOR, False),
    }  # fmt: skip
    journal.dispose()


async def test_an_attempt_is_a_citizen_s_leg_unless_he_was_never_rung(engine: Engine) -> None:
    journal, book = DatabaseJournal(engine), DatabaseCallbackBook(engine)
    call = a_call(1)
    message = a_message(call, phone="+79000000001")
    await journal.close(ended(call), [], message, a_callback(message))
    anna, at = Person("Петрова"), FRIDAY_NIGHT + timedelta(hours=10)
    for number, outcome in enumerate((AttemptOutcome.ABANDONED, AttemptOutcome.BUSY)):
        case = await book.find(call.id)
        assert case
        taken = case.callback.take(anna, at, timedelta(minutes=15))
        dialled, begun = taken.dial(f"{number:032d}attempt"[-32:], anna, at)
        over, attempt = dialled.hang_up(begun, outcome, at + timedelta(seconds=30), CALENDAR, RULES)
        assert await book.keep(case.callback.version, over, attempt)
    citizens = [one for one in await kept(engine) if one.side is Side.CITIZEN]
    assert [(one.id, one.cause, one.who, one.answered_at) for one in citizens] == [
        (f"{1:032d}attempt"[-32:], 486, "Петрова", None)
    ]
    book.dispose()
    journal.dispose()


async def test_a_period_holds_its_citizens_and_the_operators_who_answered_them(engine: Engine) -> None:
    rows = [a_leg(1), a_leg(2, Side.OPERATOR, 1), a_leg(3, Side.OPERATOR, 59), a_leg(4, minutes=60)]
    assert take_in_legs(engine, rows) == 4
    assert take_in_legs(engine, rows) == 0
    with engine.connect() as db:
        found = legs(db, "demo", FRIDAY_NIGHT, FRIDAY_NIGHT + timedelta(seconds=30))
        assert {one.id for one in found} == {a_leg(1).id, a_leg(2).id, a_leg(3).id}
        assert legs(db, "other", FRIDAY_NIGHT, FRIDAY_NIGHT + timedelta(days=1)) == []


def test_a_journal_of_before_the_ledger_gets_its_legs(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'journal.db'}")
    upgrade(engine, "0009")
    columns = (
        "id, municipality, started_at, mode, why_mode, sip_call_id, source, caller_number, caller_name, dialled, "
        'answered_at, ended_at, "end", notice_seconds, notice_hash, operator, operator_at, engine'
    )
    moments = "'2026-11-25 07:00:00', '2026-11-25 07:00:01', '2026-11-25 07:05:00'"
    first, answered, over = moments.split(", ")
    rows = [
        f"'a', 'demo', {first}, 'front_desk', 'open', '', '', '+79000000001', '', '', {answered}, {over}, "
        f"'completed', 0, '', 'Петрова', '2026-11-25 07:00:04', 'engine-1'",
        f"'b', 'demo', {first}, 'overflow', 'diverted', '', '', '', '', '', {answered}, {over}, "
        f"'caller_hung_up', 0, '', '', NULL, 'engine-1'",
        f"'c', 'demo', {first}, 'front_desk', 'older_journal', '', '', '', '', '', {answered}, {over}, "
        f"'completed', 0, '', '', NULL, ''",
    ]
    with engine.begin() as db:
        for row in rows:
            db.execute(text(f"INSERT INTO call ({columns}) VALUES ({row})"))
    upgrade(engine)
    with engine.connect() as db:
        found = [leg_of(row) for row in db.execute(select(table).order_by(table.c.id)).mappings()]
    assert [(one.id, one.side, one.cause, one.ended_by, one.who) for one in found] == [
        ("a", Side.CALLER, 200, "us", ""), ("a-operator", Side.OPERATOR, 200, "", "Петрова"),
        ("b", Side.CALLER, 200, "far", ""),
    ]  # fmt: skip
    engine.dispose()
