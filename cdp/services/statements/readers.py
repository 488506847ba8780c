"""How many customers said that they have read a version of the statement: in all, and month by month.

INVARIANT: as in reports, every number is a multiple of `LEAST`, rounded down: neither one person, nor what changed
between two looks, can be told from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from audit.entries import Entry, Principal
from audit.passage import Chunk
from cdp.bootstrap import InForce, Platform
from cdp.services.consent_counts import LEAST
from cdp.store.stating import STATEMENT_READ


@dataclass(frozen=True, slots=True)
class Readers:
    """Who has read a version, as far as that may be told.

    Attributes:
        customers: how many, rounded down.
        months: the same by month, the newest first; months of fewer than `LEAST` customers are left out.
    """

    version: int
    customers: int
    months: Sequence[tuple[str, int]]


class _Counting:
    """The counts, for `audit.door.Door.disclose`."""

    def __init__(self, in_force: InForce) -> None:
        self._in_force = in_force

    def entry(self, principal: Principal) -> Entry:
        """Return the entry of the counting."""
        return Entry("disclosure", "statement_readers", principal, self._in_force.versions, {"least": LEAST})

    def read(self, conn: Connection, _position: object | None) -> Chunk:
        """Count, and round before anything leaves."""
        c = STATEMENT_READ.c
        reads = select(c.version, func.substr(c.read_at, 1, 7).label("month")).subquery("reads").c
        counted = conn.execute(select(reads.version, reads.month, func.count()).group_by(reads.version, reads.month))
        by_version: dict[int, list[tuple[str, int]]] = {}
        for version, at, number in counted:
            by_version.setdefault(version, []).append((at, number))
        found = []
        for version, months in by_version.items():
            months.sort(reverse=True)
            shown = [(at, _rounded(number)) for at, number in months if number >= LEAST]
            found.append((Readers(version, _rounded(sum(number for _, number in months)), shown),))
        return Chunk(found, (), None)


def count_readers(platform: Platform, *, principal: Principal) -> dict[int, Readers]:
    """Return the counts by the number of the version; a version that nobody has read is not there."""
    reading = _Counting(platform.in_force(fresh=True))
    return {row[0].version: row[0] for rows in platform.door.disclose(reading, principal) for row in rows}


def _rounded(number: int) -> int:
    return number - number % LEAST
