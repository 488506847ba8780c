"""What an act of consent belongs to: the merge, import, signal or version of a regime that caused it."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0003"
down_revision = "platform_0002"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds the column, and keeps PostgreSQL from emptying the history at once, which no trigger for rows would see."""
    op.add_column("cdp_consent_event", sa.Column("reference", _TEXT, nullable=True))
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE cdp_consent_event ALTER COLUMN reference SET STATISTICS 0")
        op.execute(
            "CREATE TRIGGER cdp_consent_event_no_truncate BEFORE TRUNCATE ON cdp_consent_event"
            " FOR EACH STATEMENT EXECUTE FUNCTION cdp_refuse()"
        )
