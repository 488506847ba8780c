"""The last letters to people who were erased, for as long as the mail does not take them."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0031"
down_revision = "platform_0030"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BYTES = sa.LargeBinary()


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "cdp_last_letter",
        sa.Column("customer_id", _TEXT, primary_key=True),
        sa.Column("erasure_id", _TEXT, nullable=False),
        sa.Column("attempts", _INTEGER, nullable=False),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("next_at", "until")),
        sa.Column("sealed", _BYTES, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("cdp_last_letter_next", "cdp_last_letter", ["next_at"])
