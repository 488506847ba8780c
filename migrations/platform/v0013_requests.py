"""What people ask for: requests and their steps, corrections, attachments, letters, notices to recipients."""

import sqlalchemy as sa
from alembic import op

revision = "platform_0013"
down_revision = "platform_0012"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the six tables; what is in their columns is about people, and is not sampled."""
    _requests()
    _what_hangs_on_them()
    _what_follows()
    if op.get_context().dialect.name == "postgresql":
        for table, names in _COLUMNS.items():
            for name in names:
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {name} SET STATISTICS 0")


def _requests() -> None:
    _make(
        "cdp_request",
        *_texts("customer_id", "request_id", "kind", "state"),
        sa.Column("revision", _INTEGER, nullable=False),
        *_texts("form", "filed_by"),
        sa.Column("taken_by", _TEXT),
        *_texts("regime", "clock", "language", "received_at", "due_at"),
        sa.Column("extended", _FLAG, nullable=False),
        *_texts("pauses"),
        sa.Column("paused_at", _TEXT),
        sa.Column("closed_at", _TEXT),
        *_texts("reminded", "identity"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "request_id"),
    )
    op.create_index("cdp_request_id", "cdp_request", ["request_id"], unique=True)
    op.create_index("cdp_request_form", "cdp_request", ["customer_id", "form"], unique=True)
    op.create_index("cdp_request_due", "cdp_request", ["state", "due_at"])


def _what_hangs_on_them() -> None:
    _make(
        "cdp_request_step",
        *_texts("customer_id", "request_id"),
        sa.Column("number", _INTEGER, nullable=False),
        *_texts("step", "actor", "at"),
        sa.Column("entry", _INTEGER),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "request_id", "number"),
    )
    _make(
        "cdp_correction",
        *_texts("customer_id", "request_id", "entity", "row_id", "field", "state"),
        sa.Column("revision", _INTEGER, nullable=False),
        sa.Column("decided_by", _TEXT),
        sa.Column("decided_at", _TEXT),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "request_id", "entity", "row_id", "field"),
    )
    op.create_index("cdp_correction_request", "cdp_correction", ["request_id"])
    _make(
        "cdp_attachment",
        *_texts("customer_id", "request_id", "attachment_id", "type"),
        sa.Column("size", _INTEGER, nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "request_id", "attachment_id"),
    )


def _what_follows() -> None:
    _make(
        "cdp_letter",
        *_texts("customer_id", "letter_id", "request_id", "template", "language", "state"),
        sa.Column("attempts", _INTEGER, nullable=False),
        *_texts("next_at", "created_at"),
        sa.Column("sent_at", _TEXT),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "letter_id"),
    )
    op.create_index("cdp_letter_next", "cdp_letter", ["state", "next_at"])
    _make(
        "cdp_recipient_notice",
        *_texts("customer_id", "notice_id", "request_id", "recipient", "cause", "fields"),
        sa.Column("entry", _INTEGER, nullable=False),
        *_texts("created_at"),
        sa.Column("told_at", _TEXT),
        sa.Column("told_by", _TEXT),
        sa.PrimaryKeyConstraint("customer_id", "notice_id"),
    )
    op.create_index("cdp_recipient_notice_told", "cdp_recipient_notice", ["told_at"])


_COLUMNS: dict[str, list[str]] = {}


def _make(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, sqlite_strict=True)
    _COLUMNS[name] = [part.name for part in parts if isinstance(part, sa.Column)]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, _TEXT, nullable=False) for name in names]
