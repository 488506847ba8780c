"""The history in the database, and the flags on the customer's row that are its projection.

Both are written in the caller's transaction, so that a flag never stands without the act that set it.
"""

from collections.abc import Sequence

import orjson
from sqlalchemy import Connection, select, update

from cdp.catalogue.model import Catalogue
from cdp.catalogue.places import flag_column
from cdp.store.bulk import insert_rows
from cdp.store.platform import CONSENT_EVENT
from cdp.store.tables import build_schema
from consent.events import Event, Source, State
from consent.precedence import refused_choices


def add_events(conn: Connection, catalogue: Catalogue, events: Sequence[Event]) -> None:
    """Append events of customers who exist and bring their flags in line with their whole history.

    The row is locked first: of two acts at once, the second sees the first.
    """
    customer = build_schema(catalogue, conn.dialect.name).customer
    for customer_id in sorted({event.customer_id for event in events}):
        conn.execute(select(customer.c.ordinal).where(customer.c.customer_id == customer_id).with_for_update())
    append_events(conn, events)
    for customer_id in sorted({event.customer_id for event in events}):
        refused = refused_choices(read_events(conn, customer_id), catalogue.opt_outs)
        flags = {flag_column(name): name in refused for name in catalogue.opt_outs}
        conn.execute(update(customer).where(customer.c.customer_id == customer_id).values(flags))


def append_events(conn: Connection, events: Sequence[Event]) -> None:
    """Append events as they are; the caller sees to the flags (new customers are written with theirs)."""
    rows = [
        [
            event.customer_id, event.event_id, event.choice, event.state, event.effective_at, event.received_at,
            event.source, orjson.dumps(dict(event.evidence), option=orjson.OPT_SORT_KEYS).decode(), event.jurisdiction,
        ]
        for event in events
    ]  # fmt: skip
    insert_rows(conn, CONSENT_EVENT, rows)


def read_events(conn: Connection, customer_id: str) -> list[Event]:
    """Return the history of one customer, oldest first."""
    c = CONSENT_EVENT.c
    rows = conn.execute(select(CONSENT_EVENT).where(c.customer_id == customer_id).order_by(c.effective_at, c.event_id))
    return [
        Event(
            row.customer_id, row.choice, State(row.state), Source(row.source), row.effective_at, row.received_at,
            orjson.loads(row.evidence), row.jurisdiction, row.event_id,
        )
        for row in rows
    ]  # fmt: skip
