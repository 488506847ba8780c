"""The parcels of the queue: bodies that were acknowledged and wait to be folded, sealed by the platform.

Somebody who is erased leaves the queue, too: events that name her go out of their parcel, which is sealed anew.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, delete, select, update

from cdp.errors import Unavailable
from cdp.events.wire import Parcel, format_parcel
from cdp.store.arriving import SPOOL, SPOOL_BODY
from cdp.store.given import Given
from cdp.vault.parcel import open_parcel, seal_parcel

SPOOL_KEY: Final = "spool"
"""The platform key of the queue."""

_S: Final = SPOOL.c
_B: Final = SPOOL_BODY.c
_WANTED: Final = (
    select(_S.spool_id, _S.source, _S.received_at, _B.sealed)
    .join(SPOOL_BODY, _S.spool_id == _B.spool_id)
    .order_by(_S.spool_id)
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A body that waits: what the queue says of it, and its parcel, opened."""

    spool_id: str
    source: int
    received_at: str
    parcel: bytes


def open_waiting(conn: Connection, key: bytes, spool_ids: Sequence[str]) -> list[Waiting]:
    """Return rows of the queue, opened, in their order.

    Raises:
        Unavailable: `parcel_damaged`.
    """
    return [Waiting(name, source, at, open_parcel(key, name, sealed)) for name, source, at, sealed in
            _rows(conn, _WANTED, spool_ids)]  # fmt: skip


def lock_waiting(conn: Connection, key: bytes, spool_ids: Sequence[str]) -> list[Waiting]:
    """Wait for whoever folds these rows, keep others from it, and return those that are left and can be opened."""
    opened = []
    for name, source, at, sealed in _rows(conn, _WANTED.with_for_update(of=SPOOL), spool_ids):
        with suppress(Unavailable):  # nobody can read it, whoever is in it
            opened.append(Waiting(name, source, at, open_parcel(key, name, sealed)))
    return opened


def leave(conn: Connection, spool_ids: Sequence[str]) -> None:
    """Delete rows of the queue."""
    given = Given(conn.dialect.name, 1)
    for table in (SPOOL_BODY, SPOOL):
        conn.execute(delete(table).where(given.holds(table.c.spool_id)), given.texts(spool_ids))


def put_back(conn: Connection, key: bytes, spool_id: str, parcel: Parcel) -> None:
    """Have a row of the queue, which is locked, hold this and no more; without any event left it goes."""
    events = len(parcel.events) + len(parcel.broken)
    if not events:
        leave(conn, [spool_id])
        return
    sealed = seal_parcel(key, spool_id, format_parcel(parcel))
    conn.execute(update(SPOOL).where(_S.spool_id == spool_id).values(events=events, size=len(sealed)))
    conn.execute(update(SPOOL_BODY).where(_B.spool_id == spool_id).values(sealed=sealed))


def _rows(conn: Connection, wanted: Select[Any], spool_ids: Sequence[str]) -> list[tuple[str, int, str, bytes]]:
    given = Given(conn.dialect.name, 1)
    rows = conn.execute(wanted.where(given.holds(_S.spool_id)), given.texts(spool_ids))
    return [(name, source, at, bytes(sealed)) for name, source, at, sealed in rows]
