"""What came with a customer's data and no field takes: sealed under her key, shown to nobody until it is classified.

She alone is given it, with her export (GDPR Art. 15(3)): that nobody has said yet how much it tells about her hides it
from every reader, and is no reason to withhold it from herself (`docs/decisions`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select, tuple_

from audit.entries import HERSELF, Entry
from cdp.bootstrap import Platform
from cdp.events.kept import REST
from cdp.services.customers import find_customer
from cdp.store.arriving import EVENT, LEFT_OVER, SOURCE
from cdp.store.left_over import read_left
from cdp.terms import Value

ACT: Final = "own_unclassified"
BATCH: Final = 500
_L: Final = LEFT_OVER.c
_E: Final = EVENT.c


@dataclass(frozen=True, slots=True)
class Unclassified:
    """What one row of a file or one event said besides: by the names that came with it.

    Attributes:
        source: of the event; empty for columns of a file.
        entity, row_id: the row that it belongs to, if there is one.
    """

    source: str
    received_at: str
    entity: str
    row_id: str
    said: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Amount:
    """How much there is: of how many rows of files, and of how many events."""

    rows: int
    events: int


def count_unclassified(platform: Platform, customer_id: str) -> Amount:
    """Return how much there is, and nothing of it.

    Raises:
        NotFound: `unknown_customer`.
    """
    in_force = platform.in_force()
    with platform.door.record(Entry("disclosure", ACT, HERSELF, in_force.versions, {"step": "count"})) as change:
        found = find_customer(change.conn, in_force, platform.vault, customer_id)
        change.subjects.append(found.ordinal)
        rows = select(func.count()).select_from(LEFT_OVER).where(_L.customer_id == found.customer_id)
        events = (
            select(func.count()).select_from(EVENT).where(_E.customer_id == found.customer_id, _E.rest.is_not(None))
        )
        return Amount(int(change.conn.execute(rows).scalar_one()), int(change.conn.execute(events).scalar_one()))


def unclassified(platform: Platform, customer_id: str) -> Iterator[Sequence[Unclassified]]:
    """Yield all of it, some at a time, each time with an entry.

    Raises:
        NotFound: `unknown_customer`.
        Unavailable: the database, the keys or the log cannot serve.
    """
    for read in (_left_over, _events):
        after: tuple[Any, ...] | None = None
        while True:
            found, after = read(platform, customer_id, after)
            if found:
                yield found
            if after is None:
                break


_Page = tuple[list[Unclassified], tuple[Any, ...] | None]


def _left_over(platform: Platform, customer_id: str, after: tuple[Any, ...] | None) -> _Page:
    in_force = platform.in_force()
    wanted = select(_L.entity, _L.row_id).where(_L.customer_id == customer_id).order_by(_L.entity, _L.row_id)
    if after is not None:
        wanted = wanted.where(tuple_(_L.entity, _L.row_id) > after)
    with platform.door.record(Entry("disclosure", ACT, HERSELF, in_force.versions)) as change:
        change.subjects.append(find_customer(change.conn, in_force, platform.vault, customer_id).ordinal)
        places = [(str(entity), str(row_id)) for entity, row_id in change.conn.execute(wanted.limit(BATCH))]
        keys, found = platform.vault.keys([customer_id]), list[Unclassified]()
        for entity in sorted({entity for entity, _ in places}):
            ids = [(customer_id, row_id) for name, row_id in places if name == entity]
            said = read_left(change.conn, entity, ids, keys)
            found += [Unclassified("", "", entity, row_id, said[row_id]) for _, row_id in ids if said.get(row_id)]
    return found, places[-1] if len(places) == BATCH else None


def _events(platform: Platform, customer_id: str, after: tuple[Any, ...] | None) -> _Page:
    in_force = platform.in_force()
    columns = (_E.source, _E.message, SOURCE.c.name, _E.received_at, _E.entity, _E.row_id, _E.rest)
    hers = select(*columns).outerjoin(SOURCE, SOURCE.c.source == _E.source)
    wanted = hers.where(_E.customer_id == customer_id, _E.rest.is_not(None)).order_by(_E.source, _E.message)
    if after is not None:
        wanted = wanted.where(tuple_(_E.source, _E.message) > after)
    with platform.door.record(Entry("disclosure", ACT, HERSELF, in_force.versions)) as change:
        change.subjects.append(find_customer(change.conn, in_force, platform.vault, customer_id).ordinal)
        rows = change.conn.execute(wanted.limit(BATCH)).all()
        key, found = platform.vault.keys([customer_id]).get(customer_id), list[Unclassified]()
        for _, message, name, received_at, entity, row_id, rest in rows if key else ():
            said = REST.unseal(key or b"", message, bytes(rest))
            if said:
                found.append(Unclassified(name or "", received_at, entity, row_id, said))
    return found, (rows[-1][0], rows[-1][1]) if len(rows) == BATCH else None
