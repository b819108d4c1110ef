"""The tables of people, sessions, keys and of the access log."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from ivr.adapters.storage.personal import PLAIN, STAFF
from ivr.adapters.storage.tables import Moment, metadata

person = Table(
    "person", metadata,
    Column("id", String(32), primary_key=True, info=PLAIN),
    Column("login", String(64), nullable=False, unique=True, info=STAFF),
    Column("name", String(200), nullable=False, info=STAFF),
    Column("municipality", String(64), nullable=False, info=PLAIN),
    Column("roles", JSON, nullable=False, info=STAFF),
    Column("created_at", Moment, nullable=False),
    Column("telephone", String(200), nullable=False, info=STAFF),
    Column("disabled_at", Moment),
    Column("trained_at", Moment),
    Column("acquainted_with", String(32), nullable=False, info=PLAIN),
    Column("acquainted_at", Moment),
    Column("password", Text, nullable=False, server_default="", info=STAFF),
    UniqueConstraint("municipality", "name"),
)  # fmt: skip

identity = Table(
    "identity", metadata,
    Column("source", String(200), primary_key=True, info=PLAIN),
    Column("subject", String(255), primary_key=True, info=STAFF),
    Column("person_id", String(32), ForeignKey("person.id"), nullable=False, index=True, info=PLAIN),
    Column("bound_at", Moment, nullable=False),
)  # fmt: skip

session = Table(
    "session", metadata,
    Column("key", String(64), primary_key=True, info=PLAIN),
    Column("person_id", String(32), ForeignKey("person.id"), nullable=False, index=True, info=PLAIN),
    Column("began_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("source", String(64), nullable=False, info=STAFF),
    Column("agent", String(200), nullable=False, info=STAFF),
)  # fmt: skip

token = Table(
    "token", metadata,
    Column("key", String(64), primary_key=True, info=PLAIN),
    Column("person_id", String(32), ForeignKey("person.id"), nullable=False, index=True, info=PLAIN),
    Column("title", String(200), nullable=False, info=STAFF),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)  # fmt: skip

invitation = Table(
    "invitation", metadata,
    Column("key", String(64), primary_key=True, info=PLAIN),
    Column("person_id", String(32), ForeignKey("person.id"), nullable=False, unique=True, info=PLAIN),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)  # fmt: skip

tries = Table(
    "tries", metadata,
    Column("whose", String(80), primary_key=True, info=STAFF),
    Column("failures", Integer, nullable=False),
    Column("last_at", Moment, nullable=False),
)  # fmt: skip

access_log = Table(
    "access_log", metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("who", String(64), nullable=False, info=STAFF),
    Column("via", String(16), nullable=False, info=PLAIN),
    Column("source", String(64), nullable=False, info=STAFF),
    Column("deed", String(16), nullable=False, info=PLAIN),
    Column("thing", String(16), nullable=False, info=PLAIN),
    Column("subject", String(200), nullable=False, info=PLAIN),
    Column("municipality", String(64), nullable=False, info=PLAIN),
    Column("facts", JSON, nullable=False, info=PLAIN),
    Column("before", String(64), nullable=False, info=PLAIN),
    Column("digest", String(64), nullable=False, info=PLAIN),
    Index("ix_access_log_who", "municipality", "who", "number"),
    Index("ix_access_log_subject", "municipality", "subject", "number"),
    Index("ix_access_log_deed", "municipality", "deed", "number"),
    Index("ix_access_log_at", "municipality", "at"),
)  # fmt: skip
