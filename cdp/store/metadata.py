"""What the platform's own tables are listed in, and how one is written down."""

from typing import Final

from sqlalchemy import MetaData, Table
from sqlalchemy.schema import SchemaItem

METADATA: Final = MetaData()


def table(name: str, *parts: SchemaItem, owner: str | None) -> Table:
    """Return a table that says whose data it holds: `owner` is the column that names the customer, or None."""
    return Table(name, METADATA, *parts, info={"owner": owner}, sqlite_strict=True)
