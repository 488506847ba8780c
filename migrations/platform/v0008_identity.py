"""Identity: identifiers beside those of fields, claims to be decided, merges, and what each source said."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0008"
down_revision = "platform_0007"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")

_ABOUT_PEOPLE = {
    "cdp_link": ("customer_id", "token", "sealed"),
    "cdp_merge": ("customer_id", "absorbed", "ordinal", "sealed"),
    "cdp_said": ("customer_id", "sealed"),
}


def upgrade() -> None:
    """Adds a column and makes the three tables."""
    on_sqlite = op.get_context().dialect.name == "sqlite"
    no = sa.text("0" if on_sqlite else "false")
    op.add_column("cdp_identifier", sa.Column("alias", _FLAG, nullable=False, server_default=no))
    _table(
        "cdp_link",
        *(sa.Column(name, _TEXT, nullable=False) for name in ("customer_id", "link_id", "source", "kind", "token")),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("state", "first_at", "decided_by")),
        sa.PrimaryKeyConstraint("customer_id", "link_id"),
    )
    op.create_index("cdp_link_state", "cdp_link", ["state", "link_id"])
    _table(
        "cdp_merge",
        *(sa.Column(name, _TEXT, nullable=False) for name in ("customer_id", "merge_id", "absorbed")),
        sa.Column("ordinal", _INTEGER, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("cause", "actor", "merged_at")),
        sa.Column("undone_at", _TEXT),
        sa.PrimaryKeyConstraint("customer_id", "merge_id"),
    )
    op.create_index("cdp_merge_absorbed", "cdp_merge", ["absorbed"])
    _table(
        "cdp_said",
        *(sa.Column(name, _TEXT, nullable=False) for name in ("customer_id", "source")),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "source"),
    )
    op.create_index("cdp_said_source", "cdp_said", ["source"])
    if not on_sqlite:
        for table, names in _ABOUT_PEOPLE.items():
            for name in names:
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {name} SET STATISTICS 0")


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, sqlite_strict=True)
