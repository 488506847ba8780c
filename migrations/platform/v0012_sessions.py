"""Sessions whose secrets rotate, with ids of their own; secrets they had before, and forms held meanwhile.

Sessions begin anew: who is signed in signs in once more.
"""

import sqlalchemy as sa
from alembic import op

revision = "platform_0012"
down_revision = "platform_0011"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Makes the tables."""

    def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
        return sa.Column(name, _TEXT, nullable=nullable)

    op.drop_table("cdp_session")
    op.create_table(
        "cdp_session",
        sa.Column("session", _TEXT, primary_key=True),
        text("kind"),
        text("secret"),
        text("next", nullable=True),
        sa.Column("holder", sa.LargeBinary(), nullable=False),
        *map(text, ("bearer", "device", "proved_by")),
        *map(text, ("created_at", "seen_at", "expires_at", "proved_at", "rotated_at")),
        sqlite_strict=True,
    )
    op.create_index("cdp_session_secret", "cdp_session", ["secret"], unique=True)
    op.create_index("cdp_session_next", "cdp_session", ["next"], unique=True)
    op.create_index("cdp_session_bearer", "cdp_session", ["bearer"])
    op.create_table(
        "cdp_spent_secret",
        sa.Column("secret", _TEXT, primary_key=True),
        *map(text, ("session", "stops_at", "spent_at")),
        sqlite_strict=True,
    )
    op.create_index("cdp_spent_secret_session", "cdp_spent_secret", ["session"])
    op.create_table(
        "cdp_held_form",
        sa.Column("held", _TEXT, primary_key=True),
        *map(text, ("session", "bearer")),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        text("expires_at"),
        sqlite_strict=True,
    )
    op.create_index("cdp_held_form_session", "cdp_held_form", ["session"])
