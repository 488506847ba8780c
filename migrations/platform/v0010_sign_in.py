"""How customers get in: sign-in links and sessions, of which only hashes and sealed ids are kept."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0010"
down_revision = "platform_0009"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Makes the two tables."""

    def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
        return sa.Column(name, _TEXT, nullable=nullable)

    op.create_table(
        "cdp_sign_in_link",
        sa.Column("link", _TEXT, primary_key=True),
        text("browser"),
        sa.Column("holder", sa.LargeBinary(), nullable=False),
        text("asked"),
        text("created_at"),
        text("expires_at"),
        text("used_at", nullable=True),
        sqlite_strict=True,
    )
    op.create_index("cdp_sign_in_link_asked", "cdp_sign_in_link", ["asked", "created_at"])
    op.create_table(
        "cdp_session",
        sa.Column("session", _TEXT, primary_key=True),
        sa.Column("holder", sa.LargeBinary(), nullable=False),
        *map(text, ("bearer", "created_at", "seen_at", "expires_at", "proven_at")),
        sqlite_strict=True,
    )
    op.create_index("cdp_session_bearer", "cdp_session", ["bearer"])
