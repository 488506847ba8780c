"""The platform's own tables of exports: how far each is, and the archives that wait to be fetched.

As `cdp.store.platform`, of which they are a part.
"""

from typing import Final

from sqlalchemy import Column, Index, PrimaryKeyConstraint

from cdp.store.columns import BYTES, INTEGER, TEXT
from cdp.store.metadata import table

EXPORT: Final = table(
    "cdp_export",
    Column("export_id", TEXT, primary_key=True),
    Column("holder", BYTES, nullable=False),
    Column("bearer", TEXT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("language", TEXT, nullable=False),
    Column("attempt", INTEGER, nullable=False),
    Column("files", INTEGER, nullable=False),
    Column("of_files", INTEGER, nullable=False),
    Column("rows_done", INTEGER, nullable=False),
    Column("size", INTEGER, nullable=False),
    Column("code", TEXT, nullable=False),
    Column("asked_at", TEXT, nullable=False),
    Column("beat_at", TEXT, nullable=False),
    Column("ended_at", TEXT),
    Index("cdp_export_bearer", "bearer"),
    Index("cdp_export_state", "state"),
    owner=None,
)
"""One row for each export. Whose it is lies sealed, and as a keyed token: looking how far it is needs no entry. Who is
at it counts `attempt` up; whoever comes with an older number writes nothing any more."""

EXPORT_PART: Final = table(
    "cdp_export_part",
    Column("customer_id", TEXT, nullable=False),
    Column("export_id", TEXT, nullable=False),
    Column("part", INTEGER, nullable=False),
    Column("sealed", BYTES, nullable=False),
    PrimaryKeyConstraint("customer_id", "export_id", "part"),
    owner="customer_id",
)
"""The archives in pieces, each a parcel under the customer's own key: whoever erases her has erased them. Pieces with
negative numbers are what the builder puts by for itself."""

TABLES: Final = (EXPORT, EXPORT_PART)
