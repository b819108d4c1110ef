"""The tables of the working day: the ledger of legs, and who was at work."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from ivr.adapters.storage.personal import NUMBER, PLAIN, STAFF, ages
from ivr.adapters.storage.tables import Moment, metadata

leg = Table(
    "leg", metadata,
    Column("id", String(64), primary_key=True, info=PLAIN),
    Column("municipality", String(64), nullable=False, info=PLAIN),
    Column("call", String(64), nullable=False, index=True, info=PLAIN),
    Column("side", String(16), nullable=False, info=PLAIN),
    Column("invited_at", Moment, nullable=False),
    Column("ringing_at", Moment),
    Column("answered_at", Moment),
    Column("ended_at", Moment, nullable=False),
    Column("cause", Integer, nullable=False),
    Column("ended_by", String(16), nullable=False, info=PLAIN),
    Column("mode", String(32), nullable=False, info=PLAIN),
    Column("why", String(64), nullable=False, info=PLAIN),
    Column("who", Text, nullable=False, info=STAFF),
    Column("number", String(64), nullable=False, info=NUMBER),
    Column("source", String(64), nullable=False, info=PLAIN),
    Index("ix_leg_day", "municipality", "invited_at"),
    Index("ix_leg_numbered", "ended_at", sqlite_where=text("number <> ''"), postgresql_where=text("number <> ''")),
    info=ages("ended_at"),
)  # fmt: skip

presence = Table(
    "presence", metadata,
    Column("id", String(32), primary_key=True, info=PLAIN),
    Column("municipality", String(64), nullable=False, info=PLAIN),
    Column("who", Text, nullable=False, info=STAFF),
    Column("state", String(16), nullable=False, info=PLAIN),
    Column("at", Moment, nullable=False),
    Column("told", String(16), nullable=False, info=PLAIN),
    Column("by", Text, nullable=False, info=STAFF),
    Column("until", Moment),
    Index("ix_presence_day", "municipality", "at"),
)  # fmt: skip
