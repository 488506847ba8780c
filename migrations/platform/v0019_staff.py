"""Accounts of staff: who works in the console, and how they sign in."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0019"
down_revision = "platform_0018"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, _TEXT, nullable=nullable)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "cdp_staff",
        sa.Column("staff", _TEXT, primary_key=True),
        *map(_text, ("name", "role")),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        _text("address_token"),
        _text("password", nullable=True),
        sa.Column("totp", sa.LargeBinary()),
        sa.Column("totp_step", _INTEGER, nullable=False),
        _text("subject", nullable=True),
        *map(_text, ("created_at", "created_by")),
        _text("welcomed_at", nullable=True),
        _text("disabled_at", nullable=True),
        sqlite_strict=True,
    )
    op.create_index("cdp_staff_name", "cdp_staff", ["name"], unique=True)
    op.create_index("cdp_staff_subject", "cdp_staff", ["subject"], unique=True)
    able = sa.text("disabled_at IS NULL")
    op.create_index(
        "cdp_staff_address", "cdp_staff", ["address_token"], unique=True, sqlite_where=able, postgresql_where=able
    )
    op.create_table(
        "cdp_staff_link",
        sa.Column("link", _TEXT, primary_key=True),
        *map(_text, ("staff", "expires_at")),
        sqlite_strict=True,
    )
    op.create_table(
        "cdp_recovery_code",
        *map(_text, ("staff", "code")),
        sa.PrimaryKeyConstraint("staff", "code"),
        sqlite_strict=True,
    )
    op.create_table(
        "cdp_staff_passkey",
        *map(_text, ("staff", "passkey")),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", _INTEGER, nullable=False),
        _text("created_at"),
        _text("used_at", nullable=True),
        _text("doubted_at", nullable=True),
        sa.PrimaryKeyConstraint("staff", "passkey"),
        sqlite_strict=True,
    )
    op.create_index("cdp_staff_passkey_passkey", "cdp_staff_passkey", ["passkey"], unique=True)
