"""How customers come into the store, and move: with what they refuse from the start, and what their regime refuses.

INVARIANT: every path that creates customers (imports, ingest, demo) does it here, so that nobody is read for a purpose
before her regime has had its say. `tests/consent/test_arrivals.py` finds a path that goes past it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from cdp.catalogue.model import Catalogue
from cdp.store.provenance import UNSAID, Origin
from cdp.store.records import Stored
from cdp.store.shaper import Record
from cdp.store.write import NewRow, Writer
from consent.choices import Choices
from consent.events import Event
from consent.flags import add_events
from consent.history import append_events
from consent.precedence import refused_flags
from consent.regimes.chosen import Regimes, defaults


@dataclass(frozen=True)
class Newcomer:
    """A customer to be: her values, acts of hers that come with her (their `customer_id` is filled in), her origin."""

    values: Record
    acts: Sequence[Event] = ()
    origin: Origin = UNSAID


def create_customers(
    conn: Connection,
    writer: Writer,
    newcomers: Sequence[Newcomer],
    *,
    catalogue: Catalogue,
    regimes: Regimes,
    at: str,
    actor: str,
    keys: Mapping[str, bytes] | None = None,
) -> list[Stored]:
    """Write customers with their flags and their history; return them in the order given.

    Args:
        writer: one for the customer's entity.
        at: now, for what the regimes refuse.
        actor: the name of the principal who brings them.
    """
    choices = Choices.of(catalogue)
    histories = [
        [*defaults(regimes.of(each.values), choices, at=at, actor=actor), *each.acts] for each in newcomers
    ]  # fmt: skip
    rows = [
        NewRow(each.values, refused=refused_flags(history, choices), origin=each.origin)
        for each, history in zip(newcomers, histories, strict=True)
    ]
    created = writer.create(conn, rows, keys=keys)
    append_events(
        conn,
        [
            replace(event, customer_id=row.customer_id)
            for row, history in zip(created, histories, strict=True)
            for event in history
        ],
    )
    return created


def moved(
    before: Sequence[Stored], after: Sequence[Stored], *, catalogue: Catalogue, regimes: Regimes, at: str, actor: str
) -> list[Event]:
    """Return what is refused now of customers whose regime is another one by their new values; for `add_events`.

    What the old one refused stays refused: a move tightens only.
    """
    choices, found = Choices.of(catalogue), list[Event]()
    for old, new in zip(before, after, strict=True):
        hers = regimes.of(new.values)
        if hers != regimes.of(old.values):
            found += [
                replace(event, customer_id=new.customer_id) for event in defaults(hers, choices, at=at, actor=actor)
            ]
    return found


def follow_moves(
    conn: Connection,
    before: Sequence[Stored],
    after: Sequence[Stored],
    *,
    catalogue: Catalogue,
    regimes: Regimes,
    at: str,
    actor: str,
) -> None:
    """Have customers refused what `moved` says; whoever writes values of customers who are there calls it."""
    events = moved(before, after, catalogue=catalogue, regimes=regimes, at=at, actor=actor)
    if events:
        add_events(conn, catalogue, events)


def settle(
    conn: Connection, people: Sequence[Stored], *, catalogue: Catalogue, regimes: Regimes, at: str, actor: str
) -> None:
    """Have customers refused what their regimes refuse and their histories lack: whoever a merge, or its end, changed.

    One who comes back from a merge has missed what was published meanwhile.
    """
    choices = Choices.of(catalogue)
    events = [
        replace(event, customer_id=each.customer_id)
        for each in people
        for event in defaults(regimes.of(each.values), choices, at=at, actor=actor)
    ]
    if events:
        add_events(conn, catalogue, events)
