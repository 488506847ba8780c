"""Who saw her in full by break-glass: what she is told of it, and her word that she has seen it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, func, select, update

from audit.entries import HERSELF, Entry, timestamp
from cdp.bootstrap import Platform
from cdp.erasure.register import part_of
from cdp.services.breakglass.records import REASON, Grant, of_customers
from cdp.services.customers import find_customer
from cdp.store.opening import GRANT_CUSTOMER

ACT: Final = "own_opened"
_C: Final = GRANT_CUSTOMER.c


@dataclass(frozen=True)
class Opening:
    """One break-glass by which she was read.

    Attributes:
        reason: why it was asked for; empty where it was over several customers, whom it may name.
        seen: whether she said that she has seen it.
    """

    grant: Grant
    used_at: str
    reason: str
    seen: bool


def opened(platform: Platform, customer_id: str) -> Sequence[Opening]:
    """Return by which grants she was read, of those of which she is told, the newest first. The look is on the log.

    Raises:
        NotFound: `unknown_customer`.
    """
    in_force, now = platform.in_force(), datetime.now(UTC)
    with platform.door.record(Entry("disclosure", ACT, HERSELF, in_force.versions)) as change:
        found = find_customer(change.conn, in_force, platform.vault, customer_id)
        change.subjects.append(found.ordinal)
        pairs = of_customers(change.conn, platform.vault, _whose(change.conn, found.customer_id))
    return [
        Opening(grant, each.used_at, each.words(REASON) if grant.customers == 1 else "", seen=each.seen_at is not None)
        for grant, each in pairs
        if each.used_at is not None and each.told_at is not None and not grant.course.withheld(now)
    ]


def unseen(platform: Platform, customer_id: str) -> int:
    """Return of how many of them she was told and has not said that she has seen them."""
    in_force = platform.in_force()
    with platform.door.record(Entry("disclosure", ACT, HERSELF, in_force.versions, {"step": "count"})) as change:
        found = find_customer(change.conn, in_force, platform.vault, customer_id)
        change.subjects.append(found.ordinal)
        mine = _C.customer_id.in_(_whose(change.conn, found.customer_id))
        fresh = select(func.count()).where(mine, _C.told_at.is_not(None), _C.seen_at.is_(None))
        return int(change.conn.execute(fresh).scalar_one())


def note_seen(platform: Platform, customer_id: str) -> None:
    """Record that she has seen those of which she was told; a second time changes nothing.

    Raises:
        NotFound: `unknown_customer`.
    """
    in_force = platform.in_force()
    with platform.door.record(Entry("change", ACT, HERSELF, in_force.versions, {"step": "seen"})) as change:
        found = find_customer(change.conn, in_force, platform.vault, customer_id)
        change.subjects.append(found.ordinal)
        mine = _C.customer_id.in_(_whose(change.conn, found.customer_id))
        told = update(GRANT_CUSTOMER).where(mine, _C.told_at.is_not(None), _C.seen_at.is_(None))
        change.conn.execute(told.values(seen_at=timestamp()))


def _whose(conn: Connection, customer_id: str) -> list[str]:
    return [customer_id, *part_of(conn, [customer_id])]
