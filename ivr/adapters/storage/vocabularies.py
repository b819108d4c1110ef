"""The editions of the regulation's lists in the database, so that an old row can always be read (interpretation 21)."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, select

from ivr.adapters.storage.database import insert_once, insert_or_replace
from ivr.adapters.storage.tables import vocabulary as table
from ivr.domain.vocabulary import Kind, Vocabulary
from ivr.errors import SettingsError

_OURS = (Kind.ATTEMPTS,)
"""Lists that the regulation does not know: the product's own words, which a newer version may add to."""


def keep_vocabulary(engine: Engine, vocabulary: Vocabulary) -> None:
    """Keep an edition; harmless when it is there already.

    Raises:
        SettingsError: rows were already written under this edition with other words.
    """
    rows = [
        {"edition": vocabulary.edition, "kind": kind.value, "key": term.key, "position": place, "title": term.title}
        for kind, terms in vocabulary.lists.items()
        for place, term in enumerate(terms.values())
    ]
    with engine.begin() as connection:
        if not _titles(connection, vocabulary.edition):
            insert_once(connection, table, *rows)
        for row in rows:
            if row["kind"] in _OURS:
                insert_or_replace(connection, table, row)
        if _titles(connection, vocabulary.edition) != {(row["kind"], row["key"]): row["title"] for row in rows}:
            raise SettingsError(
                f"config/vocabulary.ru.toml: edition {vocabulary.edition} is in use with other words: "
                "give the new lists a new edition, in topics.ru.toml too"
            )


def kept_titles(engine: Engine, edition: str, kind: Kind) -> dict[str, str]:
    """Words for people by key, as that edition had them; empty for an unknown edition."""
    with engine.begin() as connection:
        return {key: title for (known, key), title in _titles(connection, edition).items() if known == kind}


def _titles(connection: Connection, edition: str) -> dict[tuple[str, str], str]:
    query = select(table.c.kind, table.c.key, table.c.title).where(table.c.edition == edition)
    rows = connection.execute(query.order_by(table.c.kind, table.c.position))
    return {(row.kind, row.key): row.title for row in rows}
