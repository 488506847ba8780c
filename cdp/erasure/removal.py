"""Every row about a customer, in every table: found by what the database itself says of its tables.

Rows that are hers and must not name her have a keyed token in a column `bearer` (`cdp.vault.vault.Vault.bearer`).

Not by the catalogue: during a change of it, after one that was cut off, or in a backup that is restored, there are
tables that no catalogue in force knows. A table that holds something about a customer has the column `customer_id`.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, column, delete, select, table

from cdp.store.people import ERASURE, MERGE
from cdp.store.regulating import SUPPRESSED_NAME
from cdp.store.structure import structure, structure_query
from cdp.terms import CUSTOMER
from cdp.vault.tables import METADATA as KEYS

_KEPT: Final = frozenset({ERASURE.name, *KEYS.tables})
"""The register itself; and the key store, which may lie in the same database and sees to itself."""

_ID: Final = "customer_id"
_BEARER: Final = "bearer"


def remove(conn: Connection, customer_id: str, suppressed: Sequence[str] = (), *, bearer: str = "") -> dict[str, int]:
    """Delete all rows about a customer; return how many went, by table, tables without any left out.

    Her own row goes first: who holds it locked is waited for, and what he has written is seen by what follows. Who
    comes later does not find her any more.

    Args:
        suppressed: the tokens of her identifiers; a list of names that has one of them loses it.
        bearer: the token of rows that are hers and do not name her: sessions end, and what waits for her goes.
    """
    there = structure(conn.execute(structure_query(conn.dialect.name)))
    names = [name for name, columns in there.items() if _ID in columns and name not in _KEPT]
    counts = {}
    for name in sorted(names, key=lambda each: (each != CUSTOMER, each)):
        mine = delete(table(name, column(_ID))).where(column(_ID) == customer_id)
        gone = conn.execute(mine).rowcount
        if gone:
            counts[name] = gone
    for name in sorted(each for each, columns in there.items() if _BEARER in columns and bearer):
        also = conn.execute(delete(table(name, column(_BEARER))).where(column(_BEARER) == bearer)).rowcount
        counts |= {name: counts.get(name, 0) + also} if also else {}
    if MERGE.name in there:  # another customer may say that this one was a part of her
        also = conn.execute(delete(MERGE).where(MERGE.c.absorbed == customer_id)).rowcount
        counts |= {str(MERGE.name): counts.get(str(MERGE.name), 0) + also} if also else {}
    if SUPPRESSED_NAME.name in there and suppressed:
        listed = conn.execute(delete(SUPPRESSED_NAME).where(SUPPRESSED_NAME.c.token.in_(suppressed))).rowcount
        counts |= {str(SUPPRESSED_NAME.name): listed} if listed else {}
    return counts


def ordinal_of(conn: Connection, customer_id: str) -> int | None:
    """Return a customer's ordinal, whatever catalogue is in force; None when she is not here."""
    rows = table(CUSTOMER, column(_ID), column("ordinal"))
    there = structure(conn.execute(structure_query(conn.dialect.name)))
    if CUSTOMER not in there:
        return None
    return conn.execute(select(rows.c.ordinal).where(rows.c.customer_id == customer_id)).scalar_one_or_none()
