"""What a law keeps of somebody who is erased: taken out before her key goes, and sealed under keys of its own.

A hold is kept as if it were somebody: a random id that is in no table of customers, with a key in the key store. No
view reaches it, rotation wraps its key anew like any other, and when it ends it is erased like anybody: key destroyed,
tombstone, rows, files. Decision 37.

INVARIANT: what is held leaves the rest of her behind: no id, no identifier and no other field of hers goes along.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Select, select

from cdp.catalogue.field import Field, Hold
from cdp.catalogue.keeping import end_of_month, later, parse_period
from cdp.catalogue.model import Catalogue, Entity
from cdp.errors import Unavailable
from cdp.store.bulk import insert_rows
from cdp.store.people import HELD
from cdp.store.platform import CATALOGUE_VERSION
from cdp.store.records import Stored, read_rows
from cdp.store.tables import build_schema
from cdp.store.versions import Force, body_query, force_query
from cdp.terms import Value
from cdp.vault.seal import Sealer
from cdp.vault.vault import Vault

Lookup = Callable[[Select[Any]], list[tuple[Any, ...]]]
"""`audit.door.Door.lookup`."""

SEALER: Final = Sealer("cdp_held", "held")
BATCH: Final = 1_000
_DAY: Final = len("2026-01-01")


@dataclass(frozen=True, slots=True)
class Kept:
    """What the certificate says of held values: of which field, how many, until when and why; none of them."""

    entity: str
    field: str
    rows: int
    until: str
    purpose: str
    basis: str


def held_until(hold: Hold, values: Mapping[str, Value], today: date) -> date:
    """Return the first day on which a hold of a row is over."""
    return end_of_month(later(held_from(hold, values) or today, parse_period(hold.period)))


def held_from(hold: Hold, values: Mapping[str, Value]) -> date | None:
    """Return the day in a row from which its hold counts; None where it counts from the erasure."""
    begun = values.get(hold.since) if hold.since else None
    return date.fromisoformat(begun[:_DAY]) if isinstance(begun, str) else None


def held_fields(entity: Entity) -> dict[str, Field]:
    """Return the fields of an entity that have a hold."""
    return {name: field for name, field in entity.fields.items() if field.hold is not None}


def held_of(entity: Entity, row: Stored, today: date) -> dict[str, date]:
    """Return which values of a row a law keeps if its owner is erased today, each with the day until which."""
    found = {}
    for name, field in held_fields(entity).items():
        if field.hold is not None and row.values.get(name) is not None:
            until = held_until(field.hold, row.values, today)
            if until > today:
                found[name] = until
    return found


def read_holds(lookup: Lookup) -> tuple[Catalogue, int] | None:
    """Return the catalogue in force with its version, if a field of it has a hold.

    Args:
        lookup: reads tables that are about nobody.

    Raises:
        Unavailable: `catalogue_applying`: what is being changed cannot be read now. The erasure goes on after it.
    """
    force = Force(*lookup(force_query())[0])
    if not force.catalogue_version:
        return None
    catalogue = Catalogue.model_validate_json(lookup(body_query(CATALOGUE_VERSION, force.catalogue_version))[0][0])
    if not any(map(held_fields, catalogue.entities.values())):
        return None
    if force.applying:
        raise Unavailable("catalogue_applying", "a new catalogue is being applied", hint="`cdp model apply` goes on")
    return catalogue, force.catalogue_version


def set_aside(
    conn: Connection, vault: Vault, holds: tuple[Catalogue, int], customer_id: str, *, erasure_id: str, today: date
) -> list[Kept]:
    """Keep what a law keeps of a customer, in the caller's transaction; return what that is."""
    catalogue, version = holds
    aside = _Aside(conn, vault, erasure_id)
    for entity in filter(held_fields, catalogue.entities.values()):
        for rows in her_rows(conn, catalogue, entity, customer_id, vault):
            for row in rows:
                aside.add(entity, row, today)
    return aside.write(version)


class _Aside:
    """Held values of one customer, by what they are for and until when."""

    def __init__(self, conn: Connection, vault: Vault, erasure_id: str) -> None:
        self._conn, self._vault, self._erasure_id = conn, vault, erasure_id
        self._found: dict[tuple[str, date], list[tuple[str, dict[str, Value]]]] = defaultdict(list)
        self._counts: dict[tuple[str, str, date, str, str], int] = defaultdict(int)

    def add(self, entity: Entity, row: Stored, today: date) -> None:
        """Take what is held of one row."""
        values: dict[tuple[str, date], dict[str, Value]] = defaultdict(dict)
        for name, until in held_of(entity, row, today).items():
            hold = entity.fields[name].hold
            if hold is not None:
                values[hold.purpose, until][name] = row.values[name]
                self._counts[entity.name, name, until, hold.purpose, hold.basis] += 1
        for which, kept in values.items():
            self._found[which].append((entity.name, kept))

    def write(self, version: int) -> list[Kept]:
        """Seal it; the keys are on disk before."""
        ids = {which: str(uuid.uuid4()) for which in self._found}
        keys = self._vault.new_keys(ids.values())
        for (purpose, until), rows in self._found.items():
            whose = ids[purpose, until]
            named = [(whose, str(number), values) for number, (_, values) in enumerate(rows)]
            sealed = SEALER.seal_rows(keys, named, schema=version)
            lines = [
                [whose, number, self._erasure_id, entity, purpose, until.isoformat(), blob]
                for number, ((entity, _), blob) in enumerate(zip(rows, sealed, strict=True))
            ]
            insert_rows(self._conn, HELD, lines)
        return [
            Kept(entity, name, count, until.isoformat(), purpose, basis)
            for (entity, name, until, purpose, basis), count in sorted(self._counts.items())
        ]


def format_kept(kept: Sequence[Kept]) -> list[dict[str, Any]]:
    """Return what the register keeps of it."""
    return [asdict(each) for each in kept]


def her_rows(
    conn: Connection, catalogue: Catalogue, entity: Entity, customer_id: str, vault: Vault
) -> Iterator[Sequence[Stored]]:
    """Yield a customer's rows of an entity, some at a time."""
    table = build_schema(catalogue, conn.dialect.name).rows[entity.name]
    row_id = table.c[entity.id_column]
    ids = list(conn.execute(select(row_id).where(table.c.customer_id == customer_id).order_by(row_id)).scalars())
    for start in range(0, len(ids), BATCH):
        named = [(customer_id, each) for each in ids[start : start + BATCH]]
        yield read_rows(conn, catalogue, entity, named, keys=vault)
