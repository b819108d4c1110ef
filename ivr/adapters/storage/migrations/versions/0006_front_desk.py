"""Who answered at the front desk, and when (clause 11, appendix 1)."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call", sa.Column("operator", sa.Text, nullable=False, server_default=""))
    op.add_column("call", sa.Column("operator_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    with op.batch_alter_table("call") as table:
        table.drop_column("operator_at")
        table.drop_column("operator")
