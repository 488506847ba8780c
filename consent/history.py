"""The history in the database, and how what happens now finds its place in it.

`cdp_consent_event` is append-only: the database itself refuses to change a row, and lets rows go only for a customer
who has an unfinished row in `cdp_erasure` (`migrations/platform`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, Select, select

from cdp.store.bulk import insert_rows
from cdp.store.given import Given
from cdp.store.platform import CONSENT_EVENT
from consent.choices import Choices
from consent.events import Event, Evidence, Source, State

History = Mapping[str, Event]
"""The events of one customer by their ids: an event that comes twice is there once."""

_INSTANT = timedelta(microseconds=1)


def append_events(conn: Connection, events: Sequence[Event]) -> None:
    """Append events as they are; the caller sees to the flags (new customers are written with theirs)."""
    rows = [
        [
            event.customer_id, event.event_id, event.choice, event.state, event.effective_at, event.received_at,
            event.source, event.evidence.format(), event.jurisdiction, event.reference,
        ]
        for event in events
    ]  # fmt: skip
    insert_rows(conn, CONSENT_EVENT, rows)


def read_events(conn: Connection, customer_id: str) -> list[Event]:
    """Return the history of one customer, oldest first."""
    return list(read_histories(conn, [customer_id])[customer_id].values())


def read_histories(conn: Connection, customer_ids: Iterable[str]) -> dict[str, dict[str, Event]]:
    """Return the histories of customers, each oldest first; of one without, an empty one."""
    given = Given(conn.dialect.name, 1)
    wanted = list(dict.fromkeys(customer_ids))
    query = events_query().where(given.holds(CONSENT_EVENT.c.customer_id))
    found: dict[str, dict[str, Event]] = {customer_id: {} for customer_id in wanted}
    for row in conn.execute(query, given.texts(wanted)):
        event = event_of(row)
        found[event.customer_id][event.event_id] = event
    return found


def events_query() -> Select[tuple[str, ...]]:
    """Return the query for all events, each customer's oldest first; its rows are for `event_of`."""
    c = CONSENT_EVENT.c
    return select(CONSENT_EVENT).order_by(c.customer_id, c.effective_at, c.received_at, c.event_id)


def event_of(row: Row[tuple[str, ...]]) -> Event:
    """Return the event that a row of the table holds."""
    return Event(
        row.customer_id, row.choice, State(row.state), Source(row.source), row.effective_at, row.received_at,
        Evidence.parse(row.evidence), row.jurisdiction, row.reference, row.event_id,
    )  # fmt: skip


def in_turn(events: Iterable[Event], history: History, choices: Choices) -> list[Event]:
    """Return the events that the history does not have, as they take effect.

    What happens now is not older than what is known, whatever the clock says: one that was put back would else let a
    refusal be acknowledged that an earlier "yes" outlives. Acts of one time stay acts of one time, so that a batch that
    contradicts itself is a tie, and refuses.
    """
    latest: dict[str, str] = defaultdict(str)
    for event in history.values():
        choice = choices.canonical(event.choice)
        if event.source is not Source.REGIME:
            latest[choice] = max(latest[choice], event.effective_at)
    fresh = {event.event_id: event for event in events if event.event_id not in history}
    moved: dict[tuple[str, str], str] = {}
    placed = []
    for event in sorted(fresh.values(), key=lambda each: each.effective_at):
        choice, at = choices.canonical(event.choice), event.effective_at
        if event.source is not Source.REGIME and at == event.received_at:
            if (choice, at) not in moved:
                moved[choice, at] = at if at > latest[choice] else _after(latest[choice])
            latest[choice] = at = max(latest[choice], moved[choice, at])
        placed.append(replace(event, effective_at=at))
    return placed


def _after(at: str) -> str:
    return (datetime.fromisoformat(at) + _INSTANT).isoformat(timespec="microseconds")
