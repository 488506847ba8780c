"""How many customers refused or allowed what, over time: for the officer, without numbers that tell of single people.

INVARIANT: every number shown is of at least `LEAST` different customers, and none smaller can be had from those shown.
A customer counts once in a period for an opt-out and a state. There is one table, and no total beside it. Within a
period, an opt-out and a state, cells of fewer customers are put together as "others"; should those still be few, or
only one, the next smallest cell goes with them. What is too small even then is left out. Of the period that still runs
numbers are rounded down to multiples of `LEAST`, so that looking twice does not show who came between.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from sqlalchemy import Connection, case, func, null, select

from audit.entries import Entry, Principal, timestamp
from audit.passage import Chunk
from cdp.bootstrap import InForce, Platform
from cdp.services.canaries.known import canary_ids
from cdp.store.platform import CONSENT_EVENT
from cdp.vault.vault import Vault
from consent.choices import PROFILE
from consent.events import Source
from consent.regimes.chosen import Regimes

LEAST: Final = 10
"""The least number of customers that is shown."""

OTHERS: Final = "others"

Period = Literal["month", "day", "year"]
_LENGTH: Final[dict[Period, int]] = {"year": 4, "month": 7, "day": 10}


@dataclass(frozen=True, order=True, slots=True)
class Count:
    """How many customers: in a period, of a choice, by a source, under a regime."""

    period: str
    choice: str
    state: str
    source: str
    regime: str
    customers: int


Known = dict[Period, tuple[object, list[Count]]]
"""What was counted last, by period, and of which history: acts are only added, and go with an erasure."""


class _Counting:
    """The cells, for `audit.door.Door.disclose`."""

    def __init__(self, in_force: InForce, period: Period, vault: Vault, known: Known) -> None:
        self._in_force, self._period, self._vault, self._known = in_force, period, vault, known

    def entry(self, principal: Principal) -> Entry:
        """Return the entry of the counting."""
        facts = {"period": self._period, "least": LEAST}
        return Entry("disclosure", "consent_counts", principal, self._in_force.versions, facts)

    def read(self, conn: Connection, _position: object | None) -> Chunk:
        """Count, unless that was done of the same history; what is small is hidden before anything leaves."""
        now = timestamp()[: _LENGTH[self._period]]
        acts = conn.execute(select(func.count(), func.max(CONSENT_EVENT.c.received_at))).one()
        history = (now, tuple(acts), self._in_force.versions)
        if self._known.get(self._period, (None, None))[0] != history:
            self._known[self._period] = history, self._counted(conn, now)
        return Chunk([(each,) for each in self._known[self._period][1]], (), None)

    def _counted(self, conn: Connection, now: str) -> list[Count]:
        c, regimes = CONSENT_EVENT.c, self._in_force.policy.regime
        nobody = canary_ids(conn, self._vault)
        period = func.substr(c.received_at, 1, _LENGTH[self._period]).label("period")
        once = func.row_number().over(
            partition_by=(c.customer_id, period, c.choice, c.state), order_by=(c.received_at, c.event_id)
        )
        parts = (period, c.choice, c.state, c.source, c.jurisdiction, c.reference, once.label("turn"))
        acts = select(*parts).where(c.choice != PROFILE, c.customer_id.not_in(nobody)).subquery("acts")
        version = case((acts.c.source == Source.REGIME, acts.c.reference), else_=null()).label("version")
        keys = (acts.c.period, acts.c.choice, acts.c.state, acts.c.source, acts.c.jurisdiction, version)
        counted = conn.execute(select(*keys, func.count()).where(acts.c.turn == 1).group_by(*keys))
        cells: dict[tuple[str, str, str, str, str], int] = defaultdict(int)
        for start, choice, state, source, region, version_, customers in counted:
            cells[start, choice, state, source, _regime(regimes, region, version_)] += customers
        return [
            _rounded(each) if each.period == now else each
            for each in without_small(Count(*cell, customers) for cell, customers in cells.items())
        ]


def _regime(regimes: Regimes, jurisdiction: str | None, version: str | None) -> str:
    """Return the name of the regime that an act was under: its own, or that of the region by the policy in force."""
    return (version or regimes.of({regimes.by or "": jurisdiction}).reference).partition("/")[0]


def _rounded(count: Count) -> Count:
    return replace(count, customers=count.customers - count.customers % LEAST)


def count_consent(
    platform: Platform, *, principal: Principal, period: Period = "month", known: Known | None = None
) -> list[Count]:
    """Return the counts, oldest first, without small cells.

    Args:
        known: what was counted before, for who asks again; it is brought up to date.
    """
    reading = _Counting(platform.in_force(fresh=True), period, platform.vault, {} if known is None else known)
    return [row[0] for rows in platform.door.disclose(reading, principal) for row in rows]


def without_small(cells: Iterable[Count], least: int = LEAST) -> list[Count]:
    """Return the cells that may be shown: each of enough customers, none to be had by taking others from others."""
    groups: dict[Any, list[Count]] = defaultdict(list)
    for cell in cells:
        groups[cell.period, cell.choice, cell.state].append(cell)
    shown: list[Count] = []
    for group in groups.values():
        ordered = sorted(group, key=lambda cell: (cell.customers, cell))
        hidden = [cell for cell in ordered if cell.customers < least]
        kept = [cell for cell in ordered if cell.customers >= least]
        while hidden and kept and (sum(cell.customers for cell in hidden) < least or len(hidden) < 2):
            hidden.append(kept.pop(0))
        total = sum(cell.customers for cell in hidden)
        shown += kept
        if total >= least:
            first = hidden[0]
            shown.append(Count(first.period, first.choice, first.state, OTHERS, OTHERS, total))
    return sorted(shown)
