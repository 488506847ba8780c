"""The platform's own tables of privacy statements: every version, and which of them a customer has read.

As `cdp.store.platform`, of which they are a part.
"""

from typing import Final

from sqlalchemy import Column, PrimaryKeyConstraint

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
    owner="customer_id",
)
"""Which versions a customer said that she has read, in which language."""

TABLES: Final = (STATEMENT_VERSION, STATEMENT_READ)
