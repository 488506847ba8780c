"""The platform's own tables of reports: those asked for, and those that are kept.

As `cdp.store.platform`, of which they are a part. A report has figures, and no value of any customer.
"""

from typing import Final

from sqlalchemy import Column, Index

from cdp.store.columns import BYTES, INTEGER, TEXT
from cdp.store.metadata import table

REPORT: Final = table(
    "cdp_report",
    Column("report", TEXT, primary_key=True),
    Column("state", TEXT, nullable=False),
    Column("sections", TEXT, nullable=False),
    Column("language", TEXT, nullable=False),
    Column("since", TEXT, nullable=False),
    Column("until", TEXT, nullable=False),
    Column("asked_at", TEXT, nullable=False),
    Column("asked_by", TEXT, nullable=False),
    Column("asked_as", TEXT, nullable=False),
    Column("beat_at", TEXT, nullable=False),
    Column("attempt", INTEGER, nullable=False),
    Column("done", INTEGER, nullable=False),
    Column("size", INTEGER, nullable=False),
    Column("made_at", TEXT),
    Column("code", TEXT, nullable=False),
    Index("cdp_report_asked", "asked_at"),
    owner=None,
)
"""One row for each report. Who is at it counts `attempt` up; whoever comes with an older number writes nothing."""

REPORT_FILE: Final = table(
    "cdp_report_file",
    Column("report", TEXT, primary_key=True),
    Column("archive", BYTES, nullable=False),
    owner=None,
)
"""The archives of those that are ready, signed, until their time is over."""

TABLES: Final = (REPORT, REPORT_FILE)
