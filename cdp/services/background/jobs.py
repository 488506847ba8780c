"""Which long work there is, and how far: one of a kind at a time, and not again at once.

A job whose process went silent is over. Nothing of a job decides what anybody gets to see of customers.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Select, insert, select, update

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import Unavailable
from cdp.services.background.words import Words
from cdp.store.searching import JOB

SILENT: Final = timedelta(minutes=2)
"""A process of which nothing was heard for so long is taken for dead."""

PAUSE: Final = timedelta(minutes=1)
"""So soon after the last one of its kind another one is not begun: its words are there to be read."""


class Kind(StrEnum):
    """What is done; the act by which the log knows it."""

    VERIFY = "verify_log"
    LATENCY = "measure_latency"


class State(StrEnum):
    """How far it is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """One job."""

    job_id: str
    kind: str
    state: str
    asked_by: str
    asked_at: str
    beat_at: str
    done: int
    total: int
    said: str

    def runs(self, now: datetime) -> bool:
        """Return whether it is under way."""
        return self.state == State.RUNNING and now - datetime.fromisoformat(self.beat_at) < SILENT

    @property
    def words(self) -> Words:
        """What it said at its end."""
        return Words.decode(self.said)


def find_job(platform: Platform, job_id: str) -> Job | None:
    """Return one job."""
    return _first(platform, _jobs().where(JOB.c.job_id == job_id))


def newest_job(platform: Platform, kind: Kind) -> Job | None:
    """Return the newest job of a kind."""
    return _first(platform, _jobs().where(JOB.c.kind == kind).order_by(JOB.c.asked_at.desc()).limit(1))


def enter_job(platform: Platform, kind: Kind, *, principal: Principal, now: datetime) -> tuple[Job, bool]:
    """Return the job that is meant, and whether it is a new one, to be begun: one under way, or just over, is meant.

    Raises:
        Unavailable: the database or the log cannot serve.
    """
    last = newest_job(platform, kind)
    if last is not None and (last.runs(now) or now - datetime.fromisoformat(last.beat_at) < PAUSE):
        return last, False
    number = int(last.job_id.rpartition("-")[2]) + 1 if last else 1
    at = timestamp(now)
    job = Job(f"{kind}-{number}", kind, State.RUNNING, principal.name, at, at, 0, 0, "")
    entry = Entry("disclosure", kind, principal, platform.in_force().versions, {"job": job.job_id})
    try:
        with platform.door.record(entry) as change:
            change.conn.execute(insert(JOB).values({name: getattr(job, name) for name in Job.__slots__}))
    except Unavailable as error:
        if error.code != "store_conflict":
            raise
        found = newest_job(platform, kind)  # somebody else has begun it in the same moment
        if found is None:
            raise
        return found, False
    return job, True


def tell(platform: Platform, job_id: str, *, done: int, total: int, now: datetime) -> None:
    """Say how far a job is."""
    _put(platform, job_id, done=done, total=total, beat_at=timestamp(now))


def end_job(platform: Platform, job_id: str, words: Words, *, now: datetime) -> None:
    """Say what a job said at its end; the first word counts."""
    state = State.FAILED if words.error else State.DONE
    _put(platform, job_id, state=state, said=words.encode(), beat_at=timestamp(now))


def _put(platform: Platform, job_id: str, **values: object) -> None:
    platform.door.keep(update(JOB).where(JOB.c.job_id == job_id, JOB.c.state == State.RUNNING).values(values))


def _jobs() -> Select[Any]:
    return select(*(JOB.c[name] for name in Job.__slots__))


def _first(platform: Platform, statement: Select[Any]) -> Job | None:
    rows = platform.door.lookup(statement)
    return Job(*rows[0]) if rows else None
