"""Computing flags anew from the histories, for everybody, in chunks that each have their entry.

The history is what was said; a flag is what it amounts to. So a rebuild sets a flag that nobody's act is behind to what
the history says, in either direction, and says how many that were.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from audit.entries import Entry, Principal
from audit.passage import Chunk
from cdp.bootstrap import InForce, Platform
from cdp.store.lookup import lock_customers
from cdp.store.ordinals import last_ordinal
from cdp.terms import CUSTOMER
from consent.compare import Difference, compare_flags, mend_flags

Report = Callable[[int, int, int], None]
"""Told after each chunk: how far it has come, of how much, and how many customers that were."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many customers there are, and whose flags differ, or differed, from their histories."""

    customers: int
    differences: tuple[Difference, ...]


class _Comparing:
    """Every history against its flags, for `audit.door.Door.disclose`; rows are differences."""

    def __init__(self, in_force: InForce, report: Report) -> None:
        self._in_force, self._report = in_force, report
        self._end = 0
        self.customers = 0

    def entry(self, principal: Principal) -> Entry:
        """Return the entry of the comparison."""
        return Entry("disclosure", "consent_check", principal, self._in_force.versions)

    def read(self, conn: Connection, position: object | None) -> Chunk:
        """Compare the next chunk."""
        self._end = self._end or last_ordinal(conn, CUSTOMER)
        after = position if isinstance(position, int) else -1
        compared = compare_flags(conn, self._in_force.catalogue, after)
        self.customers += len(compared.ordinals)
        self._report(min(compared.next or self._end, self._end), self._end, self.customers)
        return Chunk([(each,) for each in compared.differences], compared.ordinals, compared.next)


def check_consent(platform: Platform, *, principal: Principal, report: Report = lambda *_: None) -> Rebuilt:
    """Compare flags with histories; change nothing."""
    reading = _Comparing(platform.in_force(fresh=True), report)
    found = [row[0] for rows in platform.door.disclose(reading, principal) for row in rows]
    return Rebuilt(reading.customers, tuple(found))


def rebuild_consent(platform: Platform, *, principal: Principal, report: Report = lambda *_: None) -> Rebuilt:
    """Set every flag to what the history says.

    Raises:
        Unavailable: `superseded`, when catalogue or policy change meanwhile; what was done stands.
    """
    in_force, customers, found = platform.in_force(fresh=True), 0, list[Difference]()
    after: int | None = -1
    while after is not None:
        with platform.door.record(Entry("change", "consent_rebuild", principal, in_force.versions)) as change:
            conn = change.conn
            compared = compare_flags(conn, in_force.catalogue, after)
            wrong = [each.customer_id for each in compared.differences]
            # Locked only now: whoever has acted meanwhile has set her flags herself, and is mended to the same.
            mend_flags(conn, in_force.catalogue, lock_customers(conn, in_force.catalogue, wrong))
            change.subjects += compared.ordinals
            change.facts |= {"rows": len(compared.ordinals), "differences": len(wrong)}
            end = last_ordinal(conn, CUSTOMER)
        customers, after = customers + len(compared.ordinals), compared.next
        found += compared.differences
        report(min(after or end, end), end, customers)
    return Rebuilt(customers, tuple(found))
