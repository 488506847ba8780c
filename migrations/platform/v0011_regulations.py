"""Regulations: who may ask for them, which were asked for, and whom they name, sealed."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0011"
down_revision = "platform_0010"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_ABOUT_PEOPLE = {"cdp_regulation_body": ("regulation_id", "sealed"), "cdp_suppressed_name": ("token", "sealed")}


def upgrade() -> None:
    """Makes the four tables."""
    op.create_table(
        "cdp_regulator",
        _key("regulator"),
        sa.Column("key_digest", _TEXT, nullable=False, unique=True),
        _text("created_at"),
        sa.Column("revoked_at", _TEXT),
        sqlite_strict=True,
    )
    op.create_table(
        "cdp_regulation",
        _key("regulation_id"),
        *(_text(name) for name in ("regulator", "type", "status")),
        sa.Column("attempts", _INTEGER, nullable=False),
        _text("created_at"),
        sa.Column("finished_at", _TEXT),
        sqlite_strict=True,
    )
    op.create_index("cdp_regulation_status", "cdp_regulation", ["status", "regulation_id"])
    op.create_table("cdp_regulation_body", _key("regulation_id"), _sealed(), sqlite_strict=True)
    op.create_table("cdp_suppressed_name", _key("token"), _sealed(), _text("since"), sqlite_strict=True)
    if op.get_context().dialect.name == "postgresql":
        for table, names in _ABOUT_PEOPLE.items():
            for name in names:
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {name} SET STATISTICS 0")


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, _TEXT, primary_key=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _TEXT, nullable=False)


def _sealed() -> sa.Column[bytes]:
    return sa.Column("sealed", sa.LargeBinary(), nullable=False)
