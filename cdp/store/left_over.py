"""What columns of files that the catalogue does not know said of a row: sealed under her key, and read by nobody.

It waits until somebody classifies it, and goes with the row's customer. One row of the table for each row that has any;
of two files that say the same column the later counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, delete, select, update

from cdp.store.arriving import LEFT_OVER
from cdp.store.bulk import insert_rows
from cdp.store.given import Given
from cdp.terms import Value
from cdp.vault.seal import Sealer

Place = tuple[str, str]
"""An entity, and the id of a row of it; of somebody who became part of another, her own id still."""

_SEALER: Final = Sealer(LEFT_OVER.name, "values")
_L: Final = LEFT_OVER.c


def read_left(
    conn: Connection, entity: str, ids: Sequence[tuple[str, str]], keys: Mapping[str, bytes]
) -> dict[str, dict[str, Value]]:
    """Return what is left over of these rows, pairs of customer id and row id, by row id."""
    if not ids:
        return {}
    given = Given(conn.dialect.name, 2)
    mine = select(_L.customer_id, _L.row_id, _L.sealed).where(
        _L.entity == entity, given.holds(_L.customer_id, _L.row_id)
    )
    return {
        row_id: _SEALER.unseal(keys[customer_id], f"{entity}/{row_id}", bytes(sealed))
        for customer_id, row_id, sealed in conn.execute(mine, given.values(ids))
        if customer_id in keys
    }


def write_left(
    conn: Connection, entity: str, rows: Iterable[tuple[str, str, Mapping[str, Value]]], keys: Mapping[str, bytes], *,
    version: int,
) -> None:  # fmt: skip
    """Write what is left over of rows, each a customer id, a row id and values, instead of what was there."""
    rows = sorted(rows, key=lambda row: row[:2])
    if not rows:
        return
    given = Given(conn.dialect.name, 2)
    mine = delete(LEFT_OVER).where(_L.entity == entity, given.holds(_L.customer_id, _L.row_id))
    conn.execute(mine, given.values(row[:2] for row in rows))
    kept = [(customer_id, row_id, values) for customer_id, row_id, values in rows if values]
    blobs = _SEALER.seal_rows(keys, [(who, f"{entity}/{row_id}", each) for who, row_id, each in kept], schema=version)
    insert_rows(
        conn, LEFT_OVER,
        [(who, entity, row_id, version, blob) for (who, row_id, _), blob in zip(kept, blobs, strict=True)],
    )  # fmt: skip


def left_of(conn: Connection, customer_id: str) -> list[Place]:
    """Return of which rows of a customer something is left over."""
    mine = select(_L.entity, _L.row_id).where(_L.customer_id == customer_id).order_by(_L.entity, _L.row_id)
    return [(str(entity), str(row_id)) for entity, row_id in conn.execute(mine)]


def move_left(
    conn: Connection, places: Iterable[Place], *, giver: str, taker: str, keys: Mapping[str, bytes]
) -> None:  # fmt: skip
    """Give what is left over of rows from one customer to another; it is to be read anew."""
    wanted = {*places}
    mine = select(_L.entity, _L.row_id, _L.sealed).where(_L.customer_id == giver).with_for_update()
    for entity, row_id, sealed in conn.execute(mine).all() if wanted else ():
        if (entity, row_id) not in wanted:
            continue
        place, blob = f"{entity}/{row_id}", bytes(sealed)
        values = _SEALER.unseal(keys[giver], place, blob)
        anew = _SEALER.seal(keys[taker], place, values, schema=_SEALER.header(blob).schema)
        row = update(LEFT_OVER).where(_L.customer_id == giver, _L.entity == entity, _L.row_id == row_id)
        conn.execute(row.values(customer_id=taker, sealed=anew, read_with=0))
