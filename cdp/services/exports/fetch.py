"""Handing out an export: once, to whom it is of, within a day; then it is gone.

What breaks off on the way can be fetched again; what has left whole cannot. Each look into the store has its entry
before a byte of it leaves, as every disclosure has.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, or_, select, update

from audit.entries import Entry, Principal, timestamp
from audit.passage import Chunk
from cdp.bootstrap import InForce, Platform
from cdp.errors import NotFound
from cdp.services.customers import find_customer
from cdp.services.exports.jobs import ACT, WAITS, Job, State, newest_job, put
from cdp.services.exports.parts import name_of
from cdp.store.exporting import EXPORT, EXPORT_PART
from cdp.vault.parcel import open_parcel

AT_ONCE: Final = 4
"""Pieces under one entry."""

BROKEN: Final = timedelta(minutes=10)
"""One that began to leave and has not left by then has broken off, whoever did not live to say so."""

_E, _P = EXPORT.c, EXPORT_PART.c


@dataclass(frozen=True)
class Leaving:
    """An archive on its way out: its length, and its bytes, once."""

    job: Job
    pieces: Iterator[bytes]


def fetch_export(platform: Platform, customer_id: str, *, principal: Principal, now: datetime) -> Leaving:
    """Hand out the newest export of a customer, if it is ready.

    Raises:
        NotFound: `unknown_export`: there is none, it was fetched, or its day is over; they look the same.
        Unavailable: the database, the keys or the log cannot serve, also while it leaves.
    """
    unknown = NotFound("unknown_export", "there is no export to fetch", path="export", hint="ask for a new one")
    job = newest_job(platform, customer_id)
    if job is None:
        raise unknown
    broken = (_E.state == State.LEAVING) & (_E.ended_at < timestamp(now - BROKEN))
    here = (_E.export_id == job.export_id, _E.beat_at > timestamp(now - WAITS))
    begun = update(EXPORT).where(*here, or_(_E.state == State.READY, broken))
    taken = begun.values(state=State.LEAVING, attempt=job.attempt + 1, ended_at=timestamp(now))
    if not platform.door.keep(taken.where(_E.attempt == job.attempt)):
        raise unknown
    mine = newest_job(platform, customer_id)
    if mine is None:
        raise unknown
    return Leaving(mine, _leave(platform, customer_id, mine, principal))


def _leave(platform: Platform, customer_id: str, job: Job, principal: Principal) -> Iterator[bytes]:
    in_force, sent = platform.in_force(), 0
    try:
        for rows in platform.door.disclose(_Pieces(platform, in_force, customer_id, job), principal):
            for (data,) in rows:
                yield data
                sent += len(data)
        if sent == job.size:
            _end(platform, in_force, customer_id, job, principal)
    finally:
        put(platform, job, state=State.READY, ended_at=None)  # unless it has ended


def _end(platform: Platform, in_force: InForce, customer_id: str, job: Job, principal: Principal) -> None:
    """Throw it away: it has left."""
    entry = Entry("change", ACT, principal, in_force.versions, {"step": "fetched", "export": job.export_id})
    with platform.door.record(entry) as change:
        found = find_customer(change.conn, in_force, platform.vault, customer_id)
        change.subjects.append(found.ordinal)
        change.conn.execute(delete(EXPORT_PART).where(_P.customer_id == customer_id, _P.export_id == job.export_id))
        mine = (_E.export_id == job.export_id, _E.attempt == job.attempt, _E.state == State.LEAVING)
        change.conn.execute(update(EXPORT).where(*mine).values(state=State.FETCHED, ended_at=timestamp()))


@dataclass
class _Pieces:
    """The pieces of one archive, as the door reads them."""

    platform: Platform
    in_force: InForce
    customer_id: str
    job: Job

    def entry(self, principal: Principal) -> Entry:
        facts = {"step": "fetch", "export": self.job.export_id}
        return Entry("disclosure", ACT, principal, self.in_force.versions, facts)

    def read(self, conn: Connection, position: object | None) -> Chunk:
        begin = position if isinstance(position, int) else 0
        found = find_customer(conn, self.in_force, self.platform.vault, self.customer_id)
        wanted = select(_P.part, _P.sealed).where(
            _P.customer_id == self.customer_id, _P.export_id == self.job.export_id, _P.part >= begin
        )
        rows = conn.execute(wanted.order_by(_P.part).limit(AT_ONCE)).all()
        key = self.platform.vault.keys([self.customer_id]).get(self.customer_id, b"")
        opened = [(open_parcel(key, name_of(self.job.export_id, part), bytes(sealed)),) for part, sealed in rows]
        return Chunk(opened, [found.ordinal], begin + AT_ONCE if len(rows) == AT_ONCE else None)
