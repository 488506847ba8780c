"""Downstream apps: what each may read, and the digest of its secret."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0007"
down_revision = "platform_0006"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NAMES = ("name", "role", "purpose", "views")


def upgrade() -> None:
    """Makes the table; of the apps that are not revoked, no two have one name."""
    op.create_table(
        "cdp_app",
        sa.Column("client_id", _TEXT, primary_key=True),
        *(sa.Column(name, _TEXT, nullable=False) for name in _NAMES),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("created_at", "created_by")),
        *(sa.Column(name, _TEXT) for name in ("expires_at", "revoked_at")),
        sqlite_strict=True,
    )
    open_ones = sa.text("revoked_at IS NULL")
    op.create_index(
        "cdp_app_name", "cdp_app", ["name"], unique=True, sqlite_where=open_ones, postgresql_where=open_ones
    )
