"""The platform's tables: versions in force, indexes, tokens, the consent history, the log, releases, imports."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "platform_0001"
down_revision = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
_BYTES = sa.LargeBinary()

_ABOUT_PEOPLE = {
    "cdp_identifier": ("customer_id", "row_id", "token"),
    "cdp_word": ("customer_id", "row_id", "token"),
    "cdp_token": ("customer_id", "row_id", "token"),
    "cdp_consent_event": ("customer_id", "event_id", "evidence", "jurisdiction"),
    "cdp_log_subject": ("salt", "members"),
    "cdp_log_note": ("salt", "sealed"),
}


def upgrade() -> None:
    """Makes the tables, the first rows, and the triggers that keep history append-only."""
    _versions()
    _indexes()
    _consent()
    _log()
    _work()
    if op.get_context().dialect.name == "postgresql":
        for table, names in _ABOUT_PEOPLE.items():
            for name in names:  # ANALYZE would copy samples into pg_statistic, where they outlive their rows
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {name} SET STATISTICS 0")


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, sqlite_strict=True)


def _column(name: str, type_: sa.types.TypeEngine[Any], *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, _INTEGER, primary_key=True, autoincrement=False)


def _versions() -> None:
    for name in ("cdp_catalogue_version", "cdp_policy_version"):
        words = [_column(each, _TEXT) for each in ("digest", "body", "author", "created_at")]
        _table(name, _number("version"), *words)
    _table(
        "cdp_in_force",
        sa.Column("one", _INTEGER, sa.CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
        _column("catalogue_version", _INTEGER),
        _column("catalogue_digest", _TEXT),
        _column("policy_version", _INTEGER),
        _column("policy_digest", _TEXT),
        _column("applying", _INTEGER, nullable=True),
        _column("vault", _TEXT),
    )
    op.execute("INSERT INTO cdp_in_force VALUES (1, 0, '', 0, '', NULL, '')")
    _table("cdp_counter", sa.Column("name", _TEXT, primary_key=True), _column("next", _INTEGER))


def _indexes() -> None:
    def about_row() -> list[sa.Column[Any]]:
        return [_column(name, _TEXT) for name in ("customer_id", "entity", "row_id")]

    _table(
        "cdp_identifier",
        *about_row(),
        _column("kind", _TEXT),
        _column("token", _TEXT),
        _column("verified", _FLAG),
        sa.PrimaryKeyConstraint("customer_id", "entity", "row_id", "kind", "token"),
    )
    op.create_index("cdp_identifier_token", "cdp_identifier", ["entity", "kind", "token"])
    op.create_index(
        "cdp_identifier_verified",
        "cdp_identifier",
        ["entity", "kind", "token"],
        unique=True,
        sqlite_where=sa.text("verified = 1"),
        postgresql_where=sa.text("verified"),
    )
    _table(
        "cdp_word",
        *about_row(),
        _column("field", _TEXT),
        _column("token", _TEXT),
        sa.PrimaryKeyConstraint("customer_id", "entity", "row_id", "field", "token"),
    )
    op.create_index("cdp_word_token", "cdp_word", ["entity", "field", "token"])
    _table(
        "cdp_token",
        *about_row(),
        _column("scope", _TEXT),
        _column("token", _TEXT),
        sa.PrimaryKeyConstraint("customer_id", "entity", "row_id", "scope"),
    )
    op.create_index("cdp_token_token", "cdp_token", ["scope", "entity", "token"], unique=True)
    key = sa.PrimaryKeyConstraint("scope", "entity")
    _table("cdp_token_scope", _column("scope", _TEXT), _column("entity", _TEXT), key)


def _consent() -> None:
    _table(
        "cdp_consent_event",
        _column("customer_id", _TEXT),
        _column("event_id", _TEXT),
        _column("choice", _TEXT),
        sa.Column("state", _TEXT, sa.CheckConstraint("state IN ('refused', 'allowed')"), nullable=False),
        _column("effective_at", _TEXT),
        _column("received_at", _TEXT),
        _column("source", _TEXT),
        _column("evidence", _TEXT),
        _column("jurisdiction", _TEXT, nullable=True),
        sa.PrimaryKeyConstraint("customer_id", "event_id"),
    )
    _refuse("cdp_consent_event", "UPDATE")
    _refuse("cdp_consent_event", "DELETE")


def _log() -> None:
    _table("cdp_log_entry", _number("number"), _column("entry", _BYTES), _column("leaf", _BYTES))
    _table(
        "cdp_log_tile",
        _column("level", _INTEGER),
        _column("number", _INTEGER),
        _column("hash", _BYTES),
        sa.PrimaryKeyConstraint("level", "number"),
    )
    _table(
        "cdp_log_head",
        sa.Column("one", _INTEGER, sa.CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
        _column("frontier", _BYTES),
    )
    op.execute(sa.text("INSERT INTO cdp_log_head VALUES (1, :empty)").bindparams(empty=bytes(8)))
    _table(
        "cdp_log_subject",
        _column("block", _INTEGER),
        _column("entry", _INTEGER),
        _column("salt", _BYTES),
        _column("members", _BYTES),
        sa.PrimaryKeyConstraint("block", "entry"),
    )
    op.create_index("cdp_log_subject_entry", "cdp_log_subject", ["entry"])
    _table("cdp_log_note", _number("entry"), _column("salt", _BYTES), _column("sealed", _BYTES))
    _refuse("cdp_log_entry", "UPDATE")
    _refuse("cdp_log_tile", "UPDATE")
    _refuse("cdp_log_tile", "DELETE")


def _work() -> None:
    _table(
        "cdp_release",
        _number("release"),
        *(_column(name, _TEXT) for name in ("view", "plan_digest", "columns")),
        *(_column(name, _INTEGER) for name in ("k", "diversity", "size", "suppressed")),
        _column("created_at", _TEXT),
    )
    _refuse("cdp_release", "UPDATE")
    _table(
        "cdp_import",
        sa.Column("digest", _TEXT, primary_key=True),
        _column("entity", _TEXT),
        *(
            _column(name, _INTEGER)
            for name in ("bytes_done", "rows_done", "created", "updated", "unchanged", "rejected")
        ),
        _column("finished", _FLAG),
    )


def _refuse(table: str, act: str) -> None:
    """A second fence, below the program: the database itself refuses the act."""
    name = f"{table}_no_{act.lower()}"
    if op.get_context().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, 'append-only'); END")
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION cdp_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'append-only'; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION cdp_refuse()")
