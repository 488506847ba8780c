"""The worker: folds as long as something waits. In a server as a thread, or as a process of its own.

It may be killed at any point, and any number of them may run: on PostgreSQL they take rows that no other has
(`SKIP LOCKED`), on SQLite one writes at a time.
"""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from sqlalchemy import func, select

from cdp.bootstrap import Platform
from cdp.collecting import collecting_rarely
from cdp.errors import place_of
from cdp.events.counts import Counted
from cdp.ingest.catch_up import catch_up
from cdp.ingest.fold import Folder, Nothing
from cdp.ingest.isolate import isolate, passes
from cdp.ingest.sources import Source, list_sources
from cdp.services.regulations.work import carry_out
from cdp.store.arriving import SPOOL

LOGGER: Final = logging.getLogger("cdp.ingest")

IDLE_SECONDS: Final = 1.0
"""After so long it looks again, though nobody in this process said that something came."""

FAULT_SECONDS: Final = 2.0
CONFLICTS: Final = 5
"""So often another change may come first; then it is no coincidence, and the batch is taken apart."""


class Worker:
    """Folds what waits.

    Args:
        arrived: set when something came, by whoever takes events in.
    """

    def __init__(self, platform: Platform, arrived: threading.Event | None = None) -> None:
        self._platform = platform
        self._arrived = arrived or threading.Event()
        self._stopped = threading.Event()
        self._sources: dict[int, Source] = {}
        self._conflicts = 0
        self._read_with = 0

    def drain(self) -> int:
        """Fold until nothing waits; return how many events came out of the queue.

        Raises:
            Unavailable: the database, the keys or the log cannot serve.
        """
        done = 0
        with collecting_rarely():
            while not self._stopped.is_set():
                folded = self.step()
                if folded is None:
                    break
                done += folded
                self._platform.door.give_way()
        return done

    def run(self) -> None:
        """Fold until told to stop; what regulators asked for is done after what came before it."""
        while not self._stopped.is_set():
            wait = IDLE_SECONDS
            self._arrived.clear()
            try:
                self.drain()
                carry_out(self._platform)
                self.catch_up()
            except Exception as error:  # noqa: BLE001 -- the thread must live on; what is said of it holds no value
                LOGGER.error("folding waits: %s", getattr(error, "code", "") or place_of(error))  # noqa: TRY400
                wait = FAULT_SECONDS
                self._stopped.wait(wait)
            if not self._stopped.is_set():
                self._arrived.wait(wait)

    def stop(self) -> None:
        """Have it end after what it has begun."""
        self._stopped.set()
        self._arrived.set()

    def step(self) -> int | None:
        """Fold one batch of whichever source waits longest; return how many events it had, None if nothing waits."""
        c = SPOOL.c
        oldest = select(c.source, func.min(c.spool_id)).group_by(c.source).order_by(func.min(c.spool_id))
        for number, _ in self._platform.door.lookup(oldest):
            try:
                return sum(self._fold(self._source(number)).values())
            except Nothing:  # another worker has all of it
                continue
        return None

    def catch_up(self) -> int:
        """Read kept events and columns anew, if the catalogue has changed since; return how many.

        Raises:
            Unavailable: the database, the keys or the log cannot serve.
        """
        version = self._platform.in_force(fresh=True).catalogue_version
        if version == self._read_with:
            return 0
        done = catch_up(self._platform, self._stopped.is_set)
        if not self._stopped.is_set():
            self._read_with = version
        return done

    def _fold(self, source: Source) -> Mapping[Counted, int]:
        try:
            counts = Folder(self._platform, source).fold()
        except Nothing:
            raise
        except Exception as error:
            code = getattr(error, "code", "")
            if code == "superseded":
                self._platform.in_force(fresh=True)
                return {}
            self._conflicts += code == "store_conflict"
            if code == "store_conflict" and self._conflicts < CONFLICTS:
                return {}
            if passes(error) and code != "store_conflict":
                raise
            isolate(self._platform, source)
            return {}
        self._conflicts = 0
        return counts

    def _source(self, number: int) -> Source:
        if number not in self._sources:
            self._sources = {source.source: source for source in list_sources(self._platform)}
        return self._sources[number]


@contextmanager
def working(platform: Platform, arrived: threading.Event) -> Iterator[None]:
    """Have a thread fold meanwhile, if the settings say so."""
    if not platform.settings.ingest_worker:
        yield
        return
    worker = Worker(platform, arrived)
    thread = threading.Thread(target=worker.run, name="cdp-ingest", daemon=True)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join()
