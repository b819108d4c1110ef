"""People who sign in, their sessions and keys, and the access log (152-FZ; fault F36)."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("municipality", sa.String(64), nullable=False),
        sa.Column("roles", sa.JSON, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("telephone", sa.String(200), nullable=False),
        sa.Column("disabled_at", _MOMENT),
        sa.Column("trained_at", _MOMENT),
        sa.Column("acquainted_with", sa.String(32), nullable=False),
        sa.Column("acquainted_at", _MOMENT),
        sa.Column("password", sa.Text, nullable=False, server_default=""),
        sa.UniqueConstraint("login", name="uq_person_login"),
        sa.UniqueConstraint("municipality", "name", name="uq_person_municipality_name"),
    )
    for table, own in (("session", _session()), ("token", _token())):
        op.create_table(
            table,
            sa.Column("key", sa.String(64), primary_key=True),
            sa.Column("person_id", sa.String(32), sa.ForeignKey("person.id"), nullable=False, index=True),
            *own,
        )
    op.create_table(
        "tries",
        sa.Column("whose", sa.String(80), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "access_log",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("via", sa.String(16), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("deed", sa.String(16), nullable=False),
        sa.Column("thing", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("municipality", sa.String(64), nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("before", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Index("ix_access_log_who", "municipality", "who", "number"),
        sa.Index("ix_access_log_subject", "municipality", "subject", "number"),
    )


def _session() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("began_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("agent", sa.String(200), nullable=False),
    )


def _token() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT),
    )


def downgrade() -> None:
    for table in ("access_log", "tries", "token", "session", "person"):
        op.drop_table(table)
