"""The journal: calls, turns, recordings, messages, callbacks, attempts, vocabularies."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "municipality",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
    )
    op.create_table(
        "call",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("municipality", sa.String(64), nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False, index=True),
        sa.Column("mode", sa.String(32), nullable=False),
        sa.Column("why_mode", sa.String(64), nullable=False),
        sa.Column("sip_call_id", sa.String(128), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("caller_number", sa.String(32), nullable=False, index=True),
        sa.Column("caller_name", sa.String(256), nullable=False),
        sa.Column("dialled", sa.String(64), nullable=False),
        sa.Column("answered_at", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        sa.Column("end", sa.String(32)),
        sa.Column("notice_seconds", sa.Float, nullable=False),
        sa.Column("notice_hash", sa.String(64), nullable=False),
        sa.Column("engine", sa.String(64), nullable=False),
        sa.Index("ix_call_open", "engine", "ended_at"),
    )
    op.create_table(
        "turn",
        sa.Column("call_id", sa.String(32), sa.ForeignKey("call.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("speaker", sa.String(16), nullable=False),
        sa.Column("offset", sa.Float, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("prompt", sa.String(64)),
        sa.Column("keys", sa.String(64), nullable=False),
        sa.Column("words", sa.JSON, nullable=False),
        sa.Column("recognised", sa.Boolean, nullable=False),
    )
    op.create_table(
        "recording",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("call_id", sa.String(32), sa.ForeignKey("call.id"), nullable=False, index=True),
        sa.Column("seconds", sa.Float, nullable=False),
    )
    op.create_table(
        "callback",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("municipality", sa.String(64), nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("because", sa.JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Index("ix_callback_list", "municipality", "state", "due_at", "created_at"),
        sa.Index("ix_callback_number", "municipality", "number", "state"),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.String(32), sa.ForeignKey("call.id"), primary_key=True),
        sa.Column("callback_id", sa.String(32), sa.ForeignKey("callback.id"), index=True),
        sa.Column("municipality", sa.String(64), nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False, index=True),
        sa.Column("topic", sa.String(64)),
        sa.Column("topics", sa.JSON, nullable=False),
        sa.Column("surname", sa.Text),
        sa.Column("name", sa.Text),
        sa.Column("patronymic", sa.Text),
        sa.Column("phone", sa.String(32), index=True),
        sa.Column("caller_number", sa.String(32), nullable=False),
        sa.Column("locality", sa.Text),
        sa.Column("street", sa.Text),
        sa.Column("house", sa.Text),
        sa.Column("flat", sa.Text),
        sa.Column("gist", sa.Text, nullable=False),
        sa.Column("repeated", sa.Boolean),
        sa.Column("outcome", sa.String(64)),
        sa.Column("operator", sa.Text),
        sa.Column("executor", sa.Text),
        sa.Column("result", sa.String(64)),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("recognised", sa.Boolean, nullable=False, index=True),
        sa.Column("flags", sa.JSON, nullable=False),
        sa.Column("confirmed", sa.Boolean, nullable=False),
        sa.Column("incomplete_phone", sa.Text, nullable=False),
        sa.Column("found", sa.JSON, nullable=False),
        sa.Column("edition", sa.String(32), nullable=False),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("callback_id", sa.String(32), sa.ForeignKey("callback.id"), nullable=False, index=True),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("outcome", sa.String(32)),
        sa.Column("operator", sa.Text),
    )
    op.create_table(
        "vocabulary",
        sa.Column("edition", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
    )


def downgrade() -> None:
    for table in ("vocabulary", "attempt", "message", "callback", "recording", "turn", "call", "municipality"):
        op.drop_table(table)
