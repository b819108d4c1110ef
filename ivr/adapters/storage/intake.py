"""Messages of an older journal put into this one, and taken out again (clause 16)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from sqlalchemy import Engine, delete, select
from sqlalchemy.exc import SQLAlchemyError

from ivr.adapters.storage import tables
from ivr.adapters.storage.database import insert_once
from ivr.adapters.storage.rows import call_row, message_row
from ivr.adapters.storage.search_index import keep_words
from ivr.domain.call import Call, CallEnd, Mode
from ivr.domain.message import Message
from ivr.errors import JournalError

TAKEN_IN = "older_journal"
"""Reason of the mode of a call that never reached this product: it counts in no load."""

_AT_ONCE = 200


class DatabaseIntake:
    """The journal as older messages see it (fulfils `ports.reports.MessageIntake`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take_in(self, messages: Iterable[Message]) -> int:
        """Keep messages, each with a call that was over long ago; those that are there already stay as they are.

        A few at a time, so that the lines wait for nothing; a run broken off is simply done again.

        Raises:
            JournalError: the database is away.
        """
        waiting = iter(messages)
        taken = 0
        try:
            while part := list(islice(waiting, _AT_ONCE)):
                with self._engine.begin() as db:
                    insert_once(db, tables.call, *(call_row(_call(message)) for message in part))
                    insert_once(db, tables.message, *(message_row(message, None) for message in part))
                    keep_words(db, (message.id for message in part))
                taken += len(part)
        except SQLAlchemyError as fault:
            raise JournalError(f"the database did not take it: {type(fault).__name__}") from fault
        return taken

    def take_back(self, messages: Iterable[str]) -> int:
        """Remove messages that were taken in, by id; how many were there. Others are never touched.

        Raises:
            JournalError: the database is away.
        """
        waiting = iter(messages)
        gone = 0
        call, message = tables.call, tables.message
        try:
            while part := list(islice(waiting, _AT_ONCE)):
                with self._engine.begin() as db:
                    ours = select(call.c.id).where(call.c.id.in_(part), call.c.why_mode == TAKEN_IN)
                    ids = list(db.execute(ours).scalars())
                    gone += db.execute(delete(message).where(message.c.id.in_(ids))).rowcount
                    db.execute(delete(call).where(call.c.id.in_(ids)))
        except SQLAlchemyError as fault:
            raise JournalError(f"the database did not let it go: {type(fault).__name__}") from fault
        return gone


def _call(message: Message) -> Call:
    at = message.received_at
    return Call(
        message.id, message.municipality, at, Mode.FRONT_DESK, why_mode=TAKEN_IN,
        answered_at=at, ended_at=at, end=CallEnd.COMPLETED,
    )  # fmt: skip
