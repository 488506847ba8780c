"""Exports: how far each is, and the archives that wait, sealed under the key of whom they are of."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0015"
down_revision = "platform_0014"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_ABOUT_PEOPLE = {"cdp_export": ("holder", "bearer"), "cdp_export_part": ("customer_id", "export_id", "sealed")}


def upgrade() -> None:
    """Makes the two tables."""
    op.create_table(
        "cdp_export",
        sa.Column("export_id", _TEXT, primary_key=True),
        sa.Column("holder", sa.LargeBinary(), nullable=False),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("bearer", "state", "language")),
        *(sa.Column(name, _INTEGER, nullable=False) for name in ("attempt", "files", "of_files", "rows_done", "size")),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("code", "asked_at", "beat_at")),
        sa.Column("ended_at", _TEXT),
        sqlite_strict=True,
    )
    op.create_index("cdp_export_bearer", "cdp_export", ["bearer"])
    op.create_index("cdp_export_state", "cdp_export", ["state"])
    op.create_table(
        "cdp_export_part",
        *(sa.Column(name, _TEXT, nullable=False) for name in ("customer_id", "export_id")),
        sa.Column("part", _INTEGER, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "export_id", "part"),
        sqlite_strict=True,
    )
    if op.get_context().dialect.name == "postgresql":
        for table, names in _ABOUT_PEOPLE.items():
            for name in names:
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {name} SET STATISTICS 0")
