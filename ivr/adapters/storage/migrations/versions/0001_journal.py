"""The journal: calls, turns, recordings, messages, callbacks, attempts, vocabularies."""

from alembic import op

from ivr.adapters.storage.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    metadata.drop_all(op.get_bind())
