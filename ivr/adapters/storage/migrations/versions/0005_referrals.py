"""Questions passed on to executors (clauses 20.5, 21)."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "referral",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("callback_id", sa.String(32), sa.ForeignKey("callback.id"), nullable=False, index=True),
        sa.Column("executor", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("passed_by", sa.Text, nullable=False),
        sa.Column("passed_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("answered_by", sa.Text, nullable=False),
        sa.Column("answered_at", _MOMENT),
    )


def downgrade() -> None:
    op.drop_table("referral")
