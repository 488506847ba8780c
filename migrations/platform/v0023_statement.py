"""Privacy statements: every version, and which of them a customer has read."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0023"
down_revision = "platform_0022"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the two tables."""
    op.create_table(
        "cdp_statement_version",
        sa.Column("version", _INTEGER, primary_key=True, autoincrement=False),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("digest", "body", "author", "created_at")),
        sqlite_strict=True,
    )
    op.create_table(
        "cdp_statement_read",
        sa.Column("customer_id", _TEXT, nullable=False),
        sa.Column("version", _INTEGER, nullable=False),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("language", "read_at")),
        sa.PrimaryKeyConstraint("customer_id", "version"),
        sqlite_strict=True,
    )
