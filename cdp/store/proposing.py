"""The platform's own table of proposals: drafts of the next policy or catalogue, and what became of each.

As `cdp.store.platform`, of which it is a part. The text is a policy or a catalogue and says nothing about anybody;
what officers write about it might, and is sealed by the platform.
"""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Index

from cdp.store.columns import BYTES, INTEGER, TEXT
from cdp.store.metadata import table

PROPOSAL: Final = table(
    "cdp_proposal",
    Column("number", INTEGER, primary_key=True, autoincrement=False),
    Column("kind", TEXT, CheckConstraint("kind IN ('policy', 'catalogue')"), nullable=False),
    Column("base", INTEGER, nullable=False),
    Column("text", TEXT, nullable=False),
    Column("digest", TEXT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("author", TEXT, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("changed_at", TEXT, nullable=False),
    Column("decided_by", TEXT),
    Column("version", INTEGER),
    Column("why", BYTES, nullable=False),
    Column("answer", BYTES, nullable=False),
    Index("cdp_proposal_state", "kind", "state", "number"),
    Index("cdp_proposal_version", "kind", "version"),
    owner=None,
)
"""A draft over the version `base`: its text as it was typed, by whom, how far it is, and which version it became. `why`
it was proposed and what was answered (`answer`) are sealed."""

TABLES: Final = (PROPOSAL,)
