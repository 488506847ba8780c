"""Having every customer refused what her regime refuses by a policy: before it comes into force, and once after.

In batches that each have their entry. Whoever is interrupted begins again: what is in a history already is not added
twice. Nothing is taken back, whatever the regimes before refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, null, select

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.catalogue.model import Catalogue
from cdp.catalogue.places import place
from cdp.store.ordinals import last_ordinal
from cdp.store.tables import build_schema
from cdp.terms import CUSTOMER, Shape
from consent.choices import Choices
from consent.flags import add_events
from consent.regimes.chosen import Regimes, defaults

BATCH: Final = 5_000
Report = Callable[[int, int], None]
"""Told after each batch: how far it has come, of how much."""


def spread_regimes(
    platform: Platform, regimes: Regimes, *, principal: Principal, report: Report = lambda *_: None
) -> int:
    """Add to each history what these regimes refuse and it lacks; return how many customers that was.

    Raises:
        Unavailable: `superseded`, when catalogue or policy change meanwhile.
    """
    if not any(each.refused for each in regimes.configured):
        return 0
    in_force, end, touched = platform.in_force(fresh=True), 0, 0
    after: int | None = -1
    while after is not None:
        entry = Entry("change", "spread_regimes", principal, in_force.versions)
        with platform.door.record(entry) as change:
            conn = change.conn
            end = end or last_ordinal(conn, CUSTOMER)
            rows = conn.execute(_people(in_force.catalogue, regimes, conn.dialect.name, after)).all()
            added = _spread(conn, in_force.catalogue, regimes, rows, principal)
            change.subjects += added
            change.facts |= {"rows": len(rows), "tightened": len(added)}
        touched += len(added)
        after = rows[-1].ordinal if len(rows) == BATCH else None
        report(min(after or end, end), end)
    return touched


def _people(catalogue: Catalogue, regimes: Regimes, dialect: str, after: int) -> Select[Any]:
    """Return the query for the next customers, with the field that their regimes are chosen by."""
    customer = build_schema(catalogue, dialect).customer
    found = place(catalogue.entities[CUSTOMER].fields[regimes.by], Shape.CLEAR) if regimes.by else None
    region = customer.c[found.key] if found else null()
    query = select(customer.c.customer_id, customer.c.ordinal, region.label("region"))
    return query.where(customer.c.ordinal > after).order_by(customer.c.ordinal).limit(BATCH)


def _spread(
    conn: Connection, catalogue: Catalogue, regimes: Regimes, rows: Sequence[Row[Any]], principal: Principal
) -> list[int]:
    """Add what some customers lack; return the ordinals of those who lacked something."""
    choices, now, events = Choices.of(catalogue), timestamp(), []
    for row in rows:
        hers = regimes.of({regimes.by: row.region} if regimes.by else {})
        events += [
            replace(event, customer_id=row.customer_id)
            for event in defaults(hers, choices, at=now, actor=principal.name)
        ]
    added = {event.customer_id for event in add_events(conn, catalogue, events)}
    return [row.ordinal for row in rows if row.customer_id in added]
