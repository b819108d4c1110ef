"""The life of a callback: who has it, its windows, its steps; what a card demands (clauses 13, 20, 21, 22)."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def _new_columns() -> dict[str, tuple[sa.Column[Any], ...]]:
    return {
        "callback": (
            sa.Column("holder", sa.Text, nullable=False, server_default=""),
            sa.Column("touched_at", _MOMENT),
            sa.Column("rests", sa.String(16), nullable=False, server_default="promised"),
            sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
            sa.Column("opens_at", _MOMENT),
            sa.Column("closes_at", _MOMENT),
            sa.Column("dialling", sa.String(32), nullable=False, server_default=""),
            sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        ),
        "message": (
            sa.Column("planned_at", _MOMENT),
            sa.Column("reason", sa.Text, nullable=False, server_default=""),
            sa.Column("attempted_at", sa.JSON, nullable=False, server_default="[]"),
            sa.Column("earlier", sa.String(32)),
            sa.Column("broken_off", sa.String(64)),
            sa.Column("broken_off_second", sa.Float),
            sa.Column("feedback_due_at", _MOMENT),
            sa.Column("corrected", sa.JSON, nullable=False, server_default="[]"),
        ),
    }


def upgrade() -> None:
    for table, columns in _new_columns().items():
        for column in columns:
            op.add_column(table, column)
    # No attempt was ever written under the first edition.
    op.execute("DELETE FROM attempt")
    with op.batch_alter_table("attempt") as attempt:
        attempt.alter_column("operator", existing_type=sa.Text, nullable=False)
        attempt.add_column(sa.Column("due_by", _MOMENT, nullable=False))
        attempt.add_column(sa.Column("means", sa.String(16), nullable=False))
    op.create_table(
        "callback_move",
        sa.Column("callback_id", sa.String(32), sa.ForeignKey("callback.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("before", sa.String(16), nullable=False),
        sa.Column("after", sa.String(16), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("callback_move")
    with op.batch_alter_table("attempt") as attempt:
        attempt.drop_column("means")
        attempt.drop_column("due_by")
        attempt.alter_column("operator", existing_type=sa.Text, nullable=True)
    for table, columns in _new_columns().items():
        with op.batch_alter_table(table) as changed:
            for column in columns:
                changed.drop_column(column.name)
