"""The platform's own tables of break-glass: who asked to see whom in full, who granted it, until when, what followed.

As `cdp.store.platform`, of which they are a part. A grant itself is about nobody: whom it is over, and everything that
somebody wrote about it, stands in the other table, sealed under her key; it goes with her.
"""

from typing import Final

from sqlalchemy import Column, Index, PrimaryKeyConstraint

from cdp.store.columns import BYTES, INTEGER, TEXT
from cdp.store.metadata import table

GRANT: Final = table(
    "cdp_break_glass",
    Column("grant_id", TEXT, primary_key=True),
    Column("form", TEXT, nullable=False),
    Column("revision", INTEGER, nullable=False),
    Column("asked_by", TEXT, nullable=False),
    Column("staff", TEXT, nullable=False),
    Column("role", TEXT, nullable=False),
    Column("views", TEXT, nullable=False),
    Column("minutes", INTEGER, nullable=False),
    Column("customers", INTEGER, nullable=False),
    Column("asked_at", TEXT, nullable=False),
    Column("decision", TEXT),
    Column("decided_by", TEXT),
    Column("decided_at", TEXT),
    Column("expires_at", TEXT),
    Column("used_at", TEXT),
    Column("ended_by", TEXT),
    Column("ended_at", TEXT),
    Column("delayed_by", TEXT),
    Column("delayed_until", TEXT),
    Column("verdict", TEXT),
    Column("reviewed_by", TEXT),
    Column("reviewed_at", TEXT),
    Index("cdp_break_glass_form", "asked_by", "form", unique=True),
    Index("cdp_break_glass_asked", "asked_at", "grant_id"),
    Index("cdp_break_glass_review", "reviewed_at", "used_at"),
    owner=None,
)
"""Every break-glass that was asked for: by whom, in which role, through which views, for how many minutes, over how
many customers; what a second person decided, when it was first used and when it ended, until when its customers are not
told yet, and what the review said. A step that was decided on an older `revision` is refused."""

GRANT_CUSTOMER: Final = table(
    "cdp_break_glass_customer",
    Column("customer_id", TEXT, nullable=False),
    Column("grant_id", TEXT, nullable=False),
    Column("used_at", TEXT),
    Column("told_at", TEXT),
    Column("seen_at", TEXT),
    Column("sealed", BYTES, nullable=False),
    PrimaryKeyConstraint("customer_id", "grant_id"),
    Index("cdp_break_glass_customer_grant", "grant_id"),
    Index("cdp_break_glass_customer_told", "told_at", "used_at"),
    owner="customer_id",
)
"""Whom a grant is over: when she was first read by it, when she was told, when she said that she has seen it; reason,
legal reason of a delay and words of the review, sealed."""

TABLES: Final = (GRANT, GRANT_CUSTOMER)
