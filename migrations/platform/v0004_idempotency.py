"""What became of an app's changes, so that one that is sent twice is done once."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0004"
down_revision = "platform_0003"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the table; what is in it is a day old at most."""
    op.create_table(
        "cdp_idempotency",
        sa.Column("principal", _TEXT, nullable=False),
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("request", _TEXT, nullable=False),
        sa.Column("status", _INTEGER, nullable=False),
        sa.Column("etag", _TEXT, nullable=False),
        sa.Column("created_at", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("principal", "key"),
        sqlite_strict=True,
    )
    op.create_index("cdp_idempotency_age", "cdp_idempotency", ["created_at"])
