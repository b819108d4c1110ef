"""The tables of what is kept and what is destroyed: holds, acts of destruction, what each of them destroyed."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text

from ivr.adapters.storage.personal import PLAIN, STAFF
from ivr.adapters.storage.tables import Moment, metadata

hold = Table(
    "hold", metadata,
    Column("id", String(32), primary_key=True, info=PLAIN),
    Column("municipality", String(64), nullable=False, info=PLAIN),
    Column("subject", String(64), nullable=False, info=PLAIN),
    Column("why", Text, nullable=False, info=PLAIN),
    Column("by", Text, nullable=False, info=STAFF),
    Column("at", Moment, nullable=False),
    Column("released_by", Text, nullable=False, info=STAFF),
    Column("released_at", Moment),
    Index("ix_hold_standing", "released_at", "subject"),
)  # fmt: skip

act = Table(
    "act", metadata,
    Column("id", String(32), primary_key=True, info=PLAIN),
    Column("municipality", String(64), nullable=False, info=PLAIN),
    Column("begun_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("by", Text, nullable=False, info=STAFF),
    Column("rule", String(16), nullable=False, info=PLAIN),
    Column("why", Text, nullable=False, info=PLAIN),
    Column("counts", JSON, nullable=False, info=PLAIN),
    Column("digest", String(64), nullable=False, info=PLAIN),
    Index("ix_act_town", "municipality", "begun_at"),
)  # fmt: skip

destroyed = Table(
    "destroyed", metadata,
    Column("act_id", String(32), ForeignKey("act.id"), primary_key=True, info=PLAIN),
    Column("thing", String(32), primary_key=True, info=PLAIN),
    Column("key", String(200), primary_key=True, info=PLAIN),
    Column("of", Moment, nullable=False),
    Column("at", Moment, nullable=False),
    Column("sounds", Integer, nullable=False),
)  # fmt: skip
