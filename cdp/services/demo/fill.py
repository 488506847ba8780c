"""Writing the synthetic customers with what they refuse and what belongs to them: all of them, or none.

One transaction and one entry, so that an interrupted demo leaves nothing half-filled.
"""

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import Connection

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.services.customers import find_customer
from cdp.services.demo.people import SHOWN, Person
from cdp.store.records import Stored
from cdp.store.write import NewRow, Writer
from cdp.terms import CUSTOMER
from consent.events import Event, Source, State
from consent.history import append_events

BATCH: Final = 30
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
                change.subjects += _write(change.conn, writers, people[start : start + BATCH])
                progress(min(start + BATCH, len(people)), len(people))
        else:  # another demo was quicker
            change.facts["rows"] = 0


def _write(conn: Connection, writers: dict[str, Writer], people: Sequence[Person]) -> list[int]:
    """Write some customers; return their ordinals."""
    made = writers[CUSTOMER].create(conn, [NewRow(each.values, refused=each.refused) for each in people])
    append_events(conn, [event for row, each in zip(made, people, strict=True) for event in _events(row, each)])
    for name, belonging in (("order", "orders"), ("complaint", "complaints")):
        rows = [
            NewRow(values, customer_id=row.customer_id)
            for row, each in zip(made, people, strict=True)
            for values in getattr(each, belonging)
        ]
        writers[name].create(conn, rows)
    return [row.ordinal for row in made]


def _events(row: Stored, person: Person) -> list[Event]:
    """Return the history behind the flags that the row is written with: brought along from elsewhere."""
    now = timestamp()
    return [Event(row.customer_id, name, State.REFUSED, Source.IMPORT, now, now) for name in sorted(person.refused)]
