"""Whose account an identity of another system is (OpenID Connect, LDAP)."""

import sqlalchemy as sa
from alembic import op

revision = "0017_identity"
down_revision = "0016_keep"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity",
        sa.Column("source", sa.String(200), primary_key=True),
        sa.Column("subject", sa.String(255), primary_key=True),
        sa.Column("person_id", sa.String(32), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_identity_person_id", "identity", ["person_id"])


def downgrade() -> None:
    op.drop_index("ix_identity_person_id", "identity")
    op.drop_table("identity")
