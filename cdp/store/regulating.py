"""The platform's own tables of regulations: who may ask for them, which were asked for, whom they name.

As `cdp.store.platform`, of which they are a part. Names are sealed as parcels of the platform (`cdp.vault.parcel`).
"""

from typing import Final

from sqlalchemy import Column, Index

from cdp.store.columns import BYTES, INTEGER, TEXT
from cdp.store.metadata import table

REGULATOR: Final = table(
    "cdp_regulator",
    Column("regulator", TEXT, primary_key=True),
    Column("key_digest", TEXT, nullable=False, unique=True),
    Column("created_at", TEXT, nullable=False),
    Column("revoked_at", TEXT),
    owner=None,
)
"""Programs that ask for suppressions and erasures by user id, and do nothing else."""

REGULATION: Final = table(
    "cdp_regulation",
    Column("regulation_id", TEXT, primary_key=True),
    Column("regulator", TEXT, nullable=False),
    Column("type", TEXT, nullable=False),
    Column("status", TEXT, nullable=False),
    Column("attempts", INTEGER, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("finished_at", TEXT),
    Index("cdp_regulation_status", "status", "regulation_id"),
    owner=None,
)
"""What was asked for, and how far it is. Ids ascend with time."""

REGULATION_BODY: Final = table(
    "cdp_regulation_body",
    Column("regulation_id", TEXT, primary_key=True),
    Column("sealed", BYTES, nullable=False),
    owner="regulation_id",
)
"""Whom a regulation names that is not finished; the row goes when it is."""

SUPPRESSED_NAME: Final = table(
    "cdp_suppressed_name",
    Column("token", TEXT, primary_key=True),
    Column("sealed", BYTES, nullable=False),
    Column("since", TEXT, nullable=False),
    owner="token",
)
"""The user ids that regulators had suppressed, for them to list; of those who were erased nothing is kept."""

TABLES: Final = (REGULATOR, REGULATION, REGULATION_BODY, SUPPRESSED_NAME)
