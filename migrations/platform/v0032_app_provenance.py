"""What an app declares of what it writes: a set of provenance; none where it declares nothing."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0032"
down_revision = "platform_0031"

_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds the column."""
    op.add_column("cdp_app", sa.Column("provenance", _INTEGER))
