"""Finding the customer that somebody names: by id, or by an identifier such as `email:ann@example.org`.

By what events call her, too: `user_id:17` as a trusted source does, `anonymous_id@web:…` as the source `web` does.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from cdp.bootstrap import InForce
from cdp.catalogue.kinds import names_somebody
from cdp.errors import BadInput, NotFound
from cdp.shapes.values import coerce
from cdp.store.platform import IDENTIFIER
from cdp.store.tables import build_schema
from cdp.terms import CUSTOMER, Type
from cdp.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Found:
    """A customer that exists."""

    customer_id: str
    ordinal: int


def find_customer(conn: Connection, in_force: InForce, vault: Vault, name: str) -> Found:
    """Return the customer whom `name` names.

    Raises:
        NotFound: `unknown_customer`; the same for an unknown id, an unknown identifier and a malformed name.
    """
    customer_id: str | None = None
    kind, colon, text = name.partition(":")
    if not colon and _is_text(name):
        customer_id = name
    elif names_somebody(in_force.catalogue, kind) and _is_text(text):
        token = vault.blind.token(CUSTOMER, kind, text)
        c = IDENTIFIER.c
        mine = select(c.customer_id).where(
            c.entity == CUSTOMER, c.kind == kind, c.token == (token.hex() if token else "")
        )
        customer_id = conn.execute(mine.order_by(c.verified.desc()).limit(1)).scalar_one_or_none()
    customer = build_schema(in_force.catalogue, conn.dialect.name).customer
    row = None
    if customer_id is not None:
        row = conn.execute(
            select(customer.c.customer_id, customer.c.ordinal).where(customer.c.customer_id == customer_id)
        ).one_or_none()
    if row is None:
        raise NotFound(
            "unknown_customer", "there is no such customer", path="customer", hint="name one by id or as `email:…`"
        )
    return Found(*row)


def _is_text(name: str) -> bool:
    """Return whether a name is text that a database takes: no NUL, no half of a surrogate pair, and not too long."""
    try:
        return coerce(Type.TEXT, name) is not None
    except BadInput:
        return False
