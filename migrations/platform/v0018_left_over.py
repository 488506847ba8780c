"""What columns of files that the catalogue does not know said of rows, sealed until they are classified."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0018"
down_revision = "platform_0017"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "cdp_left_over",
        *(sa.Column(name, _TEXT, nullable=False) for name in ("customer_id", "entity", "row_id")),
        sa.Column("read_with", _INTEGER, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "entity", "row_id"),
        sqlite_strict=True,
    )
    op.create_index("cdp_left_over_read_with", "cdp_left_over", ["read_with"])
    if op.get_context().dialect.name == "postgresql":
        for name in ("customer_id", "row_id", "sealed"):
            op.execute(f"ALTER TABLE cdp_left_over ALTER COLUMN {name} SET STATISTICS 0")
