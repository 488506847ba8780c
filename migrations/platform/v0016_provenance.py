"""Provenance: sets of what was declared of rows, and of every row its set and when it was collected.

Rows that are here already get the set 0: collected before provenance was kept. It allows the purposes that the policy
in force has now, and none that comes later.
"""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "platform_0016"
down_revision = "platform_0015"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the three tables, and gives every row of an entity, every event and every source its columns."""
    op.create_table(
        "cdp_provenance",
        sa.Column("provenance", _INTEGER, primary_key=True, autoincrement=False),
        sa.Column("digest", _TEXT, nullable=False, unique=True),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("source", "statement", "legal_basis", "retention")),
        sa.Column("created_at", _TEXT, nullable=False),
        sa.Column("changed_at", _TEXT),
        sqlite_strict=True,
    )
    op.create_table(
        "cdp_provenance_part",
        *(sa.Column(name, _INTEGER, nullable=False) for name in ("part", "provenance")),
        sa.PrimaryKeyConstraint("part", "provenance"),
        sqlite_strict=True,
    )
    op.create_index("cdp_provenance_part_of", "cdp_provenance_part", ["provenance"])
    op.create_table(
        "cdp_provenance_use",
        *(sa.Column(name, _TEXT, nullable=False) for name in ("kind", "name")),
        sa.Column("provenance", _INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", "provenance"),
        sqlite_strict=True,
    )
    op.create_index("cdp_provenance_use_of", "cdp_provenance_use", ["provenance"])
    op.add_column("cdp_source", sa.Column("provenance", _INTEGER))
    op.add_column("cdp_event", sa.Column("provenance", _INTEGER, nullable=False, server_default=sa.text("0")))
    _mark_rows()
    _declare_what_was_before()


def _mark_rows() -> None:
    """Gives the tables of entities their two columns; `shaped_with` is in no other table."""
    conn = op.get_bind()
    found = sa.inspect(conn)
    for table in sorted(found.get_table_names()):
        if "shaped_with" in {column["name"] for column in found.get_columns(table)}:
            no = sa.text("0")
            op.add_column(table, sa.Column("cdp__provenance", _INTEGER, nullable=False, server_default=no))
            op.add_column(table, sa.Column("cdp__collected", _INTEGER))
            if conn.dialect.name == "postgresql":
                quoted = conn.dialect.identifier_preparer.quote_identifier(table)
                op.execute(f"ALTER TABLE {quoted} ALTER COLUMN cdp__collected SET STATISTICS 0")


def _declare_what_was_before() -> None:
    """Makes the set 0, in a store that has a policy; in a new one there is nothing to declare."""
    conn = op.get_bind()
    row = conn.execute(
        sa.text("SELECT p.body FROM cdp_in_force AS f JOIN cdp_policy_version AS p ON p.version = f.policy_version")
    ).one_or_none()
    if row is None:
        return
    conn.execute(
        sa.text(
            "INSERT INTO cdp_provenance (provenance, digest, source, statement, legal_basis, retention, created_at)"
            " VALUES (0, 'before', 'before', '', '', '', :at)"
        ),
        {"at": datetime.now(UTC).isoformat(timespec="microseconds")},
    )
    conn.execute(sa.text("INSERT INTO cdp_provenance_part (part, provenance) VALUES (0, 0)"))
    uses = [("purpose", name) for name in sorted(json.loads(row.body)["purposes"])]
    conn.execute(
        sa.text("INSERT INTO cdp_provenance_use (kind, name, provenance) VALUES (:kind, :name, 0)"),
        [{"kind": kind, "name": name} for kind, name in [*uses, ("recipient", "*")]],
    )
