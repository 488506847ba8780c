"""The log: its signed checkpoints, and the leaf hashes that stay when old entries are dropped."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0006"
down_revision = "platform_0005"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the two tables; what was dropped stays dropped, and its hashes stay as they are."""
    op.create_table(
        "cdp_log_checkpoint",
        sa.Column("size", _INTEGER, primary_key=True, autoincrement=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", _TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "cdp_log_dropped",
        sa.Column("number", _INTEGER, primary_key=True, autoincrement=False),
        sa.Column("leaves", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    for act in ("UPDATE", "DELETE"):
        name = f"cdp_log_dropped_no_{act.lower()}"
        body = (
            "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
            if op.get_context().dialect.name == "sqlite"
            else "FOR EACH STATEMENT EXECUTE FUNCTION cdp_refuse()"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON cdp_log_dropped {body}")
