"""Finding rows by what names them, thousands in one statement: by blind-indexed identifiers, or by their ids.

What is found serves writing; nothing of it is disclosed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, false, func, select, text

from cdp.catalogue.model import Catalogue, Entity
from cdp.store.given import Given, NamedRows
from cdp.store.platform import IDENTIFIER
from cdp.store.tables import build_schema
from cdp.store.write import Claim
from cdp.terms import CUSTOMER


class Bearer(NamedTuple):
    """The row that is named."""

    customer_id: str
    row_id: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer who exists."""

    ordinal: int


def find_by_tokens(conn: Connection, entity: str, kind: str, tokens: Collection[str]) -> dict[str, Bearer]:
    """Return who bears which of these identifiers; who only claims one does not."""
    if not tokens:
        return {}
    given, c = Given(conn.dialect.name, 1), IDENTIFIER.c
    # As the partial index has it: SQLite uses one only for a condition that repeats its own to the letter.
    verified = text("verified = 1" if conn.dialect.name == "sqlite" else "verified")
    mine = select(c.token, c.customer_id, c.row_id).where(c.entity == entity, c.kind == kind, verified)
    rows = conn.execute(mine.where(given.holds(c.token)), given.texts(tokens)).all()
    return {token: Bearer(customer_id, row_id) for token, customer_id, row_id in rows}


def count_identifiers(conn: Connection, customer_ids: Collection[str]) -> dict[str, int]:
    """Return how many identifiers these customers bear themselves."""
    if not customer_ids:
        return {}
    given, c = Given(conn.dialect.name, 1), IDENTIFIER.c
    mine = select(c.customer_id, func.count()).where(c.entity == CUSTOMER, given.holds(c.customer_id))
    rows = conn.execute(mine.group_by(c.customer_id), given.texts(customer_ids))
    return {customer_id: int(number) for customer_id, number in rows}


def find_by_ids(conn: Connection, catalogue: Catalogue, entity: Entity, ids: Collection[str]) -> dict[str, Bearer]:
    """Return which of these ids are rows of the entity."""
    if not ids:
        return {}
    given, table = Given(conn.dialect.name, 1), build_schema(catalogue, conn.dialect.name).rows[entity.name]
    row_id = table.c[entity.id_column]
    found = select(table.c.customer_id, row_id).where(given.holds(row_id))
    rows = conn.execute(found, given.texts(ids))
    return {row: Bearer(customer_id, row) for customer_id, row in rows}


def lock_customers(conn: Connection, catalogue: Catalogue, customer_ids: Collection[str]) -> dict[str, Customer]:
    """Return those of the customers who exist, and keep others from changing or erasing them until the end.

    They are locked in the order of their ids, so that two who lock several cannot wait for each other.
    """
    if not customer_ids:
        return {}
    given, table = Given(conn.dialect.name, 1), build_schema(catalogue, conn.dialect.name).customer
    wanted = select(table.c.customer_id, table.c.ordinal).where(given.holds(table.c.customer_id))
    rows = conn.execute(wanted.order_by(table.c.customer_id).with_for_update(of=table), given.texts(customer_ids))
    return {customer_id: Customer(ordinal) for customer_id, ordinal in rows}


def find_ordinals(conn: Connection, catalogue: Catalogue, customer_ids: Collection[str]) -> list[int]:
    """Return the ordinals of those customers that exist, for the entry of a read that shows their ids."""
    table = build_schema(catalogue, conn.dialect.name).customer
    given = Given(conn.dialect.name, 1)
    wanted = select(table.c.ordinal).where(given.holds(table.c.customer_id)).order_by(table.c.ordinal)
    return list(conn.execute(wanted, given.texts(customer_ids)).scalars()) if customer_ids else []


def find_parents(
    conn: Connection, catalogue: Catalogue, entity: Entity, ids: Collection[tuple[str, str]]
) -> dict[str, str]:
    """Return by row id what the rows of an entity belong to, where that is another row and not the customer."""
    parent = catalogue.lineage(entity)[1]
    if parent.is_customer or not ids:
        return {}
    table, mine = build_schema(catalogue, conn.dialect.name).rows[entity.name], NamedRows(entity, conn.dialect.name)
    wanted = select(table.c[entity.id_column].label("row_id"), table.c[parent.id_column].label("parent_id"))
    return {row.row_id: row.parent_id for row in conn.execute(wanted.where(mine.of(table)), mine.values(ids))}


def find_claims(conn: Connection, entity: Entity, ids: Collection[tuple[str, str]]) -> set[Claim]:
    """Return the identifiers that these rows only claim."""
    if not ids:
        return set()
    mine, c = NamedRows(entity, conn.dialect.name), IDENTIFIER.c
    claimed = select(c.row_id, c.kind, c.token).where(c.entity == entity.name, c.verified.is_(false()))
    return {
        (row_id, kind, token)
        for row_id, kind, token in conn.execute(claimed.where(mine.of(IDENTIFIER, "row_id")), mine.values(ids))
    }


def only_claimed(conn: Connection, entity: Entity, identifiers: Sequence[Claim], *, verifies: bool) -> frozenset[Claim]:
    """Return which of these identifiers their rows can but claim.

    What another row bears stays its; of two that come to it at once, the first has it. And where who says it verifies
    nothing, no row comes to bear anything.
    """
    found: set[Claim] = set()
    for kind in sorted({kind for _, kind, _ in identifiers}):
        mine = [each for each in identifiers if each[1] == kind]
        borne = find_by_tokens(conn, entity.name, kind, {token for _, _, token in mine})
        bearers = {token: each.row_id for token, each in borne.items()}
        for row_id, _, token in mine:
            if bearers.setdefault(token, row_id if verifies else "") != row_id:
                found.add((row_id, kind, token))
    return frozenset(found)


def plan_afresh(conn: Connection) -> None:
    """Have every statement of this transaction planned for the tables as they are and for what it is given.

    PostgreSQL keeps a plan after some runs: one made while a table was empty reads it whole when it is full.
    """
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")
