"""Reports that were asked for, how far each is, and those that are kept."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0033"
down_revision = "platform_0032"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "cdp_report",
        sa.Column("report", _TEXT, primary_key=True),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("state", "sections", "language", "since", "until")),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("asked_at", "asked_by", "asked_as", "beat_at")),
        *(sa.Column(name, _INTEGER, nullable=False) for name in ("attempt", "done", "size")),
        sa.Column("made_at", _TEXT),
        sa.Column("code", _TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("cdp_report_asked", "cdp_report", ["asked_at"])
    op.create_table(
        "cdp_report_file",
        sa.Column("report", _TEXT, primary_key=True),
        sa.Column("archive", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
