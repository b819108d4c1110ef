"""Links by which people set their passwords; the access log found by deed and by day (152-FZ)."""

import sqlalchemy as sa
from alembic import op

revision = "0013_administration"
down_revision = "0012_ledger_and_presence"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("person_id", sa.String(32), sa.ForeignKey("person.id"), nullable=False, unique=True),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
    )
    op.create_index("ix_access_log_deed", "access_log", ["municipality", "deed", "number"])
    op.create_index("ix_access_log_at", "access_log", ["municipality", "at"])


def downgrade() -> None:
    op.drop_index("ix_access_log_at", "access_log")
    op.drop_index("ix_access_log_deed", "access_log")
    op.drop_table("invitation")
