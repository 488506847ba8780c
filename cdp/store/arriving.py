"""The platform's tables of what programs send: sources, the spool, events, the quarantine, the counts.

As `cdp.store.platform`, and in the same set. What is not known to be somebody's yet is sealed as a parcel of the
platform (`cdp.vault.parcel`), and says that it is about whoever its own id stands for.
"""

from typing import Final

from sqlalchemy import Column, Index, PrimaryKeyConstraint, text

from cdp.store.columns import BYTES, FLAG, INTEGER, TEXT
from cdp.store.metadata import table

SOURCE: Final = table(
    "cdp_source",
    Column("source", INTEGER, primary_key=True, autoincrement=False),
    Column("name", TEXT, nullable=False, unique=True),
    Column("key_digest", TEXT, nullable=False, unique=True),
    Column("trusted", FLAG, nullable=False),
    Column("consent", TEXT, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("revoked_at", TEXT),
    Column("provenance", INTEGER),
    Column("caps", TEXT, nullable=False, server_default=text("'{}'")),
    owner=None,
)
"""From where events come. `consent` maps the categories of its consent banner to opt-outs, as JSON; `provenance` is the
set of what it declares of what it collects, null where it declares nothing."""

SOURCE_DAY: Final = table(
    "cdp_source_day",
    Column("source", INTEGER, nullable=False),
    Column("day", TEXT, nullable=False),
    Column("what", TEXT, nullable=False),
    Column("number", INTEGER, nullable=False),
    PrimaryKeyConstraint("source", "day", "what"),
    owner=None,
)
"""How much a source has used of its caps on a day."""

SPOOL: Final = table(
    "cdp_spool",
    Column("spool_id", TEXT, primary_key=True),
    Column("source", INTEGER, nullable=False),
    Column("received_at", TEXT, nullable=False),
    Column("events", INTEGER, nullable=False),
    Column("size", INTEGER, nullable=False),
    Column("attempts", INTEGER, nullable=False),
    owner=None,
)
"""The queue: one row for each request that was acknowledged and is not folded yet. Ids ascend with time."""

SPOOL_BODY: Final = table(
    "cdp_spool_body",
    Column("spool_id", TEXT, primary_key=True),
    Column("sealed", BYTES, nullable=False),
    owner="spool_id",
)

EVENT: Final = table(
    "cdp_event",
    Column("customer_id", TEXT, nullable=False),
    Column("source", INTEGER, nullable=False),
    Column("message", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("entity", TEXT, nullable=False),
    Column("row_id", TEXT, nullable=False),
    Column("received_at", TEXT, nullable=False),
    Column("read_with", INTEGER, nullable=False),
    Column("rest", BYTES),
    Column("provenance", INTEGER, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("customer_id", "source", "message"),
    Index("cdp_event_message", "source", "message", unique=True),
    Index("cdp_event_read_with", "read_with"),
    owner="customer_id",
)
"""Every event once: its row, if an entity takes it, and sealed under her key what no field takes (`rest`),
with the set of its provenance."""

LEFT_OVER: Final = table(
    "cdp_left_over",
    Column("customer_id", TEXT, nullable=False),
    Column("entity", TEXT, nullable=False),
    Column("row_id", TEXT, nullable=False),
    Column("read_with", INTEGER, nullable=False),
    Column("sealed", BYTES, nullable=False),
    PrimaryKeyConstraint("customer_id", "entity", "row_id"),
    Index("cdp_left_over_read_with", "read_with"),
    owner="customer_id",
)
"""What columns of files that the catalogue does not know said of a row, sealed under her key."""

UNDECLARED: Final = table(
    "cdp_undeclared",
    Column("token", TEXT, primary_key=True),
    Column("source", INTEGER, nullable=False),
    Column("sealed", BYTES, nullable=False),
    Column("seen", INTEGER, nullable=False),
    Column("looks", TEXT, nullable=False),
    Column("first_at", TEXT, nullable=False),
    Column("last_at", TEXT, nullable=False),
    owner="token",
)
"""Names of events, properties and traits that the catalogue does not know; a name may say something of a person."""

QUARANTINE: Final = table(
    "cdp_quarantine",
    Column("quarantine_id", TEXT, primary_key=True),
    Column("source", INTEGER, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("received_at", TEXT, nullable=False),
    Column("sealed", BYTES, nullable=False),
    owner="quarantine_id",
)

COUNT: Final = table(
    "cdp_ingest_count",
    Column("source", INTEGER, nullable=False),
    Column("what", TEXT, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("number", INTEGER, nullable=False),
    PrimaryKeyConstraint("source", "what", "reason"),
    owner=None,
)
"""What became of events, by source: received, folded, duplicate, dropped, quarantined."""

TABLES: Final = (SOURCE, SOURCE_DAY, SPOOL, SPOOL_BODY, EVENT, LEFT_OVER, UNDECLARED, QUARANTINE, COUNT)
