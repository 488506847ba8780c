"""Reading whole rows back from the store, for writing them again: the raw side of the store, below every view.

What comes from here is not disclosed; it serves updates and re-shaping, inside the transaction of a change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import orjson
from sqlalchemy import ColumnElement, Connection, Table, and_, select

from cdp.catalogue.model import Catalogue, Entity
from cdp.catalogue.places import place
from cdp.store.given import NamedRows
from cdp.store.tables import build_schema
from cdp.terms import Shape, Type, Value
from cdp.vault.seal import Sealer

_SPELT: Final = (Type.JSON, Type.BOOLEAN)
"""The types that are stored in another form than the one they have in the program."""


class Keys(Protocol):
    """Where customers' keys come from."""

    def keys(self, customer_ids: Sequence[str]) -> Mapping[str, bytes]:
        """Return the keys there are; a customer without one is erased."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of an entity as it is stored: its ids, its ordinal, and the canonical values of its fields."""

    customer_id: str
    row_id: str
    ordinal: int
    values: dict[str, Value]


def read_rows(
    conn: Connection, catalogue: Catalogue, entity: Entity, ids: Sequence[tuple[str, str]], *, keys: Keys
) -> list[Stored]:
    """Read rows with every field in the clear; unknown ones are absent.

    Args:
        ids: pairs of customer id and row id.
        keys: the vault.
    """
    if not ids:
        return []
    rows, given = NamedRows(entity, conn.dialect.name), build_schema(catalogue, conn.dialect.name).rows[entity.name]
    return _read(conn, catalogue, entity, rows.of(given), keys, given=rows.values(ids))


def read_ordinals(
    conn: Connection,
    catalogue: Catalogue,
    entity: Entity,
    span: range,
    *,
    keys: Keys,
    version: int,
    table: Table,
) -> list[Stored]:
    """Read the rows of a span of ordinals that were not shaped with this version of the catalogue.

    Args:
        table: the entity's table as it is now; its columns have the names of the catalogue as keys.
    """
    here = and_(table.c.ordinal >= span.start, table.c.ordinal < span.stop, table.c.shaped_with != version)
    return _read(conn, catalogue, entity, here, keys, table=table)


def _read(
    conn: Connection,
    catalogue: Catalogue,
    entity: Entity,
    where: ColumnElement[bool],
    keys: Keys,
    *,
    given: Mapping[str, Any] | None = None,
    table: Table | None = None,
) -> list[Stored]:
    schema = build_schema(catalogue, conn.dialect.name)
    table = schema.rows[entity.name] if table is None else table
    plain = {
        name: found
        for name, field in entity.fields.items()
        if (found := place(field, Shape.CLEAR)) and not found.segment
    }
    wanted = [
        table.c.customer_id,
        table.c[entity.id_column],
        table.c.ordinal,
        *(table.c[each.key] for each in plain.values()),
    ]
    rows = {}
    spelt = [(index, each.type) for index, each in enumerate(plain.values()) if each.type in _SPELT]
    for customer_id, row_id, ordinal, *cells in conn.execute(select(*wanted).where(where), given).all():
        for index, type_ in spelt:
            cells[index] = _loaded(cells[index], type_)
        rows[row_id] = Stored(customer_id, row_id, ordinal, dict(zip(plain, cells, strict=True)))
    if entity.name in schema.sealed and rows:
        _unseal(conn, entity, schema.sealed[entity.name], rows, keys)
    return list(rows.values())


def _unseal(conn: Connection, entity: Entity, table: Table, rows: dict[str, Stored], keys: Keys) -> None:
    """Add the sealed fields; other shapes kept in a segment are left out."""
    held = keys.keys(sorted({row.customer_id for row in rows.values()}))
    mine = NamedRows(entity, conn.dialect.name)
    given = mine.values((row.customer_id, row.row_id) for row in rows.values() if row.customer_id in held)
    wanted = select(table.c[entity.id_column], table.c.segment, table.c.sealed).where(mine.of(table))
    sealers: dict[str, Sealer] = {}
    for row_id, segment, blob in conn.execute(wanted, given).all():
        row = rows[row_id]
        if segment not in sealers:
            sealers[segment] = Sealer(table.name, segment)
        opened = sealers[segment].unseal(held[row.customer_id], row_id, bytes(blob))
        row.values.update({name: value for name, value in opened.items() if name in entity.fields})


def _loaded(cell: Any, type_: Type) -> Value:
    if cell is None:
        return None
    if type_ is Type.JSON:
        value: Value = orjson.loads(cell)
        return value
    return bool(cell) if type_ is Type.BOOLEAN else cell
