"""What the console lists and corrects: the deadline that counts now as a column, both versions of a field."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("callback", sa.Column("is_open", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("callback", sa.Column("act_by", _MOMENT, nullable=False, server_default="1970-01-01 00:00:00"))
    op.execute("UPDATE callback SET act_by = COALESCE(closes_at, due_at), is_open = state NOT IN ('closed', 'no_contact')")
    op.create_index("ix_callback_work", "callback", ["municipality", "is_open", "act_by", "created_at", "id"])
    op.create_index("ix_call_journal", "call", ["municipality", "started_at", "id"])
    op.create_index("ix_message_journal", "message", ["municipality", "received_at", "id"])
    op.create_index("ix_message_of_caller", "message", ["municipality", "caller_number", "received_at"])
    op.create_index("ix_message_of_phone", "message", ["municipality", "phone", "received_at"])
    op.create_index("ix_message_of_name", "message", ["municipality", "surname", "name", "received_at"])
    op.create_table(
        "correction",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("message_id", sa.String(32), sa.ForeignKey("message.id"), nullable=False, index=True),
        sa.Column("field", sa.String(16), nullable=False),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("correction")
    for table, index in (
        ("message", "ix_message_of_name"), ("message", "ix_message_of_phone"),
        ("message", "ix_message_of_caller"), ("message", "ix_message_journal"), ("call", "ix_call_journal"), ("callback", "ix_callback_work"),
    ):
        op.drop_index(index, table)
    with op.batch_alter_table("callback") as callback:
        callback.drop_column("act_by")
        callback.drop_column("is_open")
