"""The flags on the customer's row: the projection of her history, written in the transaction of the act.

So a flag never stands without the act that set it, and no act is acknowledged whose flag does not stand.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Table, bindparam, select, update

from cdp.catalogue.model import Catalogue
from cdp.catalogue.places import flag_column
from cdp.errors import NotFound
from cdp.store.lookup import lock_customers
from cdp.store.platform import CONSENT_EVENT
from cdp.store.tables import build_schema
from consent.choices import Choices
from consent.events import Event, State
from consent.history import History, append_events, in_turn, read_histories
from consent.precedence import refused_flags
from consent.profiles import carried

BATCH = 1_000


def add_events(conn: Connection, catalogue: Catalogue, events: Sequence[Event]) -> list[Event]:
    """Append events of customers who exist and bring their flags in line with their whole history.

    Returns:
        Those that were not there already, as they took effect.

    Rows are locked first, in one order: of two acts at once, the second sees the first. An event that is there already
    counts once. While a merge stands, a refusal of the survivor is one of those merged into her, too.

    INVARIANT: a flag goes back only by the person's own word, or with the merge that set it; one that stands without
    history, or is odd, stays.

    Raises:
        NotFound: `unknown_customer`, for somebody who has no row; nothing is written then.
    """
    by_customer: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_customer[event.customer_id].append(event)
    everyone, fresh = sorted(by_customer), list[Event]()
    for start in range(0, len(everyone), BATCH):
        part = everyone[start : start + BATCH]
        fresh += _add(conn, catalogue, {customer_id: by_customer[customer_id] for customer_id in part})
    return fresh


def _add(conn: Connection, catalogue: Catalogue, events: dict[str, list[Event]]) -> list[Event]:
    choices = Choices.of(catalogue)
    if len(lock_customers(conn, catalogue, events)) != len(events):
        raise NotFound("unknown_customer", "there is no such customer", path="customer")
    histories = read_histories(conn, events)
    fresh, beyond = list[Event](), list[Event]()
    flags: dict[tuple[tuple[str, bool], ...], list[str]] = defaultdict(list)
    for customer_id, mine in events.items():
        before = histories[customer_id]
        placed = in_turn(mine, before, choices)
        fresh += placed
        moved = _moved(before, placed, choices)
        if moved:
            flags[moved].append(customer_id)
        beyond += _carried(conn, catalogue, before, placed, choices)
    append_events(conn, [*fresh, *beyond])
    customer = build_schema(catalogue, conn.dialect.name).customer
    for moved, ids in flags.items():
        set_flags(conn, customer, dict(moved), ids)
    return fresh


def _carried(
    conn: Connection, catalogue: Catalogue, history: History, placed: Sequence[Event], choices: Choices
) -> list[Event]:
    """Return what follows for those who are merged into a customer, and into those again; their rows may be gone."""
    by_customer: dict[str, list[Event]] = defaultdict(list)
    for event in carried(history.values(), placed):
        by_customer[event.customer_id].append(event)
    customer, found = build_schema(catalogue, conn.dialect.name).customer, list[Event]()
    for customer_id, mine in by_customer.items():
        before = read_histories(conn, [customer_id])[customer_id]
        after = in_turn(mine, before, choices)
        refused = refused_flags([*before.values(), *after], choices)
        if refused:
            set_flags(conn, customer, dict.fromkeys(refused, True), [customer_id])
        found += [*after, *_carried(conn, catalogue, before, after, choices)]
    return found


def project_flags(conn: Connection, catalogue: Catalogue, customer_id: str) -> None:
    """Set every flag of a customer to what her history says: for one who has just come back from a merge."""
    choices, customer = Choices.of(catalogue), build_schema(catalogue, conn.dialect.name).customer
    refused = refused_flags(read_histories(conn, [customer_id])[customer_id].values(), choices)
    set_flags(conn, customer, {name: name in refused for name in choices.names}, [customer_id])


def _moved(before: History, placed: Sequence[Event], choices: Choices) -> tuple[tuple[str, bool], ...]:
    """Return which flags have to be set, and which may go back, by these events."""
    known = list(before.values())
    refused_before = refused_flags(known, choices)
    refused = refused_flags([*known, *placed], choices)
    heard = {
        name
        for event in placed
        if event.is_her_word and event.state is State.ALLOWED
        for name in choices.withheld(event.choice)
    }
    cleared = (refused_before | heard) - refused
    return tuple((name, name in refused) for name in choices.names if name in refused | cleared)


def set_flags(conn: Connection, customer: Table, flags: dict[str, bool], ids: Iterable[str]) -> None:
    """Set some flags of some customers alike."""
    values = {flag_column(name): refused for name, refused in flags.items()}
    mine = update(customer).where(customer.c.customer_id == bindparam("_her")).values(values)
    conn.execute(mine, [{"_her": customer_id} for customer_id in ids])


def restore_flags(conn: Connection, catalogue: Catalogue) -> None:
    """Set the flags that the histories ask for under a catalogue whose opt-outs are new, or newly part of others.

    A refusal outlives the opt-out: when it comes back, nobody has to refuse again. Nothing is taken back here.
    """
    choices, customer = Choices.of(catalogue), build_schema(catalogue, conn.dialect.name).customer
    c = CONSENT_EVENT.c
    people = conn.execute(select(c.customer_id).distinct().order_by(c.customer_id)).scalars().all()
    for start in range(0, len(people), BATCH):
        by_flags: dict[frozenset[str], list[str]] = defaultdict(list)
        for customer_id, history in read_histories(conn, people[start : start + BATCH]).items():
            by_flags[refused_flags(history.values(), choices)].append(customer_id)
        for refused, ids in by_flags.items():
            if refused:
                set_flags(conn, customer, dict.fromkeys(refused, True), ids)
