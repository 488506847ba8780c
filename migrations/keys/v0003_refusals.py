"""What outlives a copy of the data that is older than it: who refused what, as random ids."""

import sqlalchemy as sa
from alembic import op

revision = "keys_0003"
down_revision = "keys_0002"

_ORDERED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "refusal",
        sa.Column("customer_id", _ORDERED, primary_key=True),
        sa.Column("event_id", _ORDERED, primary_key=True),
        sa.Column("choice", _ORDERED, nullable=False),
        sa.Column("effective_at", _ORDERED, nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("refusal_by_size", "refusal", ["size"])
    if op.get_context().dialect.name == "postgresql":
        for column in ("customer_id", "event_id", "choice", "effective_at"):
            op.execute(f"ALTER TABLE refusal ALTER COLUMN {column} SET STATISTICS 0")
