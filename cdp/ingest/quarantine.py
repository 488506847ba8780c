"""Looking into the quarantine, and emptying it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from audit.entries import Entry, Principal
from cdp.bootstrap import Platform
from cdp.events.aside import QUARANTINE_KEY, open_aside
from cdp.store.arriving import QUARANTINE


@dataclass(frozen=True, slots=True)
class Held:
    """One of the quarantine, as somebody looks into it."""

    quarantine_id: str
    source: int
    reason: str
    received_at: str
    event: Any


def look_into(platform: Platform, *, principal: Principal, reason: str, limit: int = 100) -> list[Held]:
    """Return what is in the quarantine, the newest first. It may be anybody's, so who looks says why.

    Raises:
        Unavailable: the database or the keys cannot serve.
    """
    key, c = platform.vault.platform_key(QUARANTINE_KEY), QUARANTINE.c
    wanted = select(QUARANTINE).order_by(c.received_at.desc(), c.quarantine_id).limit(limit)
    with platform.door.record(Entry("change", "quarantine_read", principal, None, reason=reason)) as change:
        rows = change.conn.execute(wanted).all()
        change.facts["rows"] = len(rows)
    return [
        Held(row.quarantine_id, row.source, row.reason, row.received_at, open_aside(key, row.quarantine_id, row.sealed))
        for row in rows
    ]


def empty(platform: Platform, *, principal: Principal) -> int:
    """Delete all that is in the quarantine; return how much that was."""
    with platform.door.record(Entry("change", "quarantine_emptied", principal, None)) as change:
        gone = change.conn.execute(delete(QUARANTINE)).rowcount
        change.facts["rows"] = gone
    platform.door.clean_up([QUARANTINE.name])
    return gone
