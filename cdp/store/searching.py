"""The platform's own tables for looking through the log, and of work that goes on in the background.

As `cdp.store.platform`, of which they are a part. What is in the first three is made of entries (`audit.pieces`), can
be made again at any time, and is held to them by `audit.verify_log`.
"""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint

from cdp.store.columns import BYTES, INTEGER, TEXT
from cdp.store.metadata import table

LOG_INDEXED: Final = table(
    "cdp_log_indexed",
    Column("one", INTEGER, CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
    Column("pieces", INTEGER, nullable=False),
    Column("drops", INTEGER, nullable=False),
    owner=None,
)
"""One row: how many pieces of the log are taken in, and how often entries were dropped meanwhile. Who has read a piece
before entries were dropped writes nothing of it after."""

LOG_POSTING: Final = table(
    "cdp_log_posting",
    Column("part", TEXT, nullable=False),
    Column("value", TEXT, nullable=False),
    Column("piece", INTEGER, nullable=False),
    Column("members", BYTES, nullable=False),
    PrimaryKeyConstraint("part", "value", "piece"),
    Index("cdp_log_posting_piece", "piece"),
    owner=None,
)
"""Which entries of a piece say a value in a part: a roaring bitmap of their places in it. They name no customer."""

LOG_TALLY: Final = table(
    "cdp_log_tally",
    Column("piece", INTEGER, nullable=False),
    Column("line", INTEGER, nullable=False),
    *(
        Column(name, TEXT, nullable=False)
        for name in ("hour", "what", "act", "principal", "role", "view", "purpose", "recipient", "code")
    ),
    *(Column(name, INTEGER, nullable=False) for name in ("entries", "acts", "rows", "customers")),
    Column("last", TEXT, nullable=False),
    PrimaryKeyConstraint("piece", "line"),
    Index("cdp_log_tally_hour", "hour"),
    owner=None,
)
"""How many entries of a piece are alike, hour by hour: how many acts they are, how many rows and customers."""

JOB: Final = table(
    "cdp_job",
    Column("job_id", TEXT, primary_key=True),
    Column("kind", TEXT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("asked_by", TEXT, nullable=False),
    Column("asked_at", TEXT, nullable=False),
    Column("beat_at", TEXT, nullable=False),
    Column("done", INTEGER, nullable=False),
    Column("total", INTEGER, nullable=False),
    Column("said", TEXT, nullable=False),
    Index("cdp_job_kind", "kind", "asked_at"),
    owner=None,
)
"""Long work that somebody of staff had begun: how far it is, and what it said at its end. It is about nobody."""

TABLES: Final = (LOG_INDEXED, LOG_POSTING, LOG_TALLY, JOB)
