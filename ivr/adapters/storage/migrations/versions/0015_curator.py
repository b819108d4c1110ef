"""The curator's pages: days in counts, rows that broke a clause, the audit of recordings."""

import sqlalchemy as sa
from alembic import op

revision = "0015_curator"
down_revision = "0014_search"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "tally",
        sa.Column("municipality", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("week", sa.Date, nullable=False),
        sa.Column("count", sa.Float, nullable=False),
    )
    op.create_table(
        "breach",
        sa.Column("municipality", sa.String(64), primary_key=True),
        sa.Column("clause", sa.String(8), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("late_seconds", sa.Float),
    )
    op.create_table(
        "counted_day",
        sa.Column("municipality", sa.String(64), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("at", _MOMENT, nullable=False),
    )
    op.create_table(
        "review",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("municipality", sa.String(64), nullable=False),
        sa.Column("message", sa.String(32), nullable=False),
        sa.Column("why", sa.String(16), nullable=False),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("chosen_at", _MOMENT, nullable=False),
        sa.Column("chosen_by", sa.Text, nullable=False),
        sa.Column("grades", sa.JSON, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("reviewed_at", _MOMENT),
        sa.Column("reviewed_by", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("asked_at", _MOMENT),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("answered_at", _MOMENT),
    )
    op.create_index("ix_review_list", "review", ["municipality", "chosen_at", "id"])
    op.create_index("ix_review_message", "review", ["municipality", "message"], unique=True)
    op.create_index("ix_review_operator", "review", ["municipality", "operator", "asked_at"])
    op.create_index("ix_callback_due", "callback", ["municipality", "due_at"])
    op.create_index("ix_referral_due_at", "referral", ["due_at"])
    op.create_index("ix_correction_at", "correction", ["at"])


def downgrade() -> None:
    op.drop_index("ix_correction_at", "correction")
    op.drop_index("ix_referral_due_at", "referral")
    op.drop_index("ix_callback_due", "callback")
    for table in ("review", "counted_day", "breach", "tally"):
        op.drop_table(table)
