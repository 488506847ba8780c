"""Erasures: the register of intents and certificates, and the one way in which consent history may go.

`cdp_consent_event` stays append-only: its trigger lets rows of a customer go only while `cdp_erasure` has an unfinished
row of hers, which is durable, and has its entry in the log, before anything is deleted.
"""

import sqlalchemy as sa
from alembic import op

revision = "platform_0002"
down_revision = "platform_0001"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_TRIGGER = "cdp_consent_event_no_delete"
_ERASING = "EXISTS (SELECT 1 FROM cdp_erasure e WHERE e.customer_id = OLD.customer_id AND e.finished_at IS NULL)"


def upgrade() -> None:
    """Makes the table and has the trigger look it up."""
    op.create_table(
        "cdp_erasure",
        sa.Column("customer_id", _TEXT, primary_key=True),
        sa.Column("erasure_id", _TEXT, nullable=False, unique=True),
        sa.Column("ordinal", _INTEGER),
        sa.Column("tombstone", _INTEGER),
        sa.Column("suppressed", _TEXT, nullable=False),
        sa.Column("counts", _TEXT, nullable=False),
        sa.Column("actor", _TEXT, nullable=False),
        sa.Column("begun_at", _TEXT, nullable=False),
        sa.Column("finished_at", _TEXT),
        sa.Column("entry", _INTEGER),
        sqlite_strict=True,
    )
    op.create_table(
        "cdp_tombstone_mark",
        sa.Column("one", _INTEGER, sa.CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
        sa.Column("replayed", _INTEGER, nullable=False),
        sqlite_strict=True,
    )
    op.execute("INSERT INTO cdp_tombstone_mark VALUES (1, 0)")
    op.execute(f"DROP TRIGGER {_TRIGGER}" + ("" if _on_sqlite() else " ON cdp_consent_event"))
    if _on_sqlite():
        op.execute(
            f"CREATE TRIGGER {_TRIGGER} BEFORE DELETE ON cdp_consent_event WHEN NOT {_ERASING}"
            " BEGIN SELECT RAISE(ABORT, 'append-only'); END"
        )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION cdp_refuse_unless_erasing() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN IF NOT {_ERASING} THEN RAISE EXCEPTION 'append-only'; END IF; RETURN OLD; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {_TRIGGER} BEFORE DELETE ON cdp_consent_event"
        " FOR EACH ROW EXECUTE FUNCTION cdp_refuse_unless_erasing()"
    )
    for name in ("customer_id", "ordinal", "suppressed"):  # as with all that is about people
        op.execute(f"ALTER TABLE cdp_erasure ALTER COLUMN {name} SET STATISTICS 0")


def _on_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"
