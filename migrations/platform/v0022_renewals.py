"""Renewals: which values people were asked about, and what they confirmed."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0022"
down_revision = "platform_0021"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_KEY = ("customer_id", "entity", "row_id", "field")


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "cdp_renewal",
        *(sa.Column(name, _TEXT, nullable=False) for name in (*_KEY, "asked_on")),
        sa.Column("confirmed_on", _TEXT),
        sa.PrimaryKeyConstraint(*_KEY),
        sqlite_strict=True,
    )
    if op.get_context().dialect.name == "postgresql":
        for name in (*_KEY, "asked_on", "confirmed_on"):
            op.execute(f"ALTER TABLE cdp_renewal ALTER COLUMN {name} SET STATISTICS 0")
