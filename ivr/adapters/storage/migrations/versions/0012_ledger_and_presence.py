"""The ledger of legs, and who was at work (clauses 6.2, 9, 11, appendix 1)."""

import sqlalchemy as sa
from alembic import op

revision = "0012_ledger_and_presence"
down_revision = "0011_remarks"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_COLUMNS = (
    "id, municipality, call, side, invited_at, answered_at, ended_at, cause, ended_by, mode, why, who, number, source"
)
_CALLERS = f"""
    INSERT INTO leg ({_COLUMNS})
    SELECT id, municipality, id, 'caller', started_at, answered_at, ended_at,
        CASE "end" WHEN 'cancelled' THEN 487 WHEN 'broken' THEN 0 WHEN 'interrupted' THEN 0 ELSE 200 END,
        CASE "end" WHEN 'completed' THEN 'us' WHEN 'no_media' THEN 'no_media'
            WHEN 'caller_hung_up' THEN 'far' WHEN 'cancelled' THEN 'far' ELSE '' END,
        mode, why_mode, '', caller_number, engine
    FROM call WHERE ended_at IS NOT NULL AND why_mode <> 'older_journal'
"""
_OPERATORS = f"""
    INSERT INTO leg ({_COLUMNS})
    SELECT id || '-operator', municipality, id, 'operator', started_at, operator_at, ended_at,
        200, '', mode, '', operator, '', engine
    FROM call WHERE ended_at IS NOT NULL AND operator_at IS NOT NULL AND why_mode <> 'older_journal'
"""
_CITIZENS = f"""
    INSERT INTO leg ({_COLUMNS})
    SELECT attempt.id, callback.municipality, attempt.id, 'citizen', attempt.started_at,
        CASE attempt.outcome WHEN 'answered' THEN attempt.started_at END, attempt.ended_at,
        CASE attempt.outcome WHEN 'answered' THEN 200 WHEN 'busy' THEN 486 WHEN 'not_found' THEN 404
            WHEN 'no_answer' THEN 480 ELSE 503 END,
        '', 'callback', '', attempt.operator, attempt.number,
        CASE attempt.means WHEN 'other_phone' THEN 'other_phone' ELSE '' END
    FROM attempt JOIN callback ON callback.id = attempt.callback_id
    WHERE attempt.ended_at IS NOT NULL
        AND attempt.outcome IN ('answered', 'busy', 'not_found', 'no_answer', 'unavailable')
"""
_FINAL = {
    "sqlite": (
        "CREATE TRIGGER leg_is_final BEFORE UPDATE ON leg BEGIN SELECT RAISE(ABORT, 'the ledger is never changed'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION leg_is_final() RETURNS trigger AS "
        "$$ BEGIN RAISE EXCEPTION 'the ledger is never changed'; END $$ LANGUAGE plpgsql",
        "CREATE TRIGGER leg_is_final BEFORE UPDATE ON leg FOR EACH ROW EXECUTE FUNCTION leg_is_final()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "leg",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("municipality", sa.String(64), nullable=False),
        sa.Column("call", sa.String(64), nullable=False, index=True),
        sa.Column("side", sa.String(16), nullable=False),
        sa.Column("invited_at", _MOMENT, nullable=False),
        sa.Column("ringing_at", _MOMENT),
        sa.Column("answered_at", _MOMENT),
        sa.Column("ended_at", _MOMENT, nullable=False),
        sa.Column("cause", sa.Integer, nullable=False),
        sa.Column("ended_by", sa.String(16), nullable=False),
        sa.Column("mode", sa.String(32), nullable=False),
        sa.Column("why", sa.String(64), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Index("ix_leg_day", "municipality", "invited_at"),
    )
    op.create_table(
        "presence",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("municipality", sa.String(64), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("told", sa.String(16), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("until", _MOMENT),
        sa.Index("ix_presence_day", "municipality", "at"),
    )
    for statement in (_CALLERS, _OPERATORS, _CITIZENS, *_FINAL.get(op.get_bind().dialect.name, ())):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("presence")
    op.drop_table("leg")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION leg_is_final()")
