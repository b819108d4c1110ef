"""A journal moved between databases: everything arrives, or the target is as it was."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Column, Engine, ForeignKey, Integer, MetaData, String, Table, inspect, text
from typer.testing import CliRunner

from ivr.adapters.storage.content import Content, content
from ivr.adapters.storage.database import connect, looking, upgrade
from ivr.adapters.storage.move import COLUMNS_MADE_ANEW, Moved, move_journal, move_rows, whole_schema
from ivr.cli.main import app
from ivr.errors import JournalError, SettingsError
from tests.samples import FRIDAY_NIGHT
from tests.seeding import bulk, morning

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal with a morning's work and some months behind it."""
    path = tmp_path_factory.mktemp("source") / "journal.db"
    engine = connect(f"sqlite:///{path}")
    upgrade(engine)
    bulk(engine, 1500, FRIDAY_NIGHT, "demo")
    morning(engine, FRIDAY_NIGHT, "demo")
    with engine.begin() as db:
        db.execute(text("UPDATE message SET indexed = 0"))  # the index's own mark is not moved
    engine.dispose()
    return path


@pytest.fixture
def source(made_once: Path, tmp_path: Path) -> str:
    """The same for each test."""
    shutil.copy(made_once, tmp_path / "source.db")
    return f"sqlite:///{tmp_path / 'source.db'}"


def _with(url: str, work: Callable[[Engine], object]) -> object:
    engine = connect(url)
    try:
        return work(engine)
    finally:
        engine.dispose()


def _contents(url: str) -> dict[str, Content]:
    def look(engine: Engine) -> dict[str, Content]:
        with looking(engine).connect() as db:
            return {
                table.name: content(db, table, COLUMNS_MADE_ANEW.get(table.name))
                for table in whole_schema().sorted_tables
            }

    found = _with(url, look)
    assert isinstance(found, dict)
    return found


def _execute(url: str, *statements: str) -> None:
    def work(engine: Engine) -> None:
        with engine.begin() as db:
            for statement in statements:
                db.execute(text(statement))

    _with(url, work)


def _marks(engine: Engine) -> object:
    with looking(engine).connect() as db:
        return db.execute(text("SELECT sum(indexed) FROM message")).scalar()


def _tables(url: str) -> object:
    return _with(url, lambda engine: inspect(engine).get_table_names())


def test_a_journal_goes_to_postgresql_and_back_unchanged(source: str, postgres_url: str, tmp_path: Path) -> None:
    before = _contents(source)
    steps: list[tuple[str, int]] = []
    totals: list[int] = []
    there = move_journal(source, postgres_url, total=totals.append, told=lambda *step: steps.append(step))
    assert there.tables["message"] > 1500
    assert totals == [there.rows] == [sum(rows for _, rows in steps)]
    assert max(rows for _, rows in steps) <= 1000
    assert _contents(postgres_url) == before
    back = f"sqlite:///{tmp_path / 'back' / 'journal.db'}"
    assert move_journal(postgres_url, back) == there
    assert _contents(back) == _contents(source) == before


def test_the_comparison_sees_one_changed_letter_and_one_lost_row(source: str) -> None:
    whole = _contents(source)["message"]
    _execute(source, "UPDATE message SET comment = 'x' WHERE id = (SELECT min(id) FROM message)")
    changed = _contents(source)["message"]
    assert (changed.rows, changed.digest != whole.digest) == (whole.rows, True)


def test_a_target_that_is_not_empty_is_refused_and_left_alone(source: str, postgres_url: str) -> None:
    move_journal(source, postgres_url)
    before = _contents(postgres_url)
    with pytest.raises(SettingsError, match="is not empty"):
        move_journal(source, postgres_url)
    assert _contents(postgres_url) == before


def test_a_target_with_the_schema_and_no_rows_is_taken(source: str, postgres_url: str) -> None:
    _with(postgres_url, upgrade)
    move_journal(source, postgres_url)
    assert _contents(postgres_url) == _contents(source)


def test_a_target_with_strange_tables_is_refused(source: str, postgres_url: str) -> None:
    _execute(postgres_url, "CREATE TABLE accounts (id integer)")
    with pytest.raises(SettingsError, match="accounts"):
        move_journal(source, postgres_url)


def test_a_source_of_an_older_schema_is_refused(tmp_path: Path, postgres_url: str) -> None:
    old = f"sqlite:///{tmp_path / 'old.db'}"
    _with(old, lambda engine: upgrade(engine, "0008"))
    with pytest.raises(SettingsError, match="schema 0008"):
        move_journal(old, postgres_url)
    assert _tables(postgres_url) == []


def test_a_source_with_a_table_that_nobody_knows_is_refused(source: str, postgres_url: str) -> None:
    _execute(source, "CREATE TABLE later (id integer)")
    with pytest.raises(SettingsError, match="later"):
        move_journal(source, postgres_url)
    assert _tables(postgres_url) == []


