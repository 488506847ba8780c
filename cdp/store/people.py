"""The platform's own tables about who people are, and who they were: claims, merges, what sources said, erasures.

As `cdp.store.platform`, of which they are a part.
"""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint

from cdp.store.columns import BYTES, INTEGER, TEXT
from cdp.store.metadata import table

LINK: Final = table(
    "cdp_link",
    Column("customer_id", TEXT, nullable=False),
    Column("link_id", TEXT, nullable=False),
    Column("source", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("token", TEXT, nullable=False),
    Column("sealed", BYTES, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("first_at", TEXT, nullable=False),
    Column("decided_by", TEXT, nullable=False),
    PrimaryKeyConstraint("customer_id", "link_id"),
    Index("cdp_link_state", "state", "link_id"),
    owner="customer_id",
)
"""Claims: that a profile is the person who bears an identifier, as a source said and nobody verified. The identifier is
sealed under the profile's key. `state` is `pending`, `confirmed` or `rejected`."""

MERGE: Final = table(
    "cdp_merge",
    Column("customer_id", TEXT, nullable=False),
    Column("merge_id", TEXT, nullable=False),
    Column("absorbed", TEXT, nullable=False),
    Column("ordinal", INTEGER, nullable=False),
    Column("sealed", BYTES, nullable=False),
    Column("cause", TEXT, nullable=False),
    Column("actor", TEXT, nullable=False),
    Column("merged_at", TEXT, nullable=False),
    Column("undone_at", TEXT),
    PrimaryKeyConstraint("customer_id", "merge_id"),
    Index("cdp_merge_absorbed", "absorbed"),
    Index("cdp_merge_merged", "undone_at", "merged_at", "merge_id"),
    owner="customer_id",
)
"""Merges: who became part of a customer, and both as they were, sealed under the customer's key, so that a merge can be
undone exactly."""

SAID: Final = table(
    "cdp_said",
    Column("customer_id", TEXT, nullable=False),
    Column("source", TEXT, nullable=False),
    Column("sealed", BYTES, nullable=False),
    PrimaryKeyConstraint("customer_id", "source"),
    Index("cdp_said_source", "source"),
    owner="customer_id",
)
"""What each source of events last said of a customer, field by field with its time, sealed: the provenance of a value,
and what remains when all that a source sent is reverted."""

ERASURE: Final = table(
    "cdp_erasure",
    Column("customer_id", TEXT, primary_key=True),
    Column("erasure_id", TEXT, nullable=False, unique=True),
    Column("ordinal", INTEGER),
    Column("tombstone", INTEGER),
    Column("suppressed", TEXT, nullable=False),
    Column("counts", TEXT, nullable=False),
    Column("actor", TEXT, nullable=False),
    Column("begun_at", TEXT, nullable=False),
    Column("finished_at", TEXT),
    Column("entry", INTEGER),
    Column("held", TEXT),
    owner="customer_id",
)
"""The register of erasures. A row without `finished_at` is an intent: it is what resumes, and what lets the history of
consent go. A finished one is what the certificate is written from, and has lost the ordinal."""

HELD: Final = table(
    "cdp_held",
    Column("customer_id", TEXT, nullable=False),
    Column("number", INTEGER, nullable=False),
    Column("erasure_id", TEXT, nullable=False),
    Column("entity", TEXT, nullable=False),
    Column("purpose", TEXT, nullable=False),
    Column("until", TEXT, nullable=False),
    Column("sealed", BYTES, nullable=False),
    PrimaryKeyConstraint("customer_id", "number"),
    Index("cdp_held_until", "until"),
    owner="customer_id",
)
"""What a law keeps of people who were erased. `customer_id` is that of nobody: a random id made for these values, whose
key seals them, so that ending a hold is an erasure like any other."""

TOMBSTONE_MARK: Final = table(
    "cdp_tombstone_mark",
    Column("one", INTEGER, CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
    Column("replayed", INTEGER, nullable=False),
    owner=None,
)
"""One row: up to which number of the key store's tombstones this database has none of those people."""

TABLES: Final = (LINK, MERGE, SAID, ERASURE, HELD, TOMBSTONE_MARK)
