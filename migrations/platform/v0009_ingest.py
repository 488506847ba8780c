"""Where events come from, where they wait, what they became, and what was wrong with them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "platform_0009"
down_revision = "platform_0008"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
_BYTES = sa.LargeBinary()

_ABOUT_PEOPLE = {
    "cdp_spool_body": ("spool_id", "sealed"),
    "cdp_event": ("customer_id", "message", "row_id", "received_at", "rest"),
    "cdp_undeclared": ("token", "sealed"),
    "cdp_quarantine": ("quarantine_id", "sealed"),
}


def upgrade() -> None:
    """Makes the tables."""
    _queue()
    _kept()
    if op.get_context().dialect.name == "postgresql":
        for table, names in _ABOUT_PEOPLE.items():
            for name in names:
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {name} SET STATISTICS 0")


def _queue() -> None:
    _table(
        "cdp_source",
        sa.Column("source", _INTEGER, primary_key=True, autoincrement=False),
        sa.Column("name", _TEXT, nullable=False, unique=True),
        sa.Column("key_digest", _TEXT, nullable=False, unique=True),
        _column("trusted", _FLAG),
        _column("consent", _TEXT),
        _column("created_at", _TEXT),
        sa.Column("revoked_at", _TEXT),
    )
    _table(
        "cdp_spool",
        sa.Column("spool_id", _TEXT, primary_key=True),
        _column("source", _INTEGER),
        _column("received_at", _TEXT),
        *(_column(name, _INTEGER) for name in ("events", "size", "attempts")),
    )
    _table("cdp_spool_body", sa.Column("spool_id", _TEXT, primary_key=True), _column("sealed", _BYTES))
    _table(
        "cdp_ingest_count",
        _column("source", _INTEGER),
        *(_column(name, _TEXT) for name in ("what", "reason")),
        _column("number", _INTEGER),
        sa.PrimaryKeyConstraint("source", "what", "reason"),
    )


def _kept() -> None:
    _table(
        "cdp_event",
        _column("customer_id", _TEXT),
        _column("source", _INTEGER),
        *(_column(name, _TEXT) for name in ("message", "kind", "entity", "row_id", "received_at")),
        _column("read_with", _INTEGER),
        sa.Column("rest", _BYTES),
        sa.PrimaryKeyConstraint("customer_id", "source", "message"),
    )
    op.create_index("cdp_event_message", "cdp_event", ["source", "message"], unique=True)
    op.create_index("cdp_event_read_with", "cdp_event", ["read_with"])
    _table(
        "cdp_undeclared",
        sa.Column("token", _TEXT, primary_key=True),
        _column("source", _INTEGER),
        _column("sealed", _BYTES),
        _column("seen", _INTEGER),
        *(_column(name, _TEXT) for name in ("looks", "first_at", "last_at")),
    )
    _table(
        "cdp_quarantine",
        sa.Column("quarantine_id", _TEXT, primary_key=True),
        _column("source", _INTEGER),
        *(_column(name, _TEXT) for name in ("reason", "received_at")),
        _column("sealed", _BYTES),
    )


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, sqlite_strict=True)


def _column(name: str, type_: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=False)
