"""Events that are wrong: kept sealed with the reason, for somebody to look into, and for so long only."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import Connection, delete, func, select

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.store.arriving import QUARANTINE
from cdp.store.bulk import insert_rows
from cdp.vault.parcel import open_parcel, seal_parcel
from cdp.vault.vault import Vault

MOST: Final = 10_000
"""So many of one source are kept; beyond that they are counted only."""

KEPT: Final = timedelta(days=30)
_KEY: Final = "quarantine"


@dataclass(frozen=True, slots=True)
class Wrong:
    """An event that is wrong, and why: the code of a reason."""

    reason: str
    event: Any


@dataclass(frozen=True, slots=True)
class Held:
    """One of the quarantine, as somebody looks into it."""

    quarantine_id: str
    source: int
    reason: str
    received_at: str
    event: Any


def set_aside(conn: Connection, vault: Vault, source: int, wrong: Sequence[Wrong]) -> None:
    """Keep events that are wrong, sealed; what is older than `KEPT` goes."""
    if not wrong:
        return
    c, now, key = QUARANTINE.c, datetime.now(UTC), vault.platform_key(_KEY)
    conn.execute(delete(QUARANTINE).where(c.received_at < timestamp(now - KEPT)))
    room = MOST - conn.execute(select(func.count()).where(c.source == source)).scalar_one()
    rows = []
    for each in wrong[: max(0, room)]:
        name = os.urandom(16).hex()
        data = orjson.dumps(each.event) if not isinstance(each.event, str) else each.event.encode("ascii", "replace")
        rows.append((name, source, each.reason, timestamp(now), seal_parcel(key, name, data)))
    insert_rows(conn, QUARANTINE, rows)


def look_into(platform: Platform, *, principal: Principal, reason: str, limit: int = 100) -> list[Held]:
    """Return what is in the quarantine, the newest first. It may be anybody's, so who looks says why.

    Raises:
        Unavailable: the database or the keys cannot serve.
    """
    key, c = platform.vault.platform_key(_KEY), QUARANTINE.c
    wanted = select(QUARANTINE).order_by(c.received_at.desc(), c.quarantine_id).limit(limit)
    with platform.door.record(Entry("change", "quarantine_read", principal, None, reason=reason)) as change:
        rows = change.conn.execute(wanted).all()
        change.facts["rows"] = len(rows)
    return [
        Held(row.quarantine_id, row.source, row.reason, row.received_at, _opened(key, row.quarantine_id, row.sealed))
        for row in rows
    ]


def empty(platform: Platform, *, principal: Principal) -> int:
    """Delete all that is in the quarantine; return how much that was."""
    with platform.door.record(Entry("change", "quarantine_emptied", principal, None)) as change:
        gone = change.conn.execute(delete(QUARANTINE)).rowcount
        change.facts["rows"] = gone
    platform.door.clean_up([QUARANTINE.name])
    return gone


def _opened(key: bytes, name: str, sealed: bytes) -> Any:
    data = open_parcel(key, name, bytes(sealed))
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:  # not all of it was kept
        return data.decode("ascii", "replace")
