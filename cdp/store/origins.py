"""The platform's tables of provenance: sets of what was declared when rows were collected.

As `cdp.store.platform`, of which they are a part. A row of an entity points to a set (`SET_COLUMN`) and says
itself when it was collected (`COLLECTED_COLUMN`), so that what is changed for many rows is written once, in the set.
"""

from typing import Final

from sqlalchemy import Column, Index, PrimaryKeyConstraint

from cdp.store.columns import INTEGER, TEXT
from cdp.store.metadata import table

SET_COLUMN: Final = "cdp__provenance"
"""The column of every entity's table that names a row's set. No field's name begins so, nor does one on its way out."""

COLLECTED_COLUMN: Final = "cdp__collected"
"""The column that says when what stands in a row was last collected: seconds since 1970, null where nobody knows."""

PURPOSE: Final = "purpose"
RECIPIENT: Final = "recipient"
WITHDRAWN: Final = "withdrawn"
"""Not a use: a purpose that somebody has withdrawn from a declared set; it is remembered for what is declared later."""
ANYBODY: Final = "*"
"""The recipient of sets that declare none: nobody was told of any, and none is ruled out."""

PROVENANCE: Final = table(
    "cdp_provenance",
    Column("provenance", INTEGER, primary_key=True, autoincrement=False),
    Column("digest", TEXT, nullable=False, unique=True),
    Column("source", TEXT, nullable=False),
    Column("statement", TEXT, nullable=False),
    Column("legal_basis", TEXT, nullable=False),
    Column("retention", TEXT, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("changed_at", TEXT),
    owner=None,
)
"""The sets. `digest` is of what was declared, so that whoever declares the same again gets the same set, with what has
been changed since. A set of several parts is a row that came from several declarations; it says nothing by itself."""

PROVENANCE_PART: Final = table(
    "cdp_provenance_part",
    Column("part", INTEGER, nullable=False),
    Column("provenance", INTEGER, nullable=False),
    PrimaryKeyConstraint("part", "provenance"),
    Index("cdp_provenance_part_of", "provenance"),
    owner=None,
)
"""Of which declared sets a set consists: a declared one of itself."""

PROVENANCE_USE: Final = table(
    "cdp_provenance_use",
    Column("kind", TEXT, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("provenance", INTEGER, nullable=False),
    PrimaryKeyConstraint("kind", "name", "provenance"),
    Index("cdp_provenance_use_of", "provenance"),
    owner=None,
)
"""For which purposes, and to which recipients, rows of a set may leave; what is not here is not allowed. And what was
withdrawn."""

TABLES: Final = (PROVENANCE, PROVENANCE_PART, PROVENANCE_USE)
