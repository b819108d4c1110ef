"""The tables of the working day: the ledger of legs, and who was at work."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from ivr.adapters.storage.tables import Moment, metadata

leg = Table(
    "leg", metadata,
    Column("id", String(64), primary_key=True),
    Column("municipality", String(64), nullable=False),
    Column("call", String(64), nullable=False, index=True),
    Column("side", String(16), nullable=False),
    Column("invited_at", Moment, nullable=False),
    Column("ringing_at", Moment),
    Column("answered_at", Moment),
    Column("ended_at", Moment, nullable=False),
    Column("cause", Integer, nullable=False),
    Column("ended_by", String(16), nullable=False),
    Column("mode", String(32), nullable=False),
    Column("why", String(64), nullable=False),
    Column("who", Text, nullable=False),
    Column("number", String(64), nullable=False),
    Column("source", String(64), nullable=False),
    Index("ix_leg_day", "municipality", "invited_at"),
)  # fmt: skip

presence = Table(
    "presence", metadata,
    Column("id", String(32), primary_key=True),
    Column("municipality", String(64), nullable=False),
    Column("who", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("told", String(16), nullable=False),
    Column("by", Text, nullable=False),
    Column("until", Moment),
    Index("ix_presence_day", "municipality", "at"),
)  # fmt: skip
