"""Refusals while bulk readers read, in threads and in another process: from each acknowledgement to the next read.

A refusal holds from its acknowledgement on: no read that begins later may hold her. What is counted as a row after the
acknowledgement is a read that began after it, ended before she allowed again, and has her.
"""

import os
import subprocess
import sys
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from typing import Any, Final

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.config import Settings
from cdp.errors import Unavailable
from cdp.services.latency.look import Look, looks
from cdp.services.latency.scratch import ROLE, scratch
from cdp.services.opt_out import refuse
from cdp.store.records import Stored
from cdp.terms import DIRECT_MARKETING
from consent.events import Event, Source, State
from consent.flags import add_events

PEOPLE: Final = 50
THREADS: Final = 2
ACT: Final = "measure_latency"
Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal: whose, when it was acknowledged, and until when it stood."""

    ordinal: int
    acknowledged: float
    until: float = float("inf")


@dataclass(frozen=True)
class Measured:
    """What was measured: seconds by quantile, and the rows that should not have been."""

    engine: str
    trials: int
    reads: int
    distribution: dict[str, float]
    rows_after: int

    def facts(self) -> dict[str, Any]:
        """Return what the log says of it: whole numbers, times in microseconds."""
        micros = {name: round(seconds * 1_000_000) for name, seconds in self.distribution.items()}
        return {
            "engine": self.engine, "trials": self.trials, "reads": self.reads, "rows_after": self.rows_after,
            "micros": micros,
        }  # fmt: skip


def measure_latency(
    platform: Platform, *, trials: int, principal: Principal, report: Report = lambda *_: None
) -> Measured:
    """Measure so many refusals; what was measured is an entry of the log.

    Raises:
        Unavailable: `reader_failed`, when the other process does not read; what the databases say.
    """
    found: list[Look] = []
    with scratch(platform, PEOPLE, principal=principal) as (store, people), _readers(store, found):
        refusals = list(_refusals(store, people, trials, found, report))
    seen = Looks(found)
    times = sorted(time for each in refusals if (time := seen.honoured_after(each)) is not None)
    rows = sum(seen.rows_after(each) for each in refusals)
    measured = Measured(platform.door.dialect, trials, len(found), _distribution(times), rows)
    platform.door.note(Entry("change", ACT, principal, platform.in_force().versions, measured.facts()))
    return measured


class Looks:
    """What was seen, in the order in which it began."""

    def __init__(self, found: Iterable[Look]) -> None:
        self._looks = sorted(found, key=lambda look: look.began)
        self._began = [look.began for look in self._looks]

    def honoured_after(self, refusal: Refusal) -> float | None:
        """Return how long it took until the first read that honours a refusal had ended; None if none was seen."""
        ends = [look.ended for look in self._during(refusal) if refusal.ordinal not in look.seen]
        return min(ends) - refusal.acknowledged if ends else None

    def rows_after(self, refusal: Refusal) -> int:
        """Return in how many reads she was that she must not have been in."""
        return sum(refusal.ordinal in look.seen for look in self._during(refusal))

    def _during(self, refusal: Refusal) -> Iterator[Look]:
        """Yield what began after the acknowledgement and ended before she allowed again."""
        for look in islice(self._looks, bisect_right(self._began, refusal.acknowledged), None):
            if look.began >= refusal.until:
                return
            if look.ended < refusal.until:
                yield look


def _refusals(
    store: Platform, people: Sequence[Stored], trials: int, found: list[Look], report: Report
) -> Iterator[Refusal]:
    """Have one after the other refuse; when all have, look once more, have all allow, and begin again."""
    never, principal = threading.Event(), Principal("latency", ROLE)
    for start in range(0, trials, len(people)):
        turn = list[Refusal]()
        for person in people[: trials - start]:
            refuse(store, person.customer_id, DIRECT_MARKETING, principal=principal)
            turn.append(Refusal(person.ordinal, monotonic()))
            report(start + len(turn), trials)
        found.append(next(looks(store, never, principal=principal)))
        until = monotonic()
        yield from (Refusal(each.ordinal, each.acknowledged, until) for each in turn)
        _allow(store, people, principal)


def _allow(store: Platform, people: Sequence[Stored], principal: Principal) -> None:
    in_force, now = store.in_force(), timestamp()
    events = [Event(person.customer_id, DIRECT_MARKETING, State.ALLOWED, Source.PORTAL, now, now) for person in people]
    with store.door.record(Entry("change", ACT, principal, in_force.versions)) as change:
        add_events(change.conn, in_force.catalogue, events)
        change.subjects += [person.ordinal for person in people]


@contextmanager
def _readers(store: Platform, found: list[Look]) -> Iterator[None]:
    """Have threads and a process read meanwhile; what they saw is there when all have ended."""
    stop, seen = threading.Event(), [list[Look]() for _ in range(THREADS)]
    faults: list[BaseException] = []

    def read(mine: list[Look]) -> None:
        try:
            mine += looks(store, stop, principal=Principal("latency", ROLE))
        except BaseException as error:  # noqa: BLE001 -- said in the thread that waits for this one
            faults.append(error)

    threads = [threading.Thread(target=read, args=(mine,)) for mine in seen]
    command = [sys.executable, "-P", "-m", "cdp.services.latency.look"]
    with subprocess.Popen(  # noqa: S603 -- our own interpreter and module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment(store.settings)
    ) as process:
        try:
            if process.stdout is None or process.stdout.readline() != "reading\n":
                raise Unavailable("reader_failed", "the process that reads meanwhile did not begin to")
            for thread in threads:
                thread.start()
            yield
        finally:
            stop.set()
            for thread in threads:
                if thread.ident:
                    thread.join()
            told, _ = process.communicate()
    if faults:
        raise faults[0]
    if process.returncode:
        raise Unavailable("reader_failed", "the process that reads meanwhile has failed")
    for mine in seen:
        found += mine
    found += map(Look.parse, told.splitlines())


def _environment(settings: Settings) -> dict[str, str]:
    mine = {"HOME": settings.home, "DATABASE_URL": settings.database_url, "KEYS_URL": settings.keys_url}
    mine |= {"KEK": settings.kek, "CHECKPOINTS": "", "WITNESSES": ""}
    return {**os.environ, **{f"CDP_{name}": str(value) for name, value in mine.items()}}


def _distribution(times: Sequence[float]) -> dict[str, float]:
    if not times:
        return {}
    parts = {"least": 0.0, "median": 0.5, "90 %": 0.9, "99 %": 0.99, "most": 1.0}
    return {name: times[min(int(part * len(times)), len(times) - 1)] for name, part in parts.items()}
