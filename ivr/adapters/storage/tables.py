"""The tables of the journal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Moment(TypeDecorator[datetime]):
    """An aware moment, stored UTC; SQLite forgets the zone and gets it back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: UTC, naive where the database knows no zones."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database: aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)  # type: ignore[no-any-return]


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

municipality = Table(
    "municipality", metadata,
    Column("key", String(64), primary_key=True),
    Column("title", Text, nullable=False),
    Column("time_zone", String(64), nullable=False),
)  # fmt: skip

call = Table(
    "call", metadata,
    Column("id", String(32), primary_key=True),
    Column("municipality", String(64), nullable=False),
    Column("started_at", Moment, nullable=False, index=True),
    Column("mode", String(32), nullable=False),
    Column("why_mode", String(64), nullable=False),
    Column("sip_call_id", String(128), nullable=False),
    Column("source", String(64), nullable=False),
    Column("caller_number", String(32), nullable=False, index=True),
    Column("caller_name", String(256), nullable=False),
    Column("dialled", String(64), nullable=False),
    Column("answered_at", Moment),
    Column("ended_at", Moment),
    Column("end", String(32)),
    Column("notice_seconds", Float, nullable=False),
    Column("notice_hash", String(64), nullable=False),
    Column("operator", Text, nullable=False, server_default=""),
    Column("operator_at", Moment),
    Column("engine", String(64), nullable=False),
    Index("ix_call_open", "engine", "ended_at"),
    Index("ix_call_journal", "municipality", "started_at", "id"),
)  # fmt: skip

