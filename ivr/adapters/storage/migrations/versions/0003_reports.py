"""Reports kept as they were sent, and their letters (clauses 18, 19)."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "report",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("municipality", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("first", sa.Date, nullable=False),
        sa.Column("last", sa.Date, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("rows_sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("approved_by", sa.Text),
        sa.Column("approved_at", _MOMENT),
        sa.Column("reported_by", sa.Text),
        sa.Column("reported_at", _MOMENT),
        sa.UniqueConstraint(
            "municipality", "kind", "first", "last", "edition", name="uq_report_municipality_kind_first_last_edition"
        ),
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("report_id", sa.String(32), sa.ForeignKey("report.id"), nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("recipients", sa.JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("claim", sa.String(32), nullable=False),
        sa.Column("claimed_until", _MOMENT),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_try_at", _MOMENT),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("sent_at", _MOMENT),
        sa.Column("settled_by", sa.Text),
        sa.UniqueConstraint("report_id", "recipient", name="uq_letter_report_id_recipient"),
    )
    op.create_index("ix_letter_due", "letter", ["state", "next_try_at"])


def downgrade() -> None:
    op.drop_table("letter")
    op.drop_table("report")
