"""Taking events in: sealed, queued and on disk, and only then acknowledged.

Those who call at once share one commit, as appends to the log do. Nothing here looks at who an event is about, so the
answer, and how long it takes, is the same for people who are known and who are not.
"""

import os
import re
import threading
import time
from collections import Counter, deque
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, func, select

from audit.entries import timestamp
from cdp.bootstrap import Platform
from cdp.errors import CdpError, Refused, Unauthenticated, Unavailable
from cdp.events.counts import Counted, count
from cdp.events.parse import inflate
from cdp.events.queue import SPOOL_KEY
from cdp.events.wire import parse_body
from cdp.ingest.sources import Source, Sources, bad_write_key
from cdp.store.arriving import SOURCE, SPOOL, SPOOL_BODY
from cdp.store.bulk import insert_rows
from cdp.vault.parcel import seal_parcel

RETRY_SECONDS: Final = 10
"""What a client is told when the queue is full. The clients of both makers wait as long and try again."""

LARGE: Final = 256 * 1024
LARGE_AT_ONCE: Final = 2
"""How many bodies beyond so many bytes are parsed at once: of each Python makes many times its size."""

MAX_BATCH: Final = 200
MOST_KEYS: Final = 10
_WRITE_KEY: Final = re.compile(rb'"writeKey"\s*:\s*"(cdp_write_[0-9A-Za-z]{32})"')
_LOOK_AGAIN: Final = 1.0


class Intake:
    """Takes events in, for one process; several threads may use it."""

    def __init__(self, platform: Platform) -> None:
        self._door = platform.door
        self._key = platform.vault.platform_key(SPOOL_KEY)
        self._sources = Sources(platform)
        self._room = Room(platform)
        self._waiting: deque[_Ticket] = deque()
        self._lead = threading.Lock()
        self._large = threading.BoundedSemaphore(LARGE_AT_ONCE)
        self.arrived = threading.Event()
        """Set when there is something to fold."""

    def source(self, write_key: str) -> Source:
        """Return the source of a write key, as `Sources.of`."""
        return self._sources.of(write_key)

    def accept(
        self,
        kind: str,
        body: bytes,
        *,
        write_key: str,
        encoding: str = "",
        gpc: bool = False,
        now: datetime | None = None,
    ) -> None:
        """Take a body in; when this returns it is on disk.

        Args:
            kind: that of the route.
            write_key: from the header; one in the body must be the same.
            encoding: `Content-Encoding`.
            gpc: whether `Sec-GPC: 1` came with it.

        Raises:
            BadInput: `too_large`, `bad_gzip`, `unknown_encoding`, `bad_json`, `bad_batch`, `bad_event`.
            Unauthenticated: `bad_write_key`.
            Refused: `spool_full`.
            Unavailable: the database or the keys cannot serve.
        """
        self._room.require()
        source = self._sources.of(write_key) if write_key else None
        body = inflate(body, encoding)
        if source is None:  # before it is parsed, which costs more than all else: somebody has to have a key
            self._require_some(body)
        with self._large if len(body) > LARGE else nullcontext():
            read = parse_body(kind, body, gpc=gpc)
        if source is None or read.write_key not in ("", write_key):
            source = self._sources.of("" if source else read.write_key)
        if not read.events:
            return
        now = now or datetime.now(UTC)
        ticket = _Ticket(source, _spool_id(now), timestamp(now), read.events, read.parcel)
        ticket.sealed = seal_parcel(self._key, ticket.spool_id, read.parcel)
        self._put(ticket)
        self._room.fill(len(ticket.sealed))
        self.arrived.set()

    def _require_some(self, body: bytes) -> None:
        """Do nothing if a write key that counts stands in a body; whether it is its own, parsing tells."""
        for each in list(dict.fromkeys(_WRITE_KEY.findall(body)))[:MOST_KEYS]:
            with suppress(Unauthenticated):
                self._sources.of(each.decode())
                return
        raise bad_write_key()

    def _put(self, ticket: "_Ticket") -> None:
        self._waiting.append(ticket)
        with self._lead:
            if not ticket.done:
                self._commit(ticket)
        if ticket.fault is not None:
            raise ticket.fault

    def _commit(self, mine: "_Ticket") -> None:
        batch: list[_Ticket] = []
        while self._waiting and (len(batch) < MAX_BATCH or mine not in batch):
            batch.append(self._waiting.popleft())
        try:
            self._door.take_in(lambda conn: _write(conn, batch))
        except BaseException as error:
            fault = error if isinstance(error, CdpError) else Unavailable("spool_failed", "events could not be kept")
            for ticket in batch:
                ticket.fault = fault
            if not isinstance(error, CdpError):
                raise
        finally:
            for ticket in batch:
                ticket.done = True


class Room:
    """How much room there is in the queue. INVARIANT: what is refused was not acknowledged."""

    def __init__(self, platform: Platform) -> None:
        self._most = platform.settings.spool_mb << 20
        self._look_up = platform.door.prepare(select(func.coalesce(func.sum(SPOOL.c.size), 0)))
        self._taken, self._looked = 0, -_LOOK_AGAIN

    def require(self) -> None:
        """Do nothing while there is room.

        Raises:
            Refused: `spool_full`.
        """
        now = time.monotonic()
        if now - self._looked >= _LOOK_AGAIN:
            self._looked = now
            self._taken = int(self._look_up({})[0][0])
        if self._taken >= self._most:
            hint = "wait as many seconds as `Retry-After` says"
            raise Refused("spool_full", "more events wait than can be kept", hint=hint)

    def fill(self, size: int) -> None:
        """Note that so much was added."""
        self._taken += size


class _Ticket:
    """A body that waits for its commit."""

    __slots__ = ("done", "events", "fault", "received_at", "sealed", "source", "spool_id")

    def __init__(self, source: Source, spool_id: str, received_at: str, events: int, sealed: bytes) -> None:
        self.source, self.spool_id, self.received_at = source, spool_id, received_at
        self.events, self.sealed = events, sealed
        self.done = False
        self.fault: CdpError | None = None


def _write(conn: Connection, batch: list[_Ticket]) -> None:
    """Write those whose source has not been revoked; a batch that was on its way meanwhile is refused whole."""
    sources = {ticket.source.source for ticket in batch}
    c = SOURCE.c
    known = set(conn.execute(select(c.source).where(c.source.in_(sources), c.revoked_at.is_(None))).scalars())
    kept = [ticket for ticket in batch if ticket.source.source in known]
    for ticket in batch:
        ticket.fault = None if ticket.source.source in known else bad_write_key()
    rows = [(each.spool_id, each.source.source, each.received_at, each.events, len(each.sealed), 0) for each in kept]
    insert_rows(conn, SPOOL, rows)
    insert_rows(conn, SPOOL_BODY, [(each.spool_id, each.sealed) for each in kept])
    counts: Counter[Counted] = Counter()
    for ticket in kept:
        counts[Counted(ticket.source.source, "received")] += ticket.events
    count(conn, counts)


def _spool_id(now: datetime) -> str:
    """Return an id that is later in order than those before."""
    return f"{int(now.timestamp() * 1e6):016x}{os.urandom(8).hex()}"
