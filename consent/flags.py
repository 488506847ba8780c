"""The history in the database, and the flags on the customer's row that are its projection.

Both are written in the caller's transaction, so that a flag never stands without the act that set it.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection, select, update

from cdp.catalogue.model import Catalogue
from cdp.catalogue.places import flag_column
from cdp.store.bulk import insert_rows
from cdp.store.platform import CONSENT_EVENT
from cdp.store.tables import build_schema
from consent.events import OF_THE_PERSON, Event, Source, State
from consent.precedence import refused_choices


def add_events(conn: Connection, catalogue: Catalogue, events: Sequence[Event]) -> None:
    """Append events of customers who exist and bring their flags in line with their whole history.

    The row is locked first: of two acts at once, the second sees the first. An event that is there already counts once.

    INVARIANT: a flag goes back only by the person's own word; one that stands without history, or is odd, stays.
    """
    customer = build_schema(catalogue, conn.dialect.name).customer
    for customer_id in sorted({event.customer_id for event in events}):
        conn.execute(select(customer.c.ordinal).where(customer.c.customer_id == customer_id).with_for_update())
        history = {event.event_id: event for event in read_events(conn, customer_id)}
        known = len(history)
        for event in events:
            if event.customer_id == customer_id and event.event_id not in history:
                history[event.event_id] = _in_turn(event, history.values())
        append_events(conn, list(history.values())[known:])
        refused = refused_choices(history.values(), catalogue.opt_outs)
        taken_back = {each.choice for each in history.values() if _is_her_yes(each)} - refused
        flags = {flag_column(name): name in refused for name in catalogue.opt_outs if name in refused | taken_back}
        if flags:
            conn.execute(update(customer).where(customer.c.customer_id == customer_id).values(flags))


def _is_her_yes(event: Event) -> bool:
    return event.state is State.ALLOWED and event.source in OF_THE_PERSON


def _in_turn(event: Event, history: Collection[Event]) -> Event:
    """Return the event as it takes effect: what happens now is not older than what is known, whatever the clock says.

    A clock that was put back would else let a refusal be acknowledged that an earlier "yes" outlives.
    """
    latest = max((each.effective_at for each in history if each.choice == event.choice), default="")
    if event.effective_at != event.received_at or event.effective_at > latest:
        return event
    if event.state is State.REFUSED:
        return replace(event, effective_at=latest)  # at the same instant a refusal counts
    if event.source not in OF_THE_PERSON:
        return event
    after = datetime.fromisoformat(latest) + timedelta(microseconds=1)
    return replace(event, effective_at=after.isoformat(timespec="microseconds"))


def restore_flags(conn: Connection, catalogue: Catalogue, choice: str) -> None:
    """Bring the flags of an opt-out that is new to the catalogue in line with what the history says of that name.

    A refusal outlives the opt-out: when it comes back, nobody has to refuse again.
    """
    customer, c = build_schema(catalogue, conn.dialect.name).customer, CONSENT_EVENT.c
    people = conn.execute(select(c.customer_id).where(c.choice == choice).distinct()).scalars().all()
    for customer_id in people:
        if refused_choices(read_events(conn, customer_id), [choice]):
            mine = update(customer).where(customer.c.customer_id == customer_id)
            conn.execute(mine.values({flag_column(choice): True}))


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
