"""The platform's own tables of canaries: people of whom there is nobody, who must not appear in some places.

As `cdp.store.platform`, of which they are a part. They are about nobody; which rows of customers are canaries stands
sealed in one of them, and nowhere else.
"""

from typing import Final

from sqlalchemy import CheckConstraint, Column

from cdp.store.columns import BYTES, INTEGER, TEXT
from cdp.store.metadata import table

CANARY: Final = table(
    "cdp_canary",
    Column("canary", TEXT, primary_key=True),
    Column("sealed", BYTES, nullable=False),
    owner=None,
)
"""Canaries, under random names: who they are is sealed under a key of the platform, all in the same length."""

CANARY_NAMED: Final = table(
    "cdp_canary_named",
    Column("named", TEXT, primary_key=True),
    Column("entry", INTEGER, nullable=False),
    Column("sealed", BYTES, nullable=False),
    owner=None,
)
"""Entries under which something from outside named a canary, until that has become an alarm; which one is sealed."""

CANARY_LOOK: Final = table(
    "cdp_canary_look",
    Column("one", INTEGER, CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
    Column("next_entry", INTEGER, nullable=False),
    Column("looked_at", TEXT, nullable=False),
    owner=None,
)
"""One row: up to which entry of the log their appearances were looked for, and when."""

CANARY_ALARM: Final = table(
    "cdp_canary_alarm",
    Column("entry", INTEGER, primary_key=True, autoincrement=False),
    Column("kind", TEXT, nullable=False),
    Column("by", TEXT, nullable=False),
    Column("view", TEXT, nullable=False),
    Column("suspects", TEXT, nullable=False),
    Column("at", TEXT, nullable=False),
    Column("found_at", TEXT, nullable=False),
    Column("settled_at", TEXT),
    Column("settled_by", TEXT),
    owner=None,
)
"""Entries of the log in which a canary appears and must not: by whom, through which view, and who had read her."""

TABLES: Final = (CANARY, CANARY_NAMED, CANARY_LOOK, CANARY_ALARM)