turn = Table(
    "turn", metadata,
    Column("call_id", String(32), ForeignKey("call.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("speaker", String(16), nullable=False),
    Column("offset", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("text", Text, nullable=False),
    Column("prompt", String(64)),
    Column("keys", String(64), nullable=False),
    Column("words", JSON, nullable=False),
    Column("recognised", Boolean, nullable=False),
)  # fmt: skip

recording = Table(
    "recording", metadata,
    Column("name", String(64), primary_key=True),
    Column("call_id", String(32), ForeignKey("call.id"), nullable=False, index=True),
    Column("seconds", Float, nullable=False),
)  # fmt: skip

callback = Table(
    "callback", metadata,
    Column("id", String(32), primary_key=True),
    Column("municipality", String(64), nullable=False),
    Column("number", String(32), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("because", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("calls", Integer, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("holder", Text, nullable=False),
    Column("touched_at", Moment),
    Column("rests", String(16), nullable=False),
    Column("failures", Integer, nullable=False),
    Column("opens_at", Moment),
    Column("closes_at", Moment),
    Column("dialling", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("act_by", Moment, nullable=False),
    Column("origin", String(16), nullable=False),
    Index("ix_callback_work", "municipality", "is_open", "act_by", "created_at", "id"),
    Index("ix_callback_list", "municipality", "state", "due_at", "created_at"),
    Index("ix_callback_number", "municipality", "number", "state"),
    Index("ix_callback_due", "municipality", "due_at"),
)  # fmt: skip

message = Table(
    "message", metadata,
    Column("id", String(32), ForeignKey("call.id"), primary_key=True),
    Column("callback_id", String(32), ForeignKey("callback.id"), index=True),
    Column("municipality", String(64), nullable=False),
    Column("received_at", Moment, nullable=False, index=True),
    Column("topic", String(64)),
    Column("topics", JSON, nullable=False),
    Column("surname", Text),
    Column("name", Text),
    Column("patronymic", Text),
    Column("phone", String(32), index=True),
    Column("caller_number", String(32), nullable=False),
    Column("locality", Text),
    Column("street", Text),
    Column("house", Text),
    Column("flat", Text),
    Column("gist", Text, nullable=False),
    Column("repeated", Boolean),
    Column("outcome", String(64)),
    Column("operator", Text),
    Column("executor", Text),
    Column("result", String(64)),
    Column("comment", Text, nullable=False),
    Column("status", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("recognised", Boolean, nullable=False, index=True),
    Column("flags", JSON, nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("incomplete_phone", Text, nullable=False),
    Column("found", JSON, nullable=False),
    Column("edition", String(32), nullable=False),
    Column("planned_at", Moment),
    Column("reason", Text, nullable=False),
    Column("attempted_at", JSON, nullable=False),
    Column("earlier", String(32)),
    Column("broken_off", String(64)),
    Column("broken_off_second", Float),
    Column("feedback_due_at", Moment),
    Column("corrected", JSON, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("indexed", Integer, nullable=False, server_default="0", index=True),
    Index("ix_message_place", "municipality", "place"),
    Index("ix_message_journal", "municipality", "received_at", "id"),
    Index("ix_message_of_caller", "municipality", "caller_number", "received_at"),
    Index("ix_message_of_phone", "municipality", "phone", "received_at"),
    Index("ix_message_of_name", "municipality", "surname", "name", "received_at"),
)  # fmt: skip

correction = Table(
    "correction", metadata,
    Column("id", String(32), primary_key=True),
    Column("message_id", String(32), ForeignKey("message.id"), nullable=False, index=True),
    Column("field", String(16), nullable=False),
    Column("before", JSON),
    Column("after", JSON),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)  # fmt: skip

attempt = Table(
    "attempt", metadata,
    Column("id", String(32), primary_key=True),
    Column("callback_id", String(32), ForeignKey("callback.id"), nullable=False, index=True),
    Column("number", String(32), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("outcome", String(32)),
    Column("operator", Text, nullable=False),
    Column("due_by", Moment, nullable=False),
    Column("means", String(16), nullable=False),
    Column("engine", String(64), nullable=False),
    Column("operator_at", Moment),
    Column("rings", JSON, nullable=False),
    Column("failing", String(32), nullable=False),
    Column("ended_by", String(16), nullable=False),
    Column("recording_seconds", Float, nullable=False),
    Column("notice_seconds", Float, nullable=False),
    Column("notice_hash", String(64), nullable=False),
    Index("ix_attempt_open", "engine", "ended_at"),
    Index("ix_attempt_day", "means", "started_at"),
)  # fmt: skip

talk = Table(
    "talk", metadata,
    Column("attempt_id", String(32), ForeignKey("attempt.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("speaker", String(16), nullable=False),
    Column("offset", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("text", Text, nullable=False),
    Column("prompt", String(64)),
    Column("keys", String(64), nullable=False),
    Column("words", JSON, nullable=False),
    Column("recognised", Boolean, nullable=False, index=True),
)  # fmt: skip

callback_move = Table(
    "callback_move", metadata,
    Column("callback_id", String(32), ForeignKey("callback.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("before", String(16), nullable=False),
    Column("after", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
)  # fmt: skip

vocabulary = Table(
    "vocabulary", metadata,
    Column("edition", String(32), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("title", Text, nullable=False),
)  # fmt: skip

notice = Table(
    "notice", metadata,
    Column("key", String(200), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("municipality", String(64), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("posted_at", Moment, nullable=False),
    Column("seen_by", Text),
    Column("seen_at", Moment),
    Index("ix_notice_unseen", "municipality", "seen_by", "at"),
)  # fmt: skip

notice_letter = Table(
    "notice_letter", metadata,
    Column("notice_key", String(200), ForeignKey("notice.key"), primary_key=True),
    Column("recipient", String(320), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("claim", String(32), nullable=False),
    Column("claimed_until", Moment),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", Moment, nullable=False),
    Column("reply", Text, nullable=False),
    Column("sent_at", Moment),
    Index("ix_notice_letter_due", "state", "next_try_at"),
)  # fmt: skip

trouble = Table(
    "trouble", metadata,
    Column("municipality", String(64), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("since", Moment, nullable=False),
)  # fmt: skip

lease = Table(
    "lease", metadata,
    Column("name", String(32), primary_key=True),
    Column("node", String(128), nullable=False),
    Column("until", Moment, nullable=False),
)  # fmt: skip

report = Table(
    "report", metadata,
    Column("id", String(32), primary_key=True),
    Column("municipality", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("title", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("rows_sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("approved_by", Text),
    Column("approved_at", Moment),
    Column("reported_by", Text),
    Column("reported_at", Moment),
    Column("remarks", Text, nullable=False, server_default=""),
    UniqueConstraint("municipality", "kind", "first", "last", "edition"),
)  # fmt: skip

letter = Table(
    "letter", metadata,
    Column("id", String(32), primary_key=True),
    Column("report_id", String(32), ForeignKey("report.id"), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("recipients", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("claim", String(32), nullable=False),
    Column("claimed_until", Moment),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", Moment),
    Column("reply", Text, nullable=False),
    Column("sent_at", Moment),
    Column("settled_by", Text),
    UniqueConstraint("report_id", "recipient"),
    Index("ix_letter_due", "state", "next_try_at"),
)  # fmt: skip

referral = Table(
    "referral", metadata,
    Column("id", String(32), primary_key=True),
    Column("callback_id", String(32), ForeignKey("callback.id"), nullable=False, index=True),
    Column("executor", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("passed_by", Text, nullable=False),
    Column("passed_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False, index=True),
    Column("answer", Text, nullable=False),
    Column("answered_by", Text, nullable=False),
    Column("answered_at", Moment),
    Column("withdrawn_at", Moment),
)  # fmt: skip

index_state = Table(
    "index_state", metadata,
    Column("id", Integer, primary_key=True),
    Column("deleted", Boolean, nullable=False),
)  # fmt: skip
"""One row: whether messages were deleted since the full-text index was last cleaned of them."""
