"""Proposals: drafts of the next policy or catalogue, and what became of them."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0024"
down_revision = "platform_0023"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "cdp_proposal",
        sa.Column("number", _INTEGER, primary_key=True, autoincrement=False),
        sa.Column("kind", _TEXT, sa.CheckConstraint("kind IN ('policy', 'catalogue')"), nullable=False),
        sa.Column("base", _INTEGER, nullable=False),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("text", "digest", "state", "author")),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("created_at", "changed_at")),
        sa.Column("decided_by", _TEXT),
        sa.Column("version", _INTEGER),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("cdp_proposal_state", "cdp_proposal", ["kind", "state", "number"])
    op.create_index("cdp_proposal_version", "cdp_proposal", ["kind", "version"])
