"""The journal's full-text index: SQLite's FTS5 or PostgreSQL's tsvector, both over the same tokens.

A row of the index is written in the transaction that writes the message's; a deleted message takes it along by a
trigger. Columns that people filter by stand in it as tokens too, so that every selection is one walk, newest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, RowMapping, literal_column, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from ivr.adapters.storage import tables
from ivr.errors import JournalError
from ivr.language.morphology import shared_morphology
from ivr.language.search_words import EDITION, SearchWords, mark

NAME = "message_index"
_M = tables.message.c
_TEXTS = (
    "surname", "name", "patronymic", "locality", "street", "house", "flat", "gist", "text", "operator", "executor",
    "comment", "reason",
)  # fmt: skip
_MARKED = ("municipality", "topic", "status", "result", "outcome", "operator", "executor")
_REPEATED = {True: "repeat", False: "first", None: "undecided"}
_AT_ONCE = 200
_MERGED_PAGES = 500


def keep_words(db: Connection, messages: Iterable[str]) -> None:
    """Write what these messages are found by, in the transaction that writes them."""
    ids = list(messages)
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        query = select(tables.message, tables.call.c.mode).join_from(tables.message, tables.call).where(_M.id.in_(some))
        rows = db.execute(query).mappings().all()
        if rows:
            _write(db, {row["place"]: tokens_of(row) for row in rows})
            db.execute(update(tables.message).where(_M.id.in_(some)).values(indexed=EDITION))


def forget_words(db: Connection, messages: Iterable[str]) -> None:
    """What these messages are found by, now that they hold nothing of their citizens, in the same transaction."""
    keep_words(db, messages)
    db.execute(update(tables.index_state).values(deleted=True))


def tokens_of(row: RowMapping) -> frozenset[str]:
    """The tokens of a row of `message` joined with its call's mode."""
    marks = [mark(column, row[column] or "none") for column in _MARKED]
    marks += [mark("flag", flag) for flag in row["flags"]] + [mark("corrected", field) for field in row["corrected"]]
    marks += [mark("mode", row["mode"]), mark("repeated", _REPEATED[row["repeated"]])]
    marks.append(mark("promise", "made" if row["callback_id"] else "none"))
    words = SearchWords(shared_morphology())
    return words.kept((row[column] or "" for column in _TEXTS), (row["phone"] or "", row["caller_number"]), marks)


def matching(db: Connection, groups: Sequence[Iterable[str]]) -> tuple[Any, Any]:
    """A query for the places of all messages with one token at least of each group, and its column."""
    lite = db.dialect.name == "sqlite"
    either, quote, both = (" OR ", '"', " AND ") if lite else (" | ", "'", " & ")
    tokens = (either.join(f"{quote}{token}{quote}" for token in sorted(group)) for group in groups)
    asked = both.join(f"({some})" for some in tokens)
    fits = text("message_index MATCH :asked" if lite else "message_index.words @@ CAST(:asked AS tsquery)")
    place = literal_column("message_index.rowid" if lite else "message_index.place", BigInteger)
    return select(place.label("place")).select_from(text(NAME)).where(fits.bindparams(asked=asked)), place


def index_old(engine: Engine, at_once: int = _AT_ONCE) -> int:
    """Write the words of some messages that have none yet, or those of an older edition; how many.

    Raises:
        JournalError: the database is away.
    """
    query = select(_M.id).where(_M.indexed < EDITION).limit(at_once)
    try:
        with engine.begin() as db:
            waiting = db.execute(query).scalars().all()
            keep_words(db, waiting)
    except SQLAlchemyError as fault:
        raise JournalError(f"the database did not take it: {type(fault).__name__}") from fault
    return len(waiting)


def forget_traces(engine: Engine) -> Iterator[int]:
    """Remove what deleted messages have left in the index's older parts, step by step, each a transaction of its own;
    yields the number of each step. Nothing is done when nothing was deleted.

    Raises:
        JournalError: the database is away.
    """
    try:
        with engine.begin() as db:
            if not db.execute(select(tables.index_state.c.deleted)).scalar():
                return
            db.execute(update(tables.index_state).values(deleted=False))
        steps = _merge(engine) if engine.dialect.name == "sqlite" else _vacuum(engine)
        yield from enumerate(steps, start=1)
    except SQLAlchemyError as fault:
        raise JournalError(f"the database did not take it: {type(fault).__name__}") from fault


def guard(db: Connection) -> None:
    """A deleted message takes its row of the index along, whoever deletes it; made anew when the table was."""
    if db.dialect.name == "sqlite":
        db.exec_driver_sql(
            "CREATE TRIGGER IF NOT EXISTS message_forgotten AFTER DELETE ON message BEGIN "
            "DELETE FROM message_index WHERE rowid = OLD.place; UPDATE index_state SET deleted = 1; END"
        )
        return
    db.exec_driver_sql(
        "CREATE OR REPLACE FUNCTION forget_message() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "DELETE FROM message_index WHERE place = OLD.place; UPDATE index_state SET deleted = true; RETURN OLD; END $$"
    )
    db.exec_driver_sql(
        "CREATE OR REPLACE TRIGGER message_forgotten AFTER DELETE ON message "
        "FOR EACH ROW EXECUTE FUNCTION forget_message()"
    )


def _write(db: Connection, rows: dict[int, frozenset[str]]) -> None:
    lite = db.dialect.name == "sqlite"
    key, quote, words = ("rowid", "", ":words") if lite else ("place", "'", "CAST(:words AS tsvector)")
    made = [
        {"place": place, "words": " ".join(f"{quote}{token}{quote}" for token in sorted(tokens))}
        for place, tokens in rows.items()
    ]
    db.execute(text(f"DELETE FROM message_index WHERE {key} = :place"), made)
    db.execute(text(f"INSERT INTO message_index ({key}, words) VALUES (:place, {words})"), made)


def _merge(engine: Engine) -> Iterator[None]:
    """FTS5 keeps marks of deleted words until all its parts are merged into one; `traces` empties the log."""
    size = -_MERGED_PAGES
    while True:
        with engine.begin() as db:
            before = db.execute(text("SELECT total_changes()")).scalar_one()
            db.execute(text("INSERT INTO message_index (message_index, rank) VALUES ('merge', :size)"), {"size": size})
            changed = db.execute(text("SELECT total_changes()")).scalar_one() - before
        yield
        if changed < 2:
            break
        size = _MERGED_PAGES


def _vacuum(engine: Engine) -> Iterator[None]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.exec_driver_sql("VACUUM message_index")
        db.exec_driver_sql("VACUUM message")
    yield
