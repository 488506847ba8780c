"""What a report is made of: sections of tables, in names of the platform; words for people come where it is shown.

INVARIANT: a count of customers, or of their rows by what is in them, is a multiple of `LEAST`, rounded down, and none
where it is smaller: neither a single person nor what changed between two reports can be told from it. How many rows an
entity has, how many entries the log has and how requests stand is about the organisation's work, and exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, FromClause, true

from audit.entries import timestamp
from cdp.bootstrap import InForce
from cdp.errors import BadInput
from cdp.services.consent_counts import LEAST
from cdp.services.reports.acts import Acts, read_acts
from cdp.store.tables import Schema, build_schema

Cell = str | int | bool | None | tuple[str, ...]

YEAR: Final = 365 * 86_400


@dataclass(frozen=True)
class Table:
    """A table of figures.

    Attributes:
        chart: the column that is also drawn, as bars; empty for none.
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    chart: str = ""


@dataclass(frozen=True)
class Section:
    """A part of a report."""

    name: str
    tables: Sequence[Table]

    def said(self) -> dict[str, Any]:
        """Return it as it stands in JSON."""
        tables = [
            {"name": each.name, "columns": each.columns, "rows": each.rows, "chart": each.chart} for each in self.tables
        ]
        return {"name": self.name, "tables": tables}


@dataclass(frozen=True, slots=True)
class Period:
    """The days of what happened that a report counts, both included; empty for no bound. What stands now has none."""

    since: str = ""
    until: str = ""

    def holds(self, at: str) -> bool:
        """Return whether a time, as entries write it, is in the period."""
        return self.since <= at[:10] and (not self.until or at[:10] <= self.until)

    def within(self, column: ColumnElement[str]) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions that times of a column are in the period."""
        bounds = ((column >= self.since) if self.since else None, (column < self.until + "U") if self.until else None)
        return tuple(each for each in bounds if each is not None)

    def said(self) -> dict[str, str]:
        """Return it as entries and files say it."""
        return {name: day for name, day in (("since", self.since), ("until", self.until)) if day}


ALWAYS: Final = Period()
"""No bound."""


def period_of(since: date | None, until: date | None) -> Period:
    """Return the period between two days.

    Raises:
        BadInput: `period_reversed`.
    """
    if since is not None and until is not None and until < since:
        raise BadInput("period_reversed", "it would end before it begins", path="until", hint="turn the days round")
    return Period(since.isoformat() if since else "", until.isoformat() if until else "")


@dataclass
class Source:
    """Where figures come from: a connection that the door has opened, and what is in force.

    Attributes:
        measures: facts about how this platform is set up, for the record of processing.
        nobody: ids of rows that are about nobody (`cdp.services.canaries`), which no figure counts.
    """

    conn: Connection
    in_force: InForce
    now: str = field(default_factory=timestamp)
    measures: Sequence[tuple[str, str]] = ()
    nobody: Sequence[str] = ()
    period: Period = ALWAYS

    @cached_property
    def schema(self) -> Schema:
        """The tables of the catalogue in force."""
        return build_schema(self.in_force.catalogue, self.conn.dialect.name)

    @cached_property
    def acts(self) -> Acts:
        """What the log says, counted."""
        return read_acts(self.conn, self.period.holds)


def somebody(source: Source, table: FromClause) -> ColumnElement[bool]:
    """Return the condition that a row is about somebody."""
    return table.c.customer_id.not_in(source.nobody) if source.nobody else true()


def guarded(count: int) -> int | None:
    """Return a count of customers as it may be shown."""
    return count - count % LEAST or None
