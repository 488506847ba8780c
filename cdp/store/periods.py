"""For how long rows may be kept by what was declared when they were collected; for whoever deletes what is over.

A row is kept for as long as the catalogue says, or its set does: the shorter of both counts.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from cdp.store.origins import PROVENANCE, PROVENANCE_PART
from cdp.store.provenance import UNSAID


def periods_of_sets(conn: Connection) -> dict[int, tuple[str, ...]]:
    """Return by set the periods that its parts declare, written as in the catalogue; the shortest counts.

    A set that limits nothing is not among them. They are counted from `COLLECTED_COLUMN` of the row
    (`cdp.store.origins`), seconds since 1970; where that is null from `before_provenance`.
    """
    p, part = PROVENANCE.c, PROVENANCE_PART.c
    wanted = select(part.provenance, p.retention).join(PROVENANCE, p.provenance == part.part).where(p.retention != "")
    found: dict[int, tuple[str, ...]] = {}
    for number, period in conn.execute(wanted.order_by(part.provenance, part.part)):
        found[number] = (*found.get(number, ()), period)
    return found


def before_provenance(conn: Connection) -> int | None:
    """Return when rows that do not say it were collected at the latest: when provenance came to be kept."""
    at = conn.execute(select(PROVENANCE.c.created_at).where(PROVENANCE.c.provenance == UNSAID.provenance)).scalar()
    return None if at is None else int(datetime.fromisoformat(at).timestamp())


def moment(collected: int) -> datetime:
    """Return when a row was collected."""
    return datetime.fromtimestamp(collected, UTC)


def declared_periods(periods: Mapping[int, Sequence[str]], provenance: int, catalogue: str | None) -> tuple[str, ...]:
    """Return all periods that count for a row of a set, with that of the catalogue; the shortest is its retention."""
    return (*periods.get(provenance, ()), *((catalogue,) if catalogue else ()))
