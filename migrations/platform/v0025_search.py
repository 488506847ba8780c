"""Searching the log, and long work in the background."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0025"
down_revision = "platform_0024"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the four tables. What the log already has is taken in later, piece by piece."""
    op.create_table(
        "cdp_log_indexed",
        sa.Column("one", _INTEGER, sa.CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
        *(sa.Column(name, _INTEGER, nullable=False) for name in ("pieces", "drops")),
        sqlite_strict=True,
    )
    op.execute("INSERT INTO cdp_log_indexed (one, pieces, drops) VALUES (1, 0, 0)")
    op.create_table(
        "cdp_log_posting",
        *(sa.Column(name, _TEXT, nullable=False) for name in ("part", "value")),
        sa.Column("piece", _INTEGER, nullable=False),
        sa.Column("members", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("part", "value", "piece"),
        sqlite_strict=True,
    )
    op.create_index("cdp_log_posting_piece", "cdp_log_posting", ["piece"])
    said = ("hour", "what", "act", "principal", "role", "view", "purpose", "recipient", "code")
    op.create_table(
        "cdp_log_tally",
        *(sa.Column(name, _INTEGER, nullable=False) for name in ("piece", "line")),
        *(sa.Column(name, _TEXT, nullable=False) for name in said),
        *(sa.Column(name, _INTEGER, nullable=False) for name in ("entries", "acts", "rows", "customers")),
        sa.Column("last", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("piece", "line"),
        sqlite_strict=True,
    )
    op.create_index("cdp_log_tally_hour", "cdp_log_tally", ["hour"])
    op.create_table(
        "cdp_job",
        sa.Column("job_id", _TEXT, primary_key=True),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("kind", "state", "asked_by", "asked_at", "beat_at")),
        *(sa.Column(name, _INTEGER, nullable=False) for name in ("done", "total")),
        sa.Column("said", _TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("cdp_job_kind", "cdp_job", ["kind", "asked_at"])
