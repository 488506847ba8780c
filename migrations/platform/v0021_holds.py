"""Holds: what a law keeps of people who were erased, and what the register of erasures says of it."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0021"
down_revision = "platform_0020"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the table, and the column."""
    op.create_table(
        "cdp_held",
        sa.Column("customer_id", _TEXT, nullable=False),
        sa.Column("number", _INTEGER, nullable=False),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("erasure_id", "entity", "purpose", "until")),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "number"),
        sqlite_strict=True,
    )
    op.create_index("cdp_held_until", "cdp_held", ["until"])
    op.add_column("cdp_erasure", sa.Column("held", _TEXT))
    if op.get_context().dialect.name == "postgresql":
        for name in ("customer_id", "sealed"):
            op.execute(f"ALTER TABLE cdp_held ALTER COLUMN {name} SET STATISTICS 0")
        op.execute("ALTER TABLE cdp_erasure ALTER COLUMN held SET STATISTICS 0")
