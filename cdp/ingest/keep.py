"""Keeping events: as rows of the entities that take them, and what nothing takes sealed beside.

What the catalogue does not know is sealed under the person's own key and read by no view: it waits until somebody
decides what it is, and goes with the person.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from cdp.bootstrap import InForce
from cdp.events.kept import REST
from cdp.ingest.arrived import Arrived
from cdp.ingest.sources import Source
from cdp.services.identity.sighting import Folded
from cdp.store.arriving import EVENT
from cdp.store.bulk import insert_rows
from cdp.store.lookup import only_claimed
from cdp.store.write import NewRow, Writer
from cdp.vault.vault import Vault

Kept = Sequence[tuple[Arrived, Folded]]
_New = tuple[Arrived, NewRow]


def keep(conn: Connection, in_force: InForce, vault: Vault, source: Source, kept: Kept, *, provenance: int) -> None:
    """Write events of people who are there; each is new."""
    version = in_force.catalogue_version
    held = vault.keys(sorted({str(person.customer_id) for _, person in kept}))
    present = [(each, str(person.customer_id)) for each, person in kept if person.customer_id in held]
    new = [_row(*each, provenance) for each in present]
    rows = _rows(conn, in_force, vault, new, held=held, verifies=source.trusted)
    rests = REST.seal_rows(
        held, [(customer_id, each.message, each.taken.rest) for each, customer_id in present], schema=version
    )
    events = [
        (
            customer_id, source.source, each.message, each.event.kind, each.taken.entity, rows.get(each.message, ""),
            each.received_at, version, rest, provenance,
        )
        for (each, customer_id), rest in zip(present, rests, strict=True)
    ]  # fmt: skip
    insert_rows(conn, EVENT, sorted(events, key=lambda row: row[2]))


def _row(arrived: Arrived, customer_id: str, provenance: int) -> _New:
    return arrived, NewRow(arrived.taken.values, customer_id, customer_id, origin=arrived.origin(provenance))


def _rows(
    conn: Connection, in_force: InForce, vault: Vault, new: Sequence[_New], *, held: dict[str, bytes], verifies: bool
) -> dict[str, str]:  # fmt: skip
    """Write the rows of entities; return their ids by message."""
    by_entity: dict[str, list[_New]] = defaultdict(list)
    for arrived, row in new:
        if arrived.taken.entity:
            by_entity[arrived.taken.entity].append((arrived, row))
    ids: dict[str, str] = {}
    for name, mine in by_entity.items():
        entity = in_force.catalogue.entities[name]
        writer = Writer(
            in_force.catalogue, entity, version=in_force.catalogue_version, vault=vault, dialect=conn.dialect.name
        )
        claimed = partial(only_claimed, conn, entity, verifies=verifies)
        created = writer.create(conn, [row for _, row in mine], keys=held, claimed=claimed)
        ids |= {arrived.message: row.row_id for (arrived, _), row in zip(mine, created, strict=True)}
    return ids
