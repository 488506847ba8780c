"""What outlives a customer's key: that she was erased, and the keyed tokens by which she is not taken in again."""

import sqlalchemy as sa
from alembic import op

revision = "keys_0002"
down_revision = "keys_0001"

_ORDERED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Makes the two tables."""
    op.create_table(
        "tombstone",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("customer_id", _ORDERED, nullable=False, unique=True),
        sa.Column("erased_at", _ORDERED, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "suppressed",
        sa.Column("token", _ORDERED, primary_key=True),
        sa.Column("cause", _ORDERED, nullable=False),
        sa.Column("since", _ORDERED, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE tombstone ALTER COLUMN customer_id SET STATISTICS 0")
        op.execute("ALTER TABLE suppressed ALTER COLUMN token SET STATISTICS 0")
