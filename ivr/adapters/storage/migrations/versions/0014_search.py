"""The journal in one order and its full-text index; the words of the rows that are there come by a sweep."""

import sqlalchemy as sa
from alembic import op

from ivr.adapters.storage.rows import place_of
from ivr.adapters.storage.tables import Moment

revision = "0014_search"
down_revision = "0013_administration"
branch_labels = None
depends_on = None

_AT_ONCE = 5000


def upgrade() -> None:
    op.add_column("message", sa.Column("place", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("message", sa.Column("indexed", sa.Integer, nullable=False, server_default="0"))
    _give_places(op.get_bind())
    op.create_index("ix_message_place", "message", ["municipality", "place"])
    op.create_index("ix_message_indexed", "message", ["indexed"])
    state = op.create_table(
        "index_state",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("deleted", sa.Boolean, nullable=False),
    )
    op.bulk_insert(state, [{"id": 1, "deleted": False}])
    db = op.get_bind()
    if db.dialect.name == "sqlite":
        db.exec_driver_sql(
            "CREATE VIRTUAL TABLE message_index USING fts5(words, detail=none, columnsize=0, "
            "tokenize=\"unicode61 remove_diacritics 0 tokenchars ':_'\")"
        )
    else:
        db.exec_driver_sql("CREATE TABLE message_index (place bigint PRIMARY KEY, words tsvector NOT NULL)")
        db.exec_driver_sql("CREATE INDEX ix_message_index_words ON message_index USING gin (words)")


def _give_places(db: sa.Connection) -> None:
    message = sa.table(
        "message", sa.column("id", sa.String), sa.column("received_at", Moment), sa.column("place", sa.BigInteger)
    )
    change = sa.update(message).where(message.c.id == sa.bindparam("key")).values(place=sa.bindparam("at"))
    last = ""
    while True:
        page = sa.select(message.c.id, message.c.received_at).where(message.c.id > last).order_by(message.c.id)
        rows = db.execute(page.limit(_AT_ONCE)).all()
        if not rows:
            return
        last = rows[-1].id
        db.execute(change, [{"key": row.id, "at": place_of(row.received_at, row.id)} for row in rows])


def downgrade() -> None:
    op.execute("DROP TRIGGER IF EXISTS message_forgotten" + ("" if op.get_bind().dialect.name == "sqlite" else " ON message"))
    op.execute("DROP TABLE message_index")
    op.drop_table("index_state")
    op.drop_index("ix_message_indexed", "message")
    op.drop_index("ix_message_place", "message")
    with op.batch_alter_table("message") as message:
        message.drop_column("indexed")
        message.drop_column("place")
