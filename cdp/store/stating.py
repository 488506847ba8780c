"""The platform's own tables of privacy statements: every version, the draft, and who was told and has read which.

As `cdp.store.platform`, of which they are a part.
"""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint

from cdp.store.columns import INTEGER, TEXT
from cdp.store.metadata import table

STATEMENT_VERSION: Final = table(
    "cdp_statement_version",
    Column("version", INTEGER, primary_key=True, autoincrement=False),
    Column("digest", TEXT, nullable=False),
    Column("body", TEXT, nullable=False),
    Column("author", TEXT, nullable=False),
    Column("created_at", TEXT, nullable=False),
    owner=None,
)
"""Every statement that was published; the last one is in force."""

STATEMENT_READ: Final = table(
    "cdp_statement_read",
    Column("customer_id", TEXT, nullable=False),
    Column("version", INTEGER, nullable=False),
    Column("language", TEXT, nullable=False),
    Column("read_at", TEXT, nullable=False),
    PrimaryKeyConstraint("customer_id", "version"),
    Index("cdp_statement_read_version", "version", "read_at"),
    owner="customer_id",
)
"""Which versions a customer said that she has read, in which language."""

STATEMENT_DRAFT: Final = table(
    "cdp_statement_draft",
    Column("one", INTEGER, CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
    Column("revision", TEXT, nullable=False),
    Column("base", INTEGER, nullable=False),
    Column("body", TEXT, nullable=False),
    Column("author", TEXT, nullable=False),
    Column("saved_at", TEXT, nullable=False),
    owner=None,
)
"""At most one row: the next statement as it is being written, valid or not. `base` is the version it was begun from."""

STATEMENT_TELLING: Final = table(
    "cdp_statement_telling",
    Column("version", INTEGER, primary_key=True, autoincrement=False),
    Column("position", INTEGER, nullable=False),
    Column("letters", INTEGER, nullable=False),
    Column("began_at", TEXT, nullable=False),
    Column("finished_at", TEXT),
    owner=None,
)
"""How far letters about a version are written: up to which ordinal, and how many; no row where none are to be."""

TABLES: Final = (STATEMENT_VERSION, STATEMENT_READ, STATEMENT_DRAFT, STATEMENT_TELLING)
