"""Kept for a year and not a day longer: 0 overdue, 0 early (clause 6.3, faults F33 and F34)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import JSON, LargeBinary, String, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from ivr.adapters.files.settings_tables import MunicipalityTable
from ivr.adapters.storage import tables
from ivr.adapters.storage.database import connect
from ivr.adapters.storage.day_tables import leg
from ivr.adapters.storage.erasure import DatabaseErasure
from ivr.adapters.storage.family import schema
from ivr.adapters.storage.personal import is_citizens
from ivr.bootstrap.keeping import DERIVED, act_text
from ivr.domain.access import Actor, Via
from ivr.domain.audit import LogQuery
from ivr.domain.people import Account, Role
from ivr.domain.retention import Act, Rule, act_digest
from ivr.errors import JournalError, RuleBroken
from ivr.services import retention as services_retention
from tests.access_samples import ADMINISTRATOR
from tests.journals import new_journal
from tests.keeping.kept import MARKS, NUMBER, Kept, make_kept
from tests.samples import CALENDAR

NOON = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
CURATOR = Actor(Account("1", "vlasova", "Власова В. И.", "demo", frozenset({Role.CURATOR}), NOON), Via.SESSION)
DAY = timedelta(days=1)


@pytest.fixture
def kept(quick_folder: Path) -> Iterator[Kept]:
    """On SQLite."""
    made = make_kept(quick_folder, NOON)
    yield made
    made.dispose()


@pytest.fixture
def either(journal_url: str, tmp_path: Path) -> Iterator[Kept]:
    """On each database."""
    made = make_kept(tmp_path, NOON, journal_url)
    yield made
    made.dispose()


def test_every_column_says_whose_its_content_is() -> None:
    silent = [
        f"{table.name}.{column.name}"
        for table in schema()
        for column in table.c
        if isinstance(column.type, (String, JSON, LargeBinary))
        and column.info.get("personal") not in ("citizen", "staff", "none")
    ]
    assert silent == [], "write info=PLAIN, STAFF or CITIZEN beside it (ivr/adapters/storage/personal.py)"


def test_every_table_with_a_citizen_s_data_grows_old() -> None:
    ageless = [
        table.name for table in schema() if any(map(is_citizens, table.c)) and not {"ages", "belongs"} & set(table.info)
    ]
    assert ageless == []


def test_no_table_is_there_that_erasure_does_not_know(tmp_path: Path) -> None:
    engine = connect(new_journal(tmp_path / "journal.db"))
    known = {table.name for table in schema()} | {"alembic_version"}
    strange = [
        name
        for name in inspect(engine).get_table_names()
        if name not in known and not name.startswith(tuple(DERIVED) or "\0")
    ]
    engine.dispose()
    assert strange == [], "derived of citizens' rows? name it in DERIVED (ivr/bootstrap/keeping.py)"


async def test_each_municipality_keeps_its_rows_for_its_own_term(journal_url: str, tmp_path: Path) -> None:
    neighbour = MunicipalityTable(key="neighbour", numbers=("1",), retention_days=800)
    kept = make_kept(tmp_path, NOON, journal_url, [neighbour])
    own, theirs = kept.left(1, NOON), kept.left(2, NOON, town="neighbour")
    gone = kept.left(3, NOON, town="served_no_longer")
    kept.sound(f"{9:032x}", NOON)  # its row is lost
    for days, erased in ((366, set()), (367, {own, gone}), (800, {own, gone}), (801, {own, gone, theirs})):
        kept.clock.moment = NOON + days * DAY
        await kept.room.retention.sweep()
        assert kept.erased() == erased, days
    assert kept.files() == set()
    acts = kept.room.retention.acts
    (act,) = await acts.acts("neighbour")
    assert "800" in act_text(kept.settings, act, list(acts.destroyed(act.id)))
    kept.dispose()


async def test_when_the_term_is_over_no_byte_of_a_citizen_is_left(either: Kept) -> None:
    either.left(1, NOON)
    assert either.found() == set(MARKS)
    either.clock.moment = NOON + 367 * DAY
    assert await either.room.retention.sweep() > 0
    assert either.found() == set()
    assert either.files() == set()
    assert await either.room.retention.sweep() == 0


async def test_figures_that_reports_count_stay(kept: Kept) -> None:
    kept.left(1, NOON)

    def figures() -> list[object]:
        with kept.engine.connect() as db:
            message = select(tables.message.c.topic, tables.message.c.status, tables.message.c.received_at)
            attempt = select(tables.attempt.c.outcome, tables.attempt.c.started_at, tables.attempt.c.operator)
            legs = select(leg.c.side, leg.c.invited_at, leg.c.answered_at, leg.c.cause).order_by(leg.c.id)
            return [db.execute(query).all() for query in (message, attempt, legs)]

    before = figures()
    kept.clock.moment = NOON + 400 * DAY
    await kept.room.retention.sweep()
    assert kept.erased()
    assert figures() == before


def test_the_ledger_lets_only_its_numbers_go(journal_url: str, tmp_path: Path) -> None:
    kept = make_kept(tmp_path / "house", NOON, journal_url)
    kept.left(1, NOON)
    for news in ({"cause": 1}, {"number": "", "cause": 1}, {"number": "+79000000000"}):
        with pytest.raises(DBAPIError, match="never changed"), kept.engine.begin() as db:
            db.execute(update(leg).values(news))
    with kept.engine.begin() as db:
        db.execute(update(leg).values(number=""))
    kept.dispose()


async def test_in_two_years_nothing_is_overdue_and_nothing_goes_early(kept: Kept) -> None:
    """Night after night against an oracle that counts days with its fingers."""
    zone, days = CALENDAR.zone, kept.room.retention.terms()[""].days
    ends: dict[str, datetime] = {}
    held, owed = set[str](), set[str]()
    hold = ""
    for day in (*range(0, 360, 8), *range(360, 2 * 366)):
        now = (NOON + day * DAY).astimezone(zone).replace(hour=day % 24, minute=17)
        kept.clock.moment = now
        if day % 24 == 0 and day < 400:
            at = now.replace(hour=(0, 12, 23)[day // 24 % 3], minute=58)
            name = kept.left(day + 1, at.astimezone(UTC), is_open=day % 72 == 0)
            ends[name] = at + timedelta(minutes=1)
            owed |= {name} if day % 72 == 0 else set()
        if day == 96:
            held = set(list(ends)[1:3])
            hold, _other = [(await kept.room.keeping.hold(CURATOR, name, "проверка прокуратуры")).id for name in held]
        if day == 500:
            held.remove((await kept.room.keeping.release(CURATOR, hold)).subject)
        if day == 450:
            for name in owed:
                kept.close(name)
            owed = set()
        await kept.room.retention.sweep()
        due = {
            name
            for name, end in ends.items()
            if (now.date() - end.astimezone(zone).date()).days > days and name not in held | owed
        }
        assert kept.erased() == due, (day, "overdue or early")
        assert kept.files() & set(ends) == set(ends) - due, day
    assert days >= 366
    assert len(held) == 1
    assert len(kept.erased()) > 10


async def test_the_act_says_what_went_by_which_rule_and_is_proven(kept: Kept) -> None:
    for number in range(250):
        with kept.engine.begin() as db:
            db.execute(text(
                "INSERT INTO leg (id, municipality, call, side, invited_at, ended_at, cause, ended_by, mode, why, who, "
                f"number, source) VALUES ('l{number}', 'demo', 'x{number}', 'caller', '2026-01-05 09:00:00', "
                "'2026-01-05 09:01:00', 486, '', '', '', '', '+79000000001', '')"
            ))  # fmt: skip
    kept.left(1, NOON)
    kept.clock.moment = NOON + 367 * DAY
    await kept.room.retention.sweep()
    (act,) = await kept.room.keeping.destructions(CURATOR)
    assert (act.rule, act.by, act.begun_at) == (Rule.TERM, "", kept.clock.moment)
    assert {name: act.counts[name] for name in ("call", "attempt", "callback", "sounds")} == {
        "call": 1, "attempt": 1, "callback": 1, "sounds": 2
    }  # fmt: skip
    assert act.counts["leg"] == 252
    found, rows = await kept.room.keeping.paper(CURATOR, act.id[:8])
    assert found == act
    assert act.digest == act_digest(rows)
    entries = await kept.room.retention.log.book.page(LogQuery("demo"))
    assert [(entry.deed, entry.thing, entry.via) for entry in entries[::-1]] == [
        ("erase", "act", "timetable"), ("list", "act", "session"), ("export", "act", "session")
    ]  # fmt: skip
    assert entries[-1].facts["digest"] == act.digest


async def test_the_act_of_a_sweep_is_summed_up_when_the_sweep_is_over(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """A curator erases somebody's data in the middle of it; the console knows nothing of the sweep."""
    monkeypatch.setattr(services_retention, "_AT_ONCE", 1)
    for number in (1, 2, 3):
        kept.left(number, NOON)
    kept.clock.moment = NOON + 367 * DAY
    kept.left(4, kept.clock.moment - DAY, phone="+79000000002")
    destroy_due, asked = DatabaseErasure.destroy_due, list[Act]()

    async def destroys_due(self: DatabaseErasure, before: Mapping[str, datetime], act: Act, at_once: int) -> int:
        gone = await destroy_due(self, before, act, at_once)
        if not asked:
            asked.append(await kept.room.citizens.erase(CURATOR, "+79000000002", "заявление"))
        return gone

    monkeypatch.setattr(DatabaseErasure, "destroy_due", destroys_due)
    await kept.room.retention.sweep()
    acts = await kept.room.keeping.destructions(CURATOR)
    assert {act.rule: act.counts["call"] for act in acts} == {Rule.TERM: 3, Rule.REQUEST: 1}
    for act in acts:
        _, rows = await kept.room.keeping.paper(CURATOR, act.id)
        assert act.digest == act_digest(rows)
        assert sum(act.counts[name] for name in {row.thing for row in rows}) == len(rows)


