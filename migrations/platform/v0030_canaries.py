"""People of whom there is nobody, sealed; how far their appearances were looked for; and what was found."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0030"
down_revision = "platform_0029"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "cdp_canary",
        sa.Column("canary", _TEXT, primary_key=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "cdp_canary_named",
        sa.Column("named", _TEXT, primary_key=True),
        sa.Column("entry", _INTEGER, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "cdp_canary_look",
        sa.Column("one", _INTEGER, sa.CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
        sa.Column("next_entry", _INTEGER, nullable=False),
        sa.Column("looked_at", _TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "cdp_canary_alarm",
        sa.Column("entry", _INTEGER, primary_key=True, autoincrement=False),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("kind", "by", "view", "suspects", "at", "found_at")),
        *(sa.Column(name, _TEXT) for name in ("settled_at", "settled_by")),
        sqlite_strict=True,
    )
