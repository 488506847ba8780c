"""The platform's own table of renewals: which values people were asked about, and what they confirmed.

As `cdp.store.platform`, of which it is a part.
"""

from typing import Final

from sqlalchemy import Column, PrimaryKeyConstraint

from cdp.store.columns import TEXT
from cdp.store.metadata import table

RENEWAL: Final = table(
    "cdp_renewal",
    Column("customer_id", TEXT, nullable=False),
    Column("entity", TEXT, nullable=False),
    Column("row_id", TEXT, nullable=False),
    Column("field", TEXT, nullable=False),
    Column("asked_on", TEXT, nullable=False),
    Column("confirmed_on", TEXT),
    PrimaryKeyConstraint("customer_id", "entity", "row_id", "field"),
    owner="customer_id",
)
"""One row for each value, or for a whole row where `field` is empty, whose time was over and of which somebody was
asked whether it is still right. Without `confirmed_on` it waits for her answer; with it, its time counts from that
day."""

TABLES: Final = (RENEWAL,)
