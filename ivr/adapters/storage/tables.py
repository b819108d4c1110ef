"""The tables of the journal; beside each column stands whose data it holds (`personal`)."""

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

from ivr.adapters.storage.personal import CITIZEN, NUMBER, PLAIN, SOUND, STAFF, ages, belongs, blanked


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
    Column("key", String(64), primary_key=True, info=PLAIN),
    Column("title", Text, nullable=False, info=PLAIN),
    Column("time_zone", String(64), nullable=False, info=PLAIN),
)  # fmt: skip

call = Table(
    "call", metadata,
    Column("id", String(32), primary_key=True, info=PLAIN),
    Column("municipality", String(64), nullable=False, info=PLAIN),
    Column("started_at", Moment, nullable=False, index=True),
    Column("mode", String(32), nullable=False, info=PLAIN),
    Column("why_mode", String(64), nullable=False, info=PLAIN),
    Column("sip_call_id", String(128), nullable=False, info=CITIZEN),
    Column("source", String(64), nullable=False, info=CITIZEN),
    Column("caller_number", String(32), nullable=False, index=True, info=NUMBER),
    Column("caller_name", String(256), nullable=False, info=CITIZEN),
    Column("dialled", String(64), nullable=False, info=PLAIN),
    Column("answered_at", Moment),
    Column("ended_at", Moment),
    Column("end", String(32), info=PLAIN),
    Column("notice_seconds", Float, nullable=False),
    Column("notice_hash", String(64), nullable=False, info=PLAIN),
    Column("notice_edition", String(64), nullable=False, server_default="", info=PLAIN),
    Column("notice_whole", Float, nullable=False, server_default="0"),
    Column("operator", Text, nullable=False, server_default="", info=STAFF),
    Column("operator_at", Moment),
    Column("engine", String(64), nullable=False, info=PLAIN),
    Column("erased_at", Moment),
    Index("ix_call_open", "engine", "ended_at"),
    Index("ix_call_journal", "municipality", "started_at", "id"),
    Index("ix_call_unerased", "erased_at", "started_at"),
    info=ages("ended_at", "started_at"),
)  # fmt: skip

