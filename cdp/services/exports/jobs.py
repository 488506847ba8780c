"""Who asked for an export, and how far it is.

    waiting → running → ready → leaving → fetched
                 ↓         ↓
              failed    expired

A job whose worker went silent is taken up by the next; `attempt` counts them, and an older one writes nothing more.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, delete, or_, select, update

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.services.customers import find_customer
from cdp.services.sign_in.holders import open_holder, seal_holder
from cdp.store.bulk import insert_rows
from cdp.store.exporting import EXPORT, EXPORT_PART

ACT: Final = "export"
WAITS: Final = timedelta(days=1)
"""How long an archive waits to be fetched."""

SILENT: Final = timedelta(minutes=2)
"""A worker of whom nothing was heard for so long is taken for dead."""

PAUSE: Final = timedelta(seconds=5)
"""How long one waits that failed because something did not serve."""

_E: Final = EXPORT.c


class State(StrEnum):
    """How far an export is."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    LEAVING = "leaving"
    FETCHED = "fetched"
    FAILED = "failed"
    EXPIRED = "expired"


UNDER_WAY: Final = (State.WAITING, State.RUNNING)
OPEN: Final = (*UNDER_WAY, State.READY, State.LEAVING)


@dataclass(frozen=True, slots=True)
class Job:
    """One export.

    Attributes:
        files, of_files: how many files of the archive are done, and how many it will have.
        code: of the error, for one that failed.
        beat_at: when whoever is at it was last heard of; for one that is ready, since when it is.
    """

    export_id: str
    state: State
    language: str
    attempt: int
    files: int
    of_files: int
    rows_done: int
    size: int
    code: str
    asked_at: str
    beat_at: str

    @property
    def until(self) -> str:
        """Until when one that is ready may be fetched."""
        return timestamp(datetime.fromisoformat(self.beat_at) + WAITS)


def ask_export(
    platform: Platform, customer: str, *, principal: Principal, language: str, now: datetime, reason: str = ""
) -> Job:
    """Ask for an export; what waited of an earlier one goes. One that is under way already is the one that is meant.

    Raises:
        NotFound: `unknown_customer`.
        Unavailable: the database, the keys or the log cannot serve.
    """
    in_force = platform.in_force(fresh=True)
    entry = Entry("change", ACT, principal, in_force.versions, {"step": "ask"}, reason=reason)
    with platform.door.record(entry) as change:
        found = find_customer(change.conn, in_force, platform.vault, customer)
        change.subjects.append(found.ordinal)
        token = platform.vault.bearer(found.customer_id)
        known = _newest(change.conn, token)
        if known is not None and known.state in UNDER_WAY:
            change.facts["export"] = known.export_id
            return known
        change.conn.execute(delete(EXPORT_PART).where(EXPORT_PART.c.customer_id == found.customer_id))
        waiting = _E.state.in_((State.READY, State.LEAVING))
        ended = {"state": State.EXPIRED, "ended_at": timestamp(now)}
        change.conn.execute(update(EXPORT).where(_E.bearer == token, waiting).values(ended))
        job = Job(str(uuid.uuid4()), State.WAITING, language, 0, 0, 0, 0, 0, "", timestamp(now), timestamp(now))
        holder = seal_holder(platform.vault, job.export_id, found.customer_id)
        row = {name: getattr(job, name) for name in Job.__slots__} | {"holder": holder, "bearer": token}
        insert_rows(change.conn, EXPORT, [[row.get(column.name) for column in EXPORT.columns]])
        change.facts["export"] = job.export_id
    return job


def newest_job(platform: Platform, customer_id: str) -> Job | None:
    """Return the newest export of a customer; it says nothing about her, and leaves no entry."""
    rows = platform.door.lookup(_of(platform.vault.bearer(customer_id)))
    return _job(rows[0]) if rows else None


def holder_of(platform: Platform, job: Job) -> str | None:
    """Return whose an export is."""
    rows = platform.door.lookup(select(_E.holder).where(_E.export_id == job.export_id))
    return open_holder(platform.vault, job.export_id, bytes(rows[0][0])) if rows else None


def take_job(platform: Platform, *, now: datetime, only: str = "") -> Job | None:
    """Take up the export that waits longest, or one whose worker went silent; None when there is none.

    Args:
        only: the id of the one that is meant.
    """
    silent = (_E.state == State.RUNNING) & (_E.beat_at < timestamp(now - SILENT))
    again = or_(_E.attempt == 0, _E.beat_at < timestamp(now - PAUSE))
    waiting = select(*_columns()).where(or_(and_(_E.state == State.WAITING, again), silent)).order_by(_E.asked_at)
    for row in platform.door.lookup(waiting.where(_E.export_id == only) if only else waiting):
        job = _job(row)
        mine = (_E.export_id == job.export_id, _E.attempt == job.attempt, _E.state == job.state)
        taken = update(EXPORT).where(*mine).values(state=State.RUNNING, attempt=job.attempt + 1, beat_at=timestamp(now))
        if platform.door.keep(taken):
            return find_job(platform, job.export_id)
    return None


def find_job(platform: Platform, export_id: str) -> Job | None:
    """Return one export."""
    rows = platform.door.lookup(select(*_columns()).where(_E.export_id == export_id))
    return _job(rows[0]) if rows else None


def put(platform: Platform, job: Job, **values: object) -> bool:
    """Change what is said of an export under way; whether it still is this worker's."""
    mine = (_E.export_id == job.export_id, _E.attempt == job.attempt, _E.state == job.state)
    return platform.door.keep(update(EXPORT).where(*mine).values(values))


def _newest(conn: Connection, token: str) -> Job | None:
    row = conn.execute(_of(token)).first()
    return None if row is None else _job(tuple(row))


def _of(token: str) -> Select[Any]:
    return select(*_columns()).where(_E.bearer == token).order_by(_E.asked_at.desc(), _E.export_id).limit(1)


def _columns() -> list[Any]:
    return [EXPORT.c[name] for name in Job.__slots__]


def _job(row: tuple[Any, ...]) -> Job:
    made = dict(zip(Job.__slots__, row, strict=True))
    return Job(**{**made, "state": State(made["state"])})
