"""The platform's own table of agreements with those to whom data is passed on.

As `cdp.store.platform`, of which it is a part. It is about no customer.
"""

from typing import Final

from sqlalchemy import Column, Index

from cdp.store.columns import INTEGER, TEXT
from cdp.store.metadata import table

AGREEMENT: Final = table(
    "cdp_agreement",
    Column("agreement", INTEGER, primary_key=True, autoincrement=False),
    Column("recipient", TEXT, nullable=False),
    Column("contact", TEXT, nullable=False),
    Column("fields", TEXT, nullable=False),
    Column("purposes", TEXT, nullable=False),
    Column("since", TEXT, nullable=False),
    Column("until", TEXT),
    Column("reference", TEXT, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("created_by", TEXT, nullable=False),
    Column("ended_at", TEXT),
    Column("ended_by", TEXT),
    Index("cdp_agreement_recipient", "recipient"),
    owner=None,
)
"""What was agreed with a recipient: which fields, for which purposes, from which day until which. Names come with the
policy; fields and purposes are lists with commas."""

TABLES: Final = (AGREEMENT,)
