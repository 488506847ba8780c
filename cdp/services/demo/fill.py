"""Writing the synthetic customers with what they refuse and what belongs to them: all of them, or none.

One transaction and one entry, so that an interrupted demo leaves nothing half-filled.
"""

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import Connection

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.errors import NotFound
from cdp.services.customers import find_customer
from cdp.services.demo.people import SHOWN, Person
from cdp.services.provenance.declare import unstated
from cdp.store.provenance import Origin, intern, seconds
from cdp.store.write import NewRow, Writer
from cdp.terms import CUSTOMER
from consent.arrivals import Newcomer, create_customers
from consent.events import Event, Source, State

BATCH: Final = 30
SOURCE: Final = "demo"
Progress = Callable[[int, int], None]


def fill(platform: Platform, people: Sequence[Person], *, principal: Principal, progress: Progress) -> None:
    """Write these customers, unless they are there already."""
    in_force = platform.in_force(fresh=True)
    version, dialect = in_force.catalogue_version, platform.door.dialect
    writers = {
        name: Writer(in_force.catalogue, entity, version=version, vault=platform.vault, dialect=dialect)
        for name, entity in in_force.catalogue.entities.items()
    }
    entry = Entry("change", "demo", principal, in_force.versions, {"entity": CUSTOMER, "rows": len(people)})
    with platform.door.record(entry) as change:
        try:
            find_customer(change.conn, in_force, platform.vault, f"email:{SHOWN[0]}")
        except NotFound:
            for start in range(0, len(people), BATCH):
                change.subjects += _write(change.conn, in_force, writers, people[start : start + BATCH], principal)
                progress(min(start + BATCH, len(people)), len(people))
        else:  # another demo was quicker
            change.facts["rows"] = 0


def _write(
    conn: Connection, in_force: InForce, writers: dict[str, Writer], people: Sequence[Person], principal: Principal
) -> list[int]:
    """Write some customers; return their ordinals."""
    now = timestamp()
    origin = Origin(intern(conn, unstated(in_force.policy, SOURCE), at=now), seconds(now))
    made = create_customers(
        conn, writers[CUSTOMER], [Newcomer(each.values, _acts(each, now), origin) for each in people],
        catalogue=in_force.catalogue, regimes=in_force.policy.regime, at=now, actor=principal.name,
    )  # fmt: skip
    for name, belonging in (("order", "orders"), ("complaint", "complaints")):
        rows = [
            NewRow(values, customer_id=row.customer_id, origin=origin)
            for row, each in zip(made, people, strict=True)
            for values in getattr(each, belonging)
        ]
        writers[name].create(conn, rows)
    return [row.ordinal for row in made]


def _acts(person: Person, at: str) -> list[Event]:
    """Return what she refuses when she comes: brought along from elsewhere."""
    return [Event("", name, State.REFUSED, Source.IMPORT, at, at) for name in sorted(person.refused)]
