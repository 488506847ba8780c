"""Random pseudonyms for recipients: one per row, recipient and purpose, stored like every other shape.

Style guide, "Tokenisation is a join": no key in SQL, no linkage across recipients or purposes; deleting the row erases
the link. Rows get theirs when they are written (`cdp.store.write`); rows that were there before, here.
"""

import uuid
from collections.abc import Collection

from sqlalchemy import Connection, exists, func, insert, literal, select, text

from cdp.catalogue.model import Catalogue
from cdp.store.platform import TOKEN, TOKEN_SCOPE
from cdp.store.tables import build_schema
from cdp.terms import CUSTOMER


def new_token() -> str:
    """Return a fresh token: 122 random bits in 32 hex digits."""
    return uuid.uuid4().hex


def give_tokens(conn: Connection, catalogue: Catalogue, scopes: Collection[tuple[str, str]]) -> None:
    """Give every row its tokens for these scopes, and have new rows given them from now on.

    Args:
        scopes: pairs of scope and entity; the customer's own token comes with each.
    """
    wanted = sorted({*scopes, *((scope, CUSTOMER) for scope, _ in scopes)})
    known = {(row.scope, row.entity) for row in conn.execute(select(TOKEN_SCOPE))}
    for scope, entity in wanted:
        if (scope, entity) not in known:
            _give(conn, catalogue, scope, entity)


def wait_for_writers(conn: Connection, catalogue: Catalogue, scopes: Collection[tuple[str, str]]) -> None:
    """Wait for those who are writing rows that will be given tokens, and keep others from beginning.

    To be called before the log is locked: they will want to append before they let go of the rows.
    """
    if conn.dialect.name == "postgresql":
        for entity in sorted({CUSTOMER, *(entity for _, entity in scopes)} & set(catalogue.entities)):
            quoted = conn.dialect.identifier_preparer.quote_identifier(entity)
            conn.exec_driver_sql(f"LOCK TABLE {quoted} IN SHARE ROW EXCLUSIVE MODE")


def _give(conn: Connection, catalogue: Catalogue, scope: str, entity: str) -> None:
    table = build_schema(catalogue, conn.dialect.name).rows[entity]
    is_postgresql = conn.dialect.name == "postgresql"
    if is_postgresql:
        # A writer that has not yet inserted waits here, and reads the scopes only after its insert: no row is missed.
        quoted = conn.dialect.identifier_preparer.quote_identifier(entity)
        conn.exec_driver_sql(f"LOCK TABLE {quoted} IN SHARE ROW EXCLUSIVE MODE")
    conn.execute(insert(TOKEN_SCOPE).values(scope=scope, entity=entity))
    random = (
        func.replace(text("gen_random_uuid()::text"), "-", "")
        if is_postgresql
        else func.lower(func.hex(func.randomblob(16)))
    )
    row_id = table.c[catalogue.entities[entity].id_column]
    there = exists().where(
        TOKEN.c.customer_id == table.c.customer_id,
        TOKEN.c.entity == entity,
        TOKEN.c.row_id == row_id,
        TOKEN.c.scope == scope,
    )
    rows = select(table.c.customer_id, literal(entity), row_id, literal(scope), random).where(~there)
    conn.execute(insert(TOKEN).from_select(["customer_id", "entity", "row_id", "scope", "token"], rows))
