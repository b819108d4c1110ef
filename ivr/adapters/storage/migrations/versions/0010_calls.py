"""What the line tells of an attempt, the talk's text, conversations whose card is owed; notices by letter, troubles."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010_calls"
down_revision = "0009"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def _new_columns() -> dict[str, tuple[sa.Column[Any], ...]]:
    return {
        "callback": (sa.Column("origin", sa.String(16), nullable=False, server_default="promise"),),
        "referral": (sa.Column("withdrawn_at", _MOMENT),),
        "attempt": (
            sa.Column("engine", sa.String(64), nullable=False, server_default=""),
            sa.Column("operator_at", _MOMENT),
            sa.Column("rings", sa.JSON, nullable=False, server_default="[]"),
            sa.Column("failing", sa.String(32), nullable=False, server_default=""),
            sa.Column("ended_by", sa.String(16), nullable=False, server_default=""),
            sa.Column("recording_seconds", sa.Float, nullable=False, server_default="0"),
            sa.Column("notice_seconds", sa.Float, nullable=False, server_default="0"),
            sa.Column("notice_hash", sa.String(64), nullable=False, server_default=""),
        ),
    }


def upgrade() -> None:
    for table, columns in _new_columns().items():
        for column in columns:
            op.add_column(table, column)
    op.create_index("ix_attempt_open", "attempt", ["engine", "ended_at"])
    op.create_index("ix_attempt_day", "attempt", ["means", "started_at"])
    op.create_table(
        "talk",
        sa.Column("attempt_id", sa.String(32), sa.ForeignKey("attempt.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("speaker", sa.String(16), nullable=False),
        sa.Column("offset", sa.Float, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("prompt", sa.String(64)),
        sa.Column("keys", sa.String(64), nullable=False),
        sa.Column("words", sa.JSON, nullable=False),
        sa.Column("recognised", sa.Boolean, nullable=False, index=True),
    )
    op.create_table(
        "notice_letter",
        sa.Column("notice_key", sa.String(200), sa.ForeignKey("notice.key"), primary_key=True),
        sa.Column("recipient", sa.String(320), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("claim", sa.String(32), nullable=False),
        sa.Column("claimed_until", _MOMENT),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_try_at", _MOMENT, nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("sent_at", _MOMENT),
        sa.Index("ix_notice_letter_due", "state", "next_try_at"),
    )
    op.create_table(
        "trouble",
        sa.Column("municipality", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("since", _MOMENT, nullable=False),
    )


def downgrade() -> None:
    for table in ("trouble", "notice_letter", "talk"):
        op.drop_table(table)
    op.drop_index("ix_attempt_day", "attempt")
    op.drop_index("ix_attempt_open", "attempt")
    for table, columns in _new_columns().items():
        with op.batch_alter_table(table) as changed:
            for column in columns:
                changed.drop_column(column.name)
