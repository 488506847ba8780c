"""Sign-in through an organisation's own provider: journeys there and back, and whom it spoke of."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0017"
down_revision = "platform_0016"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Makes the tables."""

    def text(name: str) -> sa.Column[str]:
        return sa.Column(name, _TEXT, nullable=False)

    op.create_table(
        "cdp_oidc_journey",
        sa.Column("state", _TEXT, primary_key=True),
        *map(text, ("browser", "kind")),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        text("expires_at"),
        sqlite_strict=True,
    )
    op.create_index("cdp_oidc_journey_age", "cdp_oidc_journey", ["expires_at"])
    op.create_table(
        "cdp_oidc_customer",
        *map(text, ("customer_id", "subject", "linked_at")),
        sa.PrimaryKeyConstraint("customer_id", "subject"),
        sqlite_strict=True,
    )
    op.create_index("cdp_oidc_customer_subject", "cdp_oidc_customer", ["subject"], unique=True)
