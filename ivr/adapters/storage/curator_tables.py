"""The tables of the curator's pages: what each day was like in counts, and the audit of recordings."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, Float, Index, String, Table, Text

from ivr.adapters.storage.personal import CITIZEN, PLAIN, STAFF, belongs
from ivr.adapters.storage.tables import Moment, metadata

tally = Table(
    "tally", metadata,
    Column("municipality", String(64), primary_key=True, info=PLAIN),
    Column("kind", String(16), primary_key=True, info=PLAIN),
    Column("day", Date, primary_key=True),
    Column("key", String(200), primary_key=True, info=STAFF),
    Column("week", Date, nullable=False),
    Column("count", Float, nullable=False),
)  # fmt: skip

breach = Table(
    "breach", metadata,
    Column("municipality", String(64), primary_key=True, info=PLAIN),
    Column("clause", String(8), primary_key=True, info=PLAIN),
    Column("day", Date, primary_key=True),
    Column("subject", String(64), primary_key=True, info=PLAIN),
    Column("late_seconds", Float),
)  # fmt: skip

counted_day = Table(
    "counted_day", metadata,
    Column("municipality", String(64), primary_key=True, info=PLAIN),
    Column("day", Date, primary_key=True),
    Column("at", Moment, nullable=False),
)  # fmt: skip

review = Table(
    "review", metadata,
    Column("id", String(32), primary_key=True, info=PLAIN),
    Column("municipality", String(64), nullable=False, info=PLAIN),
    Column("message", String(32), nullable=False, info=PLAIN),
    Column("why", String(16), nullable=False, info=PLAIN),
    Column("operator", Text, nullable=False, info=STAFF),
    Column("chosen_at", Moment, nullable=False),
    Column("chosen_by", Text, nullable=False, info=STAFF),
    Column("grades", JSON, nullable=False, info=PLAIN),
    Column("note", Text, nullable=False, info=CITIZEN),
    Column("reviewed_at", Moment),
    Column("reviewed_by", Text, nullable=False, info=STAFF),
    Column("question", Text, nullable=False, info=CITIZEN),
    Column("asked_at", Moment),
    Column("answer", Text, nullable=False, info=CITIZEN),
    Column("answered_at", Moment),
    Index("ix_review_list", "municipality", "chosen_at", "id"),
    Index("ix_review_message", "municipality", "message", unique=True),
    Index("ix_review_operator", "municipality", "operator", "asked_at"),
    info=belongs("message", to="message"),
)  # fmt: skip
