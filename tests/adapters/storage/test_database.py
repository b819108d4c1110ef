"""The schema comes up on both databases, and is what the code believes it to be."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from ivr.adapters.storage import database
from ivr.adapters.storage.callbacks import DatabaseCallbackBook
from ivr.adapters.storage.database import connect, revisions_of, upgrade
from ivr.adapters.storage.tables import metadata
from ivr.errors import JournalError, SettingsError


def test_an_empty_database_becomes_what_the_code_believes(database_url: str) -> None:
    engine = connect(database_url)
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _is_no_part_of_the_index})
        differences = compare_metadata(context, metadata)
    engine.dispose()
    assert differences == []


def _is_no_part_of_the_index(name: str | None, _kind: str, _parents: object) -> bool:
    """FTS5 keeps tables of its own; PostgreSQL's is of a type of its own."""
    return not (name or "").startswith(("message_index", "ix_message_index_"))


def test_upgrading_again_changes_nothing_and_loses_nothing(database_url: str) -> None:
    engine = connect(database_url)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO municipality VALUES ('demo', 'Demo', 'Europe/Moscow')"))
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM municipality")).scalar_one() == 1
    engine.dispose()


async def test_rows_of_the_first_edition_live_on(database_url: str) -> None:
    engine = connect(database_url)
    upgrade(engine, "0001")
    call = (
        "'c1', 'demo', '2026-11-20 20:00:00+00:00', 'after_hours', '', '', '', '', '', '', NULL, NULL, NULL, 0, '', 'e'"
    )
    message = {
        "id": "'c1'", "callback_id": "'c1'", "municipality": "'demo'", "received_at": "'2026-11-20 20:00:00+00:00'",
        "topics": "'[]'", "caller_number": "''", "gist": "''", "comment": "''", "status": "'new'", "text": "'вода'",
        "recognised": "true", "flags": "'[]'", "confirmed": "false", "incomplete_phone": "''", "found": "'[]'",
        "edition": "''",
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(text(f"INSERT INTO call VALUES ({call})"))
        connection.execute(text(
            "INSERT INTO callback VALUES ('c1', 'demo', '+79000000001', '2026-11-20 20:00:00+00:00', "
            "'2026-11-23 09:00:00+00:00', '[]', 'promised', 1, false)"
        ))  # fmt: skip
        connection.execute(text(f"INSERT INTO message ({', '.join(message)}) VALUES ({', '.join(message.values())})"))
    upgrade(engine)
    book = DatabaseCallbackBook(engine)
    case = await book.find("c1")
    book.dispose()
    assert case is not None
    assert (case.callback.state, case.callback.holder, case.callback.version) == ("promised", "", 0)
    assert [message.text for message in case.messages] == ["вода"]


def test_processes_that_start_together_upgrade_once(database_url: str) -> None:
    engines = [connect(database_url) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(upgrade, engines))
    for engine in engines:
        engine.dispose()


def test_a_database_of_a_newer_product_is_refused_and_left_alone(database_url: str) -> None:
    engine = connect(database_url)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SettingsError, match="newer than this version"):
        upgrade(engine)
    engine.dispose()


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'new' / 'journal.db'}")
    upgrade(engine)
    engine.dispose()
    assert stat.S_IMODE((tmp_path / "new" / "journal.db").stat().st_mode) == 0o600


def test_sqlite_survives_a_power_cut_by_its_settings(tmp_path: Path) -> None:
    """F2: WAL with synchronous=FULL loses no acknowledged row."""
    engine = connect(f"sqlite:///{tmp_path / 'journal.db'}")
    with engine.connect() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    engine.dispose()
    assert settings == ["wal", 2, 1]


@pytest.mark.parametrize("url", ["nonsense", "sqlite:////proc/nowhere/journal.db"])
def test_an_unusable_database_is_the_installers_to_mend(url: str) -> None:
    with pytest.raises(SettingsError, match=r"storage\.database"):
        upgrade(connect(url))


def test_a_file_that_is_no_database_is_the_installers_to_mend(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_text("a letter to the mayor" * 100, "utf-8")
    engine = connect(f"sqlite:///{tmp_path / 'journal.db'}")
    for use in (upgrade, revisions_of):
        with pytest.raises(SettingsError, match=r"storage\.database"):
            use(engine)


@pytest.mark.parametrize("url", ["postgresql+psycopg://x@/x?host=/nowhere", "postgresql+psycopg://x@127.0.0.1:1/x"])
def test_a_database_that_is_away_is_no_mistake_of_the_settings(url: str) -> None:
    for use in (upgrade, revisions_of):
        with pytest.raises(JournalError, match=r"storage\.database"):
            use(connect(url))


def test_a_database_that_somebody_holds_is_tried_again_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY_MS", 50)
    holder, engine = (connect(f"sqlite:///{tmp_path / 'journal.db'}") for _ in range(2))
    upgrade(holder)
    with holder.begin(), pytest.raises(JournalError, match="locked"):
        upgrade(engine)
    upgrade(engine)
    holder.dispose()
    engine.dispose()