def test_a_missing_source_is_refused_and_not_made(tmp_path: Path, postgres_url: str) -> None:
    with pytest.raises(SettingsError, match="no such journal"):
        move_journal(f"sqlite:///{tmp_path / 'nowhere.db'}", postgres_url)
    assert not (tmp_path / "nowhere.db").exists()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_source_in_use_is_refused_unless_told(kind: str, source: str, postgres_url: str, tmp_path: Path) -> None:
    target = postgres_url
    if kind == "postgresql":
        move_journal(source, postgres_url)
        source, target = postgres_url, f"sqlite:///{tmp_path / 'back.db'}"
    service = connect(source)
    with service.connect() as working:
        working.execute(text("SELECT 1"))
        with pytest.raises(SettingsError, match="a service is working on it"):
            move_journal(source, target)
        moved = move_journal(source, target, in_use=True)
    service.dispose()
    assert moved.rows == sum(held.rows for held in _contents(target).values())


def test_a_row_that_the_target_never_takes_is_named_and_nothing_is_kept(source: str, postgres_url: str) -> None:
    _execute(source, f"UPDATE message SET topic = '{'x' * 80}' WHERE id = '{7:032x}'")  # SQLite minds no lengths
    with pytest.raises(JournalError, match=f"message: the row id='{7:032x}' is not taken"):
        move_journal(source, postgres_url)
    assert _tables(postgres_url) == []


def test_a_target_that_changes_what_it_is_given_is_found_out(source: str, postgres_url: str) -> None:
    _with(postgres_url, upgrade)
    _execute(
        postgres_url,
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.gist := 'x'; RETURN NEW; END $$",
        f"CREATE TRIGGER spoil BEFORE INSERT ON message FOR EACH ROW WHEN (NEW.id = '{9:032x}') "
        "EXECUTE FUNCTION spoil()",
    )
    with pytest.raises(JournalError, match="message: 1509 rows were read and 1509 stand there"):
        move_journal(source, postgres_url)
    assert _contents(postgres_url)["call"].rows == 0


_KILLED = """
    import os, signal, sys
    from ivr.adapters.storage.move import move_journal

    def told(table, rows):
        if table == "message":
            os.kill(os.getpid(), signal.SIGKILL)

    move_journal(sys.argv[1], sys.argv[2], told=told)
"""


@pytest.mark.parametrize("to", ["postgresql", "sqlite"])
def test_a_move_killed_in_the_middle_leaves_the_target_as_it_was(
    to: str, source: str, postgres_url: str, tmp_path: Path
) -> None:
    target = postgres_url if to == "postgresql" else f"sqlite:///{tmp_path / 'other.db'}"
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(_KILLED), source, target], check=False)
    assert done.returncode == -signal.SIGKILL
    assert _tables(target) == []
    assert isinstance(move_journal(source, target), Moved)
    assert _contents(target) == _contents(source)


def test_what_is_derived_is_left_to_be_made_anew(source: str, postgres_url: str) -> None:
    _execute(source, "CREATE VIRTUAL TABLE some_index USING fts5(words)", "INSERT INTO some_index VALUES ('a')")
    _execute(source, "UPDATE message SET indexed = 1")
    move_journal(source, postgres_url)
    assert _with(postgres_url, _marks) == 0
    assert not any(str(name).startswith("some_index") for name in _tables(postgres_url))  # type: ignore[attr-defined]


def test_numbers_that_the_database_gives_go_on_after_the_greatest(tmp_path: Path, postgres_url: str) -> None:
    schema = MetaData()
    town = Table("town", schema, Column("id", Integer, primary_key=True), Column("name", String(20)))
    Table(
        "street", schema, Column("id", Integer, primary_key=True), Column("town_id", ForeignKey("town.id")),
    )  # fmt: skip
    from_, into = connect(f"sqlite:///{tmp_path / 'towns.db'}"), connect(postgres_url)
    schema.create_all(from_)
    schema.create_all(into)
    with from_.begin() as db:
        db.execute(town.insert(), [{"id": 41, "name": "Волово"}, {"id": 7, "name": "Тёплое"}])
        db.execute(schema.tables["street"].insert(), [{"id": 3, "town_id": 41}])
    with from_.begin() as reading, into.begin() as writing:
        assert move_rows(reading, writing, schema, lambda *_step: None) == {"town": 2, "street": 1}
    with into.begin() as db:
        assert db.execute(town.insert().values(name="Ефремов").returning(town.c.id)).scalar() == 42
    from_.dispose()
    into.dispose()


def test_every_table_of_the_schema_is_known(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    _with(url, upgrade)
    known = set(whole_schema().tables)
    assert known <= set(_tables(url))  # type: ignore[call-overload]


def test_the_command_moves_and_says_what_to_write_into_the_settings(source: str, postgres_url: str) -> None:
    done = CliRunner().invoke(app, ["db", "move", postgres_url, "--from", source], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    assert "совпадают" in done.output
    assert "[storage]" in done.output
    again = CliRunner().invoke(app, ["db", "move", postgres_url, "--from", source])
    assert isinstance(again.exception, SettingsError)
