"""Events that are wrong: kept sealed with the reason, for somebody to look into, and for so long only.

What names somebody who is not to be taken in is not kept here either.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import orjson
from sqlalchemy import Connection, delete, func, select

from audit.entries import timestamp
from cdp.store.arriving import QUARANTINE
from cdp.store.bulk import insert_rows
from cdp.vault.parcel import open_parcel, seal_parcel
from cdp.vault.suppression import Identifier, Suppression
from cdp.vault.vault import Vault

T = TypeVar("T")

MOST: Final = 10_000
"""So many of one source are kept; beyond that they are counted only."""

KEPT: Final = timedelta(days=30)
QUARANTINE_KEY: Final = "quarantine"


@dataclass(frozen=True, slots=True)
class Wrong:
    """An event that is wrong, and why: the code of a reason."""

    reason: str
    event: Any


def let_in(items: Sequence[T], named: Sequence[set[Identifier]], suppression: Suppression) -> list[T]:
    """Return those that name nobody who is not to be taken in.

    Args:
        named: whom each names.
    """
    refused = suppression.refused(set().union(*named))
    return [each for each, names in zip(items, named, strict=True) if refused.isdisjoint(names)]


def set_aside(conn: Connection, vault: Vault, source: int, wrong: Sequence[Wrong]) -> None:
    """Keep events that are wrong, sealed; what is older than `KEPT` goes."""
    if not wrong:
        return
    c, now, key = QUARANTINE.c, datetime.now(UTC), vault.platform_key(QUARANTINE_KEY)
    conn.execute(delete(QUARANTINE).where(c.received_at < timestamp(now - KEPT)))
    room = MOST - conn.execute(select(func.count()).where(c.source == source)).scalar_one()
    rows = []
    for each in wrong[: max(0, room)]:
        name = os.urandom(16).hex()
        data = orjson.dumps(each.event) if not isinstance(each.event, str) else each.event.encode("ascii", "replace")
        rows.append((name, source, each.reason, timestamp(now), seal_parcel(key, name, data)))
    insert_rows(conn, QUARANTINE, rows)


def open_aside(key: bytes, name: str, sealed: bytes) -> Any:
    """Return an event that was put aside; as text, where not all of it was kept.

    Raises:
        Unavailable: `parcel_damaged`.
    """
    data = open_parcel(key, name, bytes(sealed))
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return data.decode("ascii", "replace")
