"""What people were told of, each thing once; who leads the timetable (clauses 5, 13, 15)."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("municipality", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("posted_at", _MOMENT, nullable=False),
        sa.Column("seen_by", sa.Text),
        sa.Column("seen_at", _MOMENT),
        sa.Index("ix_notice_unseen", "municipality", "seen_by", "at"),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("node", sa.String(128), nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("lease")
    op.drop_table("notice")
