"""Passkeys of customers, and the challenges that they sign."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0014"
down_revision = "platform_0013"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the tables."""

    def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
        return sa.Column(name, _TEXT, nullable=nullable)

    op.create_table(
        "cdp_challenge",
        sa.Column("challenge", _TEXT, primary_key=True),
        *map(text, ("browser", "use", "expires_at")),
        sqlite_strict=True,
    )
    op.create_index("cdp_challenge_age", "cdp_challenge", ["expires_at"])
    op.create_table(
        "cdp_passkey",
        *map(text, ("customer_id", "passkey")),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", _INTEGER, nullable=False),
        text("created_at"),
        text("used_at", nullable=True),
        text("doubted_at", nullable=True),
        sa.PrimaryKeyConstraint("customer_id", "passkey"),
        sqlite_strict=True,
    )
    op.create_index("cdp_passkey_passkey", "cdp_passkey", ["passkey"], unique=True)