turn = Table(
    "turn", metadata,
    Column("call_id", String(32), ForeignKey("call.id"), primary_key=True, info=PLAIN),
    Column("number", Integer, primary_key=True),
    Column("speaker", String(16), nullable=False, info=PLAIN),
    Column("offset", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("text", Text, nullable=False, info=CITIZEN),
    Column("prompt", String(64), info=PLAIN),
    Column("keys", String(64), nullable=False, info=CITIZEN),
    Column("words", JSON, nullable=False, info=CITIZEN),
    Column("recognised", Boolean, nullable=False),
    info=belongs("call_id", whole=True),
)  # fmt: skip

recording = Table(
    "recording", metadata,
    Column("name", String(64), primary_key=True, info=SOUND),
    Column("call_id", String(32), ForeignKey("call.id"), nullable=False, index=True, info=PLAIN),
    Column("seconds", Float, nullable=False),
    info=belongs("call_id", whole=True),
)  # fmt: skip

callback = Table(
    "callback", metadata,
    Column("id", String(32), primary_key=True, info=PLAIN),
    Column("municipality", String(64), nullable=False, info=PLAIN),
    Column("number", String(32), nullable=False, info=NUMBER),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("because", JSON, nullable=False, info=PLAIN),
    Column("state", String(16), nullable=False, info=PLAIN),
    Column("calls", Integer, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("holder", Text, nullable=False, info=STAFF),
    Column("touched_at", Moment),
    Column("rests", String(16), nullable=False, info=PLAIN),
    Column("failures", Integer, nullable=False),
    Column("opens_at", Moment),
    Column("closes_at", Moment),
    Column("dialling", String(32), nullable=False, info=PLAIN),
    Column("version", Integer, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("act_by", Moment, nullable=False),
    Column("origin", String(16), nullable=False, info=PLAIN),
    Column("erased_at", Moment),
    Index("ix_callback_work", "municipality", "is_open", "act_by", "created_at", "id"),
    Index("ix_callback_list", "municipality", "state", "due_at", "created_at"),
    Index("ix_callback_number", "municipality", "number", "state"),
    Index("ix_callback_due", "municipality", "due_at"),
    Index("ix_callback_unerased", "erased_at", "created_at"),
    info=ages("touched_at", "created_at"),
)  # fmt: skip

message = Table(
    "message", metadata,
    Column("id", String(32), ForeignKey("call.id"), primary_key=True, info=PLAIN),
    Column("callback_id", String(32), ForeignKey("callback.id"), index=True, info=PLAIN),
    Column("municipality", String(64), nullable=False, info=PLAIN),
    Column("received_at", Moment, nullable=False, index=True),
    Column("topic", String(64), info=PLAIN),
    Column("topics", JSON, nullable=False, info=PLAIN),
    Column("surname", Text, info=CITIZEN),
    Column("name", Text, info=CITIZEN),
    Column("patronymic", Text, info=CITIZEN),
    Column("phone", String(32), index=True, info=NUMBER),
    Column("caller_number", String(32), nullable=False, info=NUMBER),
    Column("locality", Text, info=CITIZEN),
    Column("street", Text, info=CITIZEN),
    Column("house", Text, info=CITIZEN),
    Column("flat", Text, info=CITIZEN),
    Column("gist", Text, nullable=False, info=CITIZEN),
    Column("repeated", Boolean),
    Column("outcome", String(64), info=PLAIN),
    Column("operator", Text, info=STAFF),
    Column("executor", Text, info=STAFF),
    Column("result", String(64), info=PLAIN),
    Column("comment", Text, nullable=False, info=CITIZEN),
    Column("status", String(32), nullable=False, info=PLAIN),
    Column("text", Text, nullable=False, info=CITIZEN),
    Column("recognised", Boolean, nullable=False, index=True, info=blanked(True)),
    Column("flags", JSON, nullable=False, info=PLAIN),
    Column("confirmed", Boolean, nullable=False),
    Column("incomplete_phone", Text, nullable=False, info=CITIZEN),
    Column("found", JSON, nullable=False, info=CITIZEN),
    Column("edition", String(32), nullable=False, info=PLAIN),
    Column("planned_at", Moment),
    Column("reason", Text, nullable=False, info=CITIZEN),
    Column("attempted_at", JSON, nullable=False, info=PLAIN),
    Column("earlier", String(32), info=PLAIN),
    Column("broken_off", String(64), info=PLAIN),
    Column("broken_off_second", Float),
    Column("feedback_due_at", Moment),
    Column("corrected", JSON, nullable=False, info=PLAIN),
    Column("place", BigInteger, nullable=False),
    Column("indexed", Integer, nullable=False, server_default="0", index=True),
    Index("ix_message_place", "municipality", "place"),
    Index("ix_message_journal", "municipality", "received_at", "id"),
    Index("ix_message_of_caller", "municipality", "caller_number", "received_at"),
    Index("ix_message_of_phone", "municipality", "phone", "received_at"),
    Index("ix_message_of_name", "municipality", "surname", "name", "received_at"),
    info=belongs("id"),
)  # fmt: skip

correction = Table(
    "correction", metadata,
    Column("id", String(32), primary_key=True, info=PLAIN),
    Column("message_id", String(32), ForeignKey("message.id"), nullable=False, index=True, info=PLAIN),
    Column("field", String(16), nullable=False, info=PLAIN),
    Column("before", JSON, info=CITIZEN),
    Column("after", JSON, info=CITIZEN),
    Column("by", Text, nullable=False, info=STAFF),
    Column("at", Moment, nullable=False, index=True),
    info=belongs("message_id", whole=True),
)  # fmt: skip

attempt = Table(
    "attempt", metadata,
    Column("id", String(32), primary_key=True, info=SOUND),
    Column("callback_id", String(32), ForeignKey("callback.id"), nullable=False, index=True, info=PLAIN),
    Column("number", String(32), nullable=False, info=NUMBER),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("outcome", String(32), info=PLAIN),
    Column("operator", Text, nullable=False, info=STAFF),
    Column("due_by", Moment, nullable=False),
    Column("means", String(16), nullable=False, info=PLAIN),
    Column("engine", String(64), nullable=False, info=PLAIN),
    Column("operator_at", Moment),
    Column("rings", JSON, nullable=False, info=CITIZEN),
    Column("failing", String(32), nullable=False, info=PLAIN),
    Column("ended_by", String(16), nullable=False, info=PLAIN),
    Column("recording_seconds", Float, nullable=False, info=blanked(0.0)),
    Column("notice_seconds", Float, nullable=False),
    Column("notice_hash", String(64), nullable=False, info=PLAIN),
    Column("notice_edition", String(64), nullable=False, server_default="", info=PLAIN),
    Column("notice_whole", Float, nullable=False, server_default="0"),
    Column("erased_at", Moment),
    Index("ix_attempt_open", "engine", "ended_at"),
    Index("ix_attempt_day", "means", "started_at"),
    Index("ix_attempt_unerased", "erased_at", "started_at"),
    info=ages("ended_at", "started_at"),
)  # fmt: skip

talk = Table(
    "talk", metadata,
    Column("attempt_id", String(32), ForeignKey("attempt.id"), primary_key=True, info=PLAIN),
    Column("number", Integer, primary_key=True),
    Column("speaker", String(16), nullable=False, info=PLAIN),
    Column("offset", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("text", Text, nullable=False, info=CITIZEN),
    Column("prompt", String(64), info=PLAIN),
    Column("keys", String(64), nullable=False, info=CITIZEN),
    Column("words", JSON, nullable=False, info=CITIZEN),
    Column("recognised", Boolean, nullable=False, index=True),
    info=belongs("attempt_id", whole=True),
)  # fmt: skip

callback_move = Table(
    "callback_move", metadata,
    Column("callback_id", String(32), ForeignKey("callback.id"), primary_key=True, info=PLAIN),
    Column("number", Integer, primary_key=True),
    Column("before", String(16), nullable=False, info=PLAIN),
    Column("after", String(16), nullable=False, info=PLAIN),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False, info=STAFF),
    Column("why", Text, nullable=False, info=STAFF),
)  # fmt: skip

vocabulary = Table(
    "vocabulary", metadata,
    Column("edition", String(32), primary_key=True, info=PLAIN),
    Column("kind", String(32), primary_key=True, info=PLAIN),
    Column("key", String(64), primary_key=True, info=PLAIN),
    Column("position", Integer, nullable=False),
    Column("title", Text, nullable=False, info=PLAIN),
)  # fmt: skip

notice = Table(
    "notice", metadata,
    Column("key", String(200), primary_key=True, info=PLAIN),
    Column("kind", String(32), nullable=False, info=PLAIN),
    Column("municipality", String(64), nullable=False, info=PLAIN),
    Column("subject", String(64), nullable=False, info=PLAIN),
    Column("at", Moment, nullable=False),
    Column("posted_at", Moment, nullable=False),
    Column("seen_by", Text, info=STAFF),
    Column("seen_at", Moment),
    Index("ix_notice_unseen", "municipality", "seen_by", "at"),
    info=ages("at", whole=True),
)  # fmt: skip

notice_letter = Table(
    "notice_letter", metadata,
    Column("notice_key", String(200), ForeignKey("notice.key"), primary_key=True, info=PLAIN),
    Column("recipient", String(320), primary_key=True, info=STAFF),
    Column("state", String(16), nullable=False, info=PLAIN),
    Column("claim", String(32), nullable=False, info=PLAIN),
    Column("claimed_until", Moment),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", Moment, nullable=False),
    Column("reply", Text, nullable=False, info=PLAIN),
    Column("sent_at", Moment),
    Index("ix_notice_letter_due", "state", "next_try_at"),
    info=belongs("notice_key", whole=True),
)  # fmt: skip

trouble = Table(
    "trouble", metadata,
    Column("municipality", String(64), primary_key=True, info=PLAIN),
    Column("name", String(64), primary_key=True, info=PLAIN),
    Column("since", Moment, nullable=False),
)  # fmt: skip

lease = Table(
    "lease", metadata,
    Column("name", String(32), primary_key=True, info=PLAIN),
    Column("node", String(128), nullable=False, info=PLAIN),
    Column("until", Moment, nullable=False),
)  # fmt: skip

report = Table(
    "report", metadata,
    Column("id", String(32), primary_key=True, info=PLAIN),
    Column("municipality", String(64), nullable=False, info=PLAIN),
    Column("kind", String(16), nullable=False, info=PLAIN),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("title", Text, nullable=False, info=PLAIN),
    Column("rows", Integer, nullable=False),
    Column("sha256", String(64), nullable=False, info=PLAIN),
    Column("rows_sha256", String(64), nullable=False, info=PLAIN),
    Column("content", LargeBinary, nullable=False, info=PLAIN),
    Column("approved_by", Text, info=STAFF),
    Column("approved_at", Moment),
    Column("reported_by", Text, info=STAFF),
    Column("reported_at", Moment),
    Column("remarks", Text, nullable=False, server_default="", info=PLAIN),
    UniqueConstraint("municipality", "kind", "first", "last", "edition"),
)  # fmt: skip

letter = Table(
    "letter", metadata,
    Column("id", String(32), primary_key=True, info=PLAIN),
    Column("report_id", String(32), ForeignKey("report.id"), nullable=False, info=PLAIN),
    Column("recipient", Text, nullable=False, info=STAFF),
    Column("recipients", JSON, nullable=False, info=STAFF),
    Column("state", String(16), nullable=False, info=PLAIN),
    Column("claim", String(32), nullable=False, info=PLAIN),
    Column("claimed_until", Moment),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", Moment),
    Column("reply", Text, nullable=False, info=PLAIN),
    Column("sent_at", Moment),
    Column("settled_by", Text, info=STAFF),
    UniqueConstraint("report_id", "recipient"),
    Index("ix_letter_due", "state", "next_try_at"),
)  # fmt: skip

referral = Table(
    "referral", metadata,
    Column("id", String(32), primary_key=True, info=PLAIN),
    Column("callback_id", String(32), ForeignKey("callback.id"), nullable=False, index=True, info=PLAIN),
    Column("executor", Text, nullable=False, info=STAFF),
    Column("question", Text, nullable=False, info=CITIZEN),
    Column("passed_by", Text, nullable=False, info=STAFF),
    Column("passed_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False, index=True),
    Column("answer", Text, nullable=False, info=CITIZEN),
    Column("answered_by", Text, nullable=False, info=STAFF),
    Column("answered_at", Moment),
    Column("withdrawn_at", Moment),
    info=belongs("callback_id"),
)  # fmt: skip

index_state = Table(
    "index_state", metadata,
    Column("id", Integer, primary_key=True),
    Column("deleted", Boolean, nullable=False),
)  # fmt: skip
"""One row: whether messages were deleted since the full-text index was last cleaned of them."""
