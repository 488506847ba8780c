"""Caps of sources, and how much each has used of them on a day."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0020"
down_revision = "platform_0019"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds the column and makes the table."""
    op.add_column("cdp_source", sa.Column("caps", _TEXT, nullable=False, server_default="{}"))
    op.create_table(
        "cdp_source_day",
        sa.Column("source", _INTEGER, nullable=False),
        sa.Column("day", _TEXT, nullable=False),
        sa.Column("what", _TEXT, nullable=False),
        sa.Column("number", _INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("source", "day", "what"),
        sqlite_strict=True,
    )
