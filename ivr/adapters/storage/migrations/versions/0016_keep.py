"""Holds, acts of destruction, rows that stay as bare figures, the whole proof of consent (clauses 3, 6.3, 7; 152-FZ)."""

import sqlalchemy as sa
from alembic import op

revision = "0016_keep"
down_revision = "0015_curator"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_ERASED = (("call", "started_at"), ("attempt", "started_at"), ("callback", "created_at"))
_PROVEN = ("call", "attempt")
_SAME = (
    "id", "municipality", "call", "side", "invited_at", "ringing_at", "answered_at", "ended_at", "cause", "ended_by",
    "mode", "why", "who", "source",
)
_SAID = "the ledger is never changed"


def upgrade() -> None:
    for table, moment in _ERASED:
        op.add_column(table, sa.Column("erased_at", _MOMENT))
        op.create_index(f"ix_{table}_unerased", table, ["erased_at", moment])
    for table in _PROVEN:
        op.add_column(table, sa.Column("notice_edition", sa.String(64), nullable=False, server_default=""))
        op.add_column(table, sa.Column("notice_whole", sa.Float, nullable=False, server_default="0"))
    numbered = sa.text("number <> ''")
    op.create_index("ix_leg_numbered", "leg", ["ended_at"], sqlite_where=numbered, postgresql_where=numbered)
    _create_hold()
    _create_act()
    _let_numbers_go()


def _create_hold() -> None:
    op.create_table(
        "hold",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("municipality", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("released_by", sa.Text, nullable=False),
        sa.Column("released_at", _MOMENT),
        sa.Index("ix_hold_standing", "released_at", "subject"),
    )


def _create_act() -> None:
    op.create_table(
        "act",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("municipality", sa.String(64), nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("rule", sa.String(16), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Index("ix_act_town", "municipality", "begun_at"),
    )
    op.create_table(
        "destroyed",
        sa.Column("act_id", sa.String(32), sa.ForeignKey("act.id"), primary_key=True),
        sa.Column("thing", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("of", _MOMENT, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("sounds", sa.Integer, nullable=False),
    )


def _let_numbers_go() -> None:
    """The ledger stays what it is, but for the number of a citizen whose term is over: that may become empty."""
    if op.get_bind().dialect.name == "sqlite":
        same = " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in _SAME)
        op.execute("DROP TRIGGER leg_is_final")
        op.execute(
            f"CREATE TRIGGER leg_is_final BEFORE UPDATE ON leg WHEN NOT (NEW.number = '' AND {same}) "
            f"BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"
        )
        return
    same = " AND ".join(f'NEW."{name}" IS NOT DISTINCT FROM OLD."{name}"' for name in _SAME)
    op.execute(
        "CREATE OR REPLACE FUNCTION leg_is_final() RETURNS trigger AS $$ BEGIN "
        f"IF NEW.number = '' AND {same} THEN RETURN NEW; END IF; RAISE EXCEPTION '{_SAID}'; END $$ LANGUAGE plpgsql"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER leg_is_final")
        op.execute(
            f"CREATE TRIGGER leg_is_final BEFORE UPDATE ON leg BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"
        )
    else:
        op.execute(
            "CREATE OR REPLACE FUNCTION leg_is_final() RETURNS trigger AS "
            f"$$ BEGIN RAISE EXCEPTION '{_SAID}'; END $$ LANGUAGE plpgsql"
        )
    op.drop_table("destroyed")
    op.drop_table("act")
    op.drop_table("hold")
    op.drop_index("ix_leg_numbered", "leg")
    for table in _PROVEN:
        op.drop_column(table, "notice_whole")
        op.drop_column(table, "notice_edition")
    for table, _moment in _ERASED:
        op.drop_index(f"ix_{table}_unerased", table)
        op.drop_column(table, "erased_at")
