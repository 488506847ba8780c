"""Moving what belongs to one customer to another: rows keep their ids, ordinals and pseudonyms, and change their key.

What is sealed of a row is bound to its customer's key; it is opened with the one and sealed with the other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, delete, update

from cdp.bootstrap import InForce
from cdp.services.imports.found import HeldKeys
from cdp.store.given import Given
from cdp.store.keeping import RENEWAL
from cdp.store.lookup import find_claims
from cdp.store.platform import IDENTIFIER, TOKEN, WORD
from cdp.store.records import read_rows
from cdp.store.tables import build_schema
from cdp.store.write import Writer
from cdp.terms import CUSTOMER
from cdp.vault.vault import Vault


def move_rows(
    conn: Connection, in_force: InForce, vault: Vault, rows: Mapping[str, Collection[str]], *,
    giver: str, taker: str, keys: Mapping[str, bytes],
) -> None:  # fmt: skip
    """Give rows, by entity their ids, from one customer to another; those that are no longer the giver's stay away."""
    for name, ids in rows.items():
        if name in in_force.catalogue.entities and name != CUSTOMER and ids:
            _move(conn, in_force, vault, name, sorted(ids), giver=giver, taker=taker, keys=keys)


def _move(
    conn: Connection, in_force: InForce, vault: Vault, name: str, ids: Sequence[str], *,
    giver: str, taker: str, keys: Mapping[str, bytes],
) -> None:  # fmt: skip
    catalogue, dialect = in_force.catalogue, conn.dialect.name
    entity, schema = catalogue.entities[name], build_schema(catalogue, dialect)
    stored = read_rows(conn, catalogue, entity, [(giver, each) for each in ids], keys=HeldKeys(keys))
    if not stored:
        return
    claims = find_claims(conn, entity, [(giver, row.row_id) for row in stored])
    given = Given(dialect, 1)
    named = given.texts(row.row_id for row in stored)
    table = schema.rows[name]
    conn.execute(
        update(table)
        .where(table.c.customer_id == giver, given.holds(table.c[entity.id_column]))
        .values(customer_id=taker),
        named,
    )
    if name in schema.sealed:
        sealed = schema.sealed[name]
        mine = delete(sealed).where(sealed.c.customer_id == giver, given.holds(sealed.c[entity.id_column]))
        conn.execute(mine, named)
    asked = RENEWAL.c  # what she confirmed of a row counts on for it
    asked_of = update(RENEWAL).where(asked.customer_id == giver, asked.entity == name, given.holds(asked.row_id))
    conn.execute(asked_of.values(customer_id=taker), named)
    for each in (IDENTIFIER, WORD, TOKEN):
        hers = update(each).where(each.c.customer_id == giver, each.c.entity == name, given.holds(each.c.row_id))
        conn.execute(hers.values(customer_id=taker), named)
    writer = Writer(catalogue, entity, version=in_force.catalogue_version, vault=vault, dialect=dialect)
    writer.replace(conn, [replace(row, customer_id=taker) for row in stored], claims=claims, keys=keys)
