"""Break-glass: grants, and whom they are over."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0026"
down_revision = "platform_0025"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_LATER = (
    "decision", "decided_by", "decided_at", "expires_at", "used_at", "ended_by", "ended_at", "delayed_by",
    "delayed_until", "verdict", "reviewed_by", "reviewed_at",
)  # fmt: skip
_CUSTOMER = ("customer_id", "grant_id", "used_at", "told_at", "seen_at", "sealed")


def upgrade() -> None:
    """Makes the two tables; what is in the columns of the second is about people, and is not sampled."""
    op.create_table(
        "cdp_break_glass",
        sa.Column("grant_id", _TEXT, primary_key=True),
        sa.Column("form", _TEXT, nullable=False),
        sa.Column("revision", _INTEGER, nullable=False),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("asked_by", "staff", "role", "views")),
        sa.Column("minutes", _INTEGER, nullable=False),
        sa.Column("customers", _INTEGER, nullable=False),
        sa.Column("asked_at", _TEXT, nullable=False),
        *(sa.Column(name, _TEXT) for name in _LATER),
        sqlite_strict=True,
    )
    op.create_index("cdp_break_glass_form", "cdp_break_glass", ["asked_by", "form"], unique=True)
    op.create_index("cdp_break_glass_asked", "cdp_break_glass", ["asked_at", "grant_id"])
    op.create_index("cdp_break_glass_review", "cdp_break_glass", ["reviewed_at", "used_at"])
    op.create_table(
        "cdp_break_glass_customer",
        *(sa.Column(name, _TEXT, nullable=False) for name in ("customer_id", "grant_id")),
        *(sa.Column(name, _TEXT) for name in ("used_at", "told_at", "seen_at")),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "grant_id"),
        sqlite_strict=True,
    )
    op.create_index("cdp_break_glass_customer_grant", "cdp_break_glass_customer", ["grant_id"])
    op.create_index("cdp_break_glass_customer_told", "cdp_break_glass_customer", ["told_at", "used_at"])
    if op.get_context().dialect.name == "postgresql":
        for name in _CUSTOMER:
            op.execute(f"ALTER TABLE cdp_break_glass_customer ALTER COLUMN {name} SET STATISTICS 0")
