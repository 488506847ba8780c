"""When apps and staff were last used and confirmed, how often a secret was renewed, and agreements with recipients."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0028"
down_revision = "platform_0027"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds the columns and makes the table."""
    op.add_column("cdp_app", sa.Column("renewed", _INTEGER, nullable=False, server_default="0"))
    for table, names in (
        ("cdp_app", ("used_at", "confirmed_at", "confirmed_by")),
        ("cdp_staff", ("signed_in_at", "confirmed_at", "confirmed_by")),
    ):
        for name in names:
            op.add_column(table, sa.Column(name, _TEXT))
    op.create_table(
        "cdp_agreement",
        sa.Column("agreement", _INTEGER, primary_key=True, autoincrement=False),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("recipient", "contact", "fields", "purposes", "since")),
        sa.Column("until", _TEXT),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("reference", "created_at", "created_by")),
        *(sa.Column(name, _TEXT) for name in ("ended_at", "ended_by")),
        sqlite_strict=True,
    )
    op.create_index("cdp_agreement_recipient", "cdp_agreement", ["recipient"])
