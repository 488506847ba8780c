"""The key store: wrapping keys, and the keys of customers and of the platform that lie wrapped under them."""

import sqlalchemy as sa
from alembic import op

revision = "keys_0001"
down_revision = None

_ORDERED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Makes the three tables."""
    op.create_table(
        "wrapping_key",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kek_id", _ORDERED, nullable=False),
        sa.Column("wrapped", sa.LargeBinary),
        sa.Column("created_at", _ORDERED, nullable=False),
        sa.Column("retired_at", _ORDERED),
        sa.CheckConstraint("(wrapped IS NULL) = (retired_at IS NOT NULL)", name="wrapping_key_retired"),
        sqlite_strict=True,
    )
    op.create_table(
        "customer_key",
        sa.Column("customer_id", _ORDERED, primary_key=True),
        sa.Column("wrapping_version", sa.Integer, sa.ForeignKey("wrapping_key.version"), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "platform_key",
        sa.Column("name", _ORDERED, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("wrapping_version", sa.Integer, sa.ForeignKey("wrapping_key.version"), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    if op.get_context().dialect.name == "postgresql":
        # ANALYZE would copy wrapped keys and ids into pg_statistic, where they outlive their rows.
        op.execute("ALTER TABLE customer_key ALTER COLUMN wrapped SET STATISTICS 0")
        op.execute("ALTER TABLE customer_key ALTER COLUMN customer_id SET STATISTICS 0")
