"""The next statement while it is being written, how far letters about a version have come, and counts of readers."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0027"
down_revision = "platform_0026"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes two tables and an index."""
    op.create_table(
        "cdp_statement_draft",
        sa.Column("one", _INTEGER, sa.CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
        sa.Column("revision", _TEXT, nullable=False),
        sa.Column("base", _INTEGER, nullable=False),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("body", "author", "saved_at")),
        sqlite_strict=True,
    )
    op.create_table(
        "cdp_statement_telling",
        sa.Column("version", _INTEGER, primary_key=True, autoincrement=False),
        sa.Column("position", _INTEGER, nullable=False),
        sa.Column("letters", _INTEGER, nullable=False),
        sa.Column("began_at", _TEXT, nullable=False),
        sa.Column("finished_at", _TEXT),
        sqlite_strict=True,
    )
    op.create_index("cdp_statement_read_version", "cdp_statement_read", ["version", "read_at"])