async def test_a_hold_protects_a_case_with_all_that_belongs_to_it(either: Kept) -> None:
    name = either.left(1, NOON)
    hold = await either.room.keeping.hold(CURATOR, name, "запрос суда")
    either.clock.moment = NOON + 800 * DAY
    await either.room.retention.sweep()
    assert set(MARKS) - either.found() == set()
    assert len(either.files()) == 2
    await either.room.keeping.release(CURATOR, hold.id[:8])
    await either.room.retention.sweep()
    assert either.found() == set()
    with pytest.raises(RuleBroken, match="nothing of this row"):
        await either.room.keeping.hold(CURATOR, name, "поздно")


async def test_a_hold_needs_a_reason_and_the_right_to_it(kept: Kept) -> None:
    name = kept.left(1, NOON)
    with pytest.raises(RuleBroken, match="say why"):
        await kept.room.keeping.hold(CURATOR, name, "  ")
    with pytest.raises(RuleBroken, match="nothing of this row"):
        await kept.room.keeping.hold(CURATOR, "f" * 32, "нет такой строки")
    with pytest.raises(Exception, match="for other roles"):
        await kept.room.keeping.hold(ADMINISTRATOR, name, "не его дело")


async def test_broken_off_in_the_middle_it_is_done_again(kept: Kept) -> None:
    kept.left(1, NOON)
    kept.clock.moment = NOON + 400 * DAY
    remove, broken = kept.room.retention.erasure.remove_sound, iter([True])  # type: ignore[attr-defined]

    def breaks(name: str) -> bool:
        if next(broken, False):
            raise JournalError("the disk does not answer")
        return bool(remove(name))

    object.__setattr__(kept.room.retention.erasure, "remove_sound", breaks)
    with pytest.raises(JournalError):
        await kept.room.retention.sweep()
    await kept.room.retention.sweep()
    assert kept.found() == set()
    assert kept.files() == set()


async def test_recordings_that_no_row_speaks_of_and_lines_put_aside_go_too(kept: Kept) -> None:
    old, young = NOON, NOON + 100 * DAY
    kept.sound("feedfeed", old)
    kept.sound("beefbeef", young)
    (kept.folder / "recordings" / "damaged").mkdir()
    kept.sound("dead1234", old).rename(kept.folder / "recordings" / "damaged" / "dead1234.wav")
    refused = kept.folder / "spool" / "engine-1.refused"
    lines = [json.dumps(["open", {"started_at": at.isoformat(), "caller_number": NUMBER}, None]) for at in (old, young)]
    refused.write_text("\n".join(lines) + "\n", "utf-8")
    kept.clock.moment = NOON + 400 * DAY
    assert await kept.room.retention.sweep() == 3
    assert kept.files() == {"beefbeef"}
    assert refused.read_text("utf-8") == lines[1] + "\n"
    assert refused.stat().st_mode & 0o777 == 0o600
    torn = kept.folder / "spool" / "engine-2.refused"
    torn.write_bytes(b'["open", {"started_at": "20')
    os.utime(torn, (old.timestamp(), old.timestamp()))
    assert await kept.room.retention.sweep() == 1
    assert not torn.exists()
