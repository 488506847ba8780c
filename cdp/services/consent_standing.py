"""How many customers refuse what, now: rounded down to tens, and none where it is smaller."""

from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from audit.entries import Entry, Principal
from audit.passage import Chunk
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.places import flag_column
from cdp.services.canaries.known import canary_ids
from cdp.services.consent_counts import LEAST
from cdp.store.tables import build_schema
from cdp.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Standing:
    """How many customers refuse an opt-out; None where that is too few to say.

    Attributes:
        share: how many of a hundred, of what may be said of both.
    """

    opt_out: str
    customers: int | None
    share: int | None


@dataclass
class _Counting:
    """The counting, as the door reads it."""

    in_force: InForce
    vault: Vault

    def entry(self, principal: Principal) -> Entry:
        """Return its entry."""
        return Entry("disclosure", "consent_standing", principal, self.in_force.versions, {"least": LEAST})

    def read(self, conn: Connection, _position: object | None) -> Chunk:
        """Count all flags in one go, and hide what is small before anything leaves."""
        names, customer = self.in_force.catalogue.opt_outs, build_schema(self.in_force.catalogue, conn.dialect.name)
        table = customer.customer
        sums = [func.coalesce(func.sum(case((table.c[flag_column(name)], 1), else_=0)), 0) for name in names]
        somebody = table.c.customer_id.not_in(canary_ids(conn, self.vault))
        everybody, *counts = conn.execute(select(func.count(), *sums).where(somebody)).one()
        of = _guarded(int(everybody))
        rows = []
        for name, count in zip(names, counts, strict=True):
            shown = _guarded(int(count))
            rows.append((Standing(name, shown, 100 * shown // of if shown and of else None),))
        return Chunk(rows, (), None)


def consent_standing(platform: Platform, *, principal: Principal) -> list[Standing]:
    """Return how it stands for each opt-out."""
    reading = _Counting(platform.in_force(fresh=True), platform.vault)
    return [row[0] for rows in platform.door.disclose(reading, principal) for row in rows]


def _guarded(count: int) -> int | None:
    return count - count % LEAST or None
