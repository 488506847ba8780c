"""Where customers live, as far as the policy's regimes ask for it, read from their rows."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, null, select

from cdp.catalogue.model import Catalogue
from cdp.catalogue.places import place
from cdp.store.given import Given
from cdp.store.tables import build_schema
from cdp.terms import CUSTOMER, Shape
from consent.regimes.chosen import Hers, Regimes


def region_column(catalogue: Catalogue, regimes: Regimes, dialect: str) -> ColumnElement[Any]:
    """Return the column that regimes are chosen by; null where they are not, or by one that is not in the clear."""
    field = catalogue.entities[CUSTOMER].fields.get(regimes.by or "")
    found = place(field, Shape.CLEAR) if field else None
    if found is None or found.segment:
        return null()
    return build_schema(catalogue, dialect).customer.c[found.key]


def read_regimes(
    conn: Connection, catalogue: Catalogue, regimes: Regimes, customer_ids: Iterable[str]
) -> dict[str, Hers]:
    """Return the regimes of customers who exist."""
    dialect = conn.dialect.name
    customer, given = build_schema(catalogue, dialect).customer, Given(dialect, 1)
    query = select(customer.c.customer_id, region_column(catalogue, regimes, dialect))
    rows = conn.execute(query.where(given.holds(customer.c.customer_id)), given.texts(customer_ids))
    return {customer_id: regimes.of({regimes.by or "": region}) for customer_id, region in rows}
