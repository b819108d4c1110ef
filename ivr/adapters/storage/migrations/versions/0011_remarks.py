"""The curator's words to the head, kept with the month they were said about (clause 18)."""

import sqlalchemy as sa
from alembic import op

revision = "0011_remarks"
down_revision = "0010_calls"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("report", sa.Column("remarks", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("report") as table:
        table.drop_column("remarks")
