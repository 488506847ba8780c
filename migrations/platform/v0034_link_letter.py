"""The letter with a link to sign in, which waits in its row until the mail has taken it."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0034"
down_revision = "platform_0033"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds the columns; links that were asked for before have been sent."""
    op.add_column("cdp_sign_in_link", sa.Column("letter", sa.LargeBinary()))
    op.add_column("cdp_sign_in_link", sa.Column("next_at", _TEXT))
    op.create_index("cdp_sign_in_link_next", "cdp_sign_in_link", ["next_at"])
