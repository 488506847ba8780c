"""The archive while it waits: pieces of a megabyte, each a parcel under the customer's own key.

Who erases her has erased them, in backups too. INVARIANT: a piece is stored only while she is there and while the
writer's attempt is the newest; both are looked at in the same transaction, with her row locked.
"""

import zlib
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from sqlalchemy import ColumnElement, Connection, delete, select, update

from audit.entries import timestamp
from cdp.bootstrap import Platform
from cdp.errors import NotFound, Unavailable
from cdp.services.exports.jobs import Job, State
from cdp.store.bulk import insert_rows
from cdp.store.exporting import EXPORT, EXPORT_PART
from cdp.store.lookup import lock_customers
from cdp.vault.parcel import open_parcel, seal_parcel

T = TypeVar("T")

PIECE: Final = 1024 * 1024
_P: Final = EXPORT_PART.c
_E: Final = EXPORT.c


def name_of(export_id: str, part: int) -> str:
    """Return to what a piece is bound."""
    return f"cdp_export/{export_id}/{part}"


class Store:
    """Where the pieces of one export are put.

    Raises:
        NotFound: `unknown_customer`, once she has been erased.
        Unavailable: `export_taken`, when another worker has taken it up.
    """

    def __init__(self, platform: Platform, job: Job, customer_id: str) -> None:
        self._platform, self._job, self._customer_id = platform, job, customer_id
        self._key = platform.vault.keys([customer_id]).get(customer_id)
        if self._key is None:
            raise _gone()

    def clear(self) -> None:
        """Throw away what an earlier attempt has left."""
        self._run(lambda conn: conn.execute(delete(EXPORT_PART).where(*self._mine())))

    def put(self, part: int, data: bytes) -> None:
        """Keep one piece."""
        sealed = seal_parcel(self._held(), name_of(self._job.export_id, part), data)
        row = [self._customer_id, self._job.export_id, part, sealed]
        self._run(lambda conn: insert_rows(conn, EXPORT_PART, [row]))

    def take(self, part: int) -> bytes:
        """Return a piece that was put by, and throw it away."""

        def work(conn: Connection) -> bytes:
            mine = (*self._mine(), _P.part == part)
            sealed = bytes(conn.execute(select(_P.sealed).where(*mine)).scalar_one())
            conn.execute(delete(EXPORT_PART).where(*mine))
            return sealed

        return open_parcel(self._held(), name_of(self._job.export_id, part), self._run(work))

    def progress(self, *, files: int, rows: int) -> None:
        """Say how far it is."""
        self._run(lambda conn: conn.execute(update(EXPORT).where(self._here()).values(files=files, rows_done=rows)))

    def _run(self, work: Callable[[Connection], T]) -> T:
        def guarded(conn: Connection) -> T:
            catalogue = self._platform.in_force().catalogue
            if not lock_customers(conn, catalogue, [self._customer_id]):
                raise _gone()
            beat = update(EXPORT).where(self._here(), _E.attempt == self._job.attempt, _E.state == State.RUNNING)
            if conn.execute(beat.values(beat_at=timestamp())).rowcount != 1:
                raise Unavailable("export_taken", "another worker goes on with this export", path="export")
            return work(conn)

        return self._platform.door.take_in(guarded)

    def _mine(self) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return _P.customer_id == self._customer_id, _P.export_id == self._job.export_id

    def _here(self) -> ColumnElement[bool]:
        return _E.export_id == self._job.export_id

    def _held(self) -> bytes:
        if self._key is None:
            raise _gone()
        return self._key


class Pieces:
    """A file to write to, whose bytes are put away in pieces; it cannot be gone back in."""

    def __init__(self, store: Store) -> None:
        self._store, self._waiting = store, bytearray()
        self.count, self.size = 0, 0

    def write(self, data: bytes) -> int:
        """Take bytes."""
        self._waiting += data
        self.size += len(data)
        while len(self._waiting) >= PIECE:
            self._put(bytes(self._waiting[:PIECE]))
            del self._waiting[:PIECE]
        return len(data)

    def flush(self) -> None:
        """Do nothing: a piece is put away when it is full, the last one by `finish`."""

    def finish(self) -> None:
        """Put away what is left."""
        if self._waiting:
            self._put(bytes(self._waiting))
            self._waiting.clear()

    def _put(self, data: bytes) -> None:
        self._store.put(self.count, data)
        self.count += 1


class Aside:
    """Bytes that are put by while another file of the archive is written, and come back in their order, once.

    They are compressed, and sealed like every piece: nothing of her is in a temporary file.
    """

    def __init__(self, store: Store) -> None:
        self._store, self._waiting, self._count = store, bytearray(), 0
        self._squeeze = zlib.compressobj(6)

    def write(self, data: bytes) -> None:
        """Put bytes by."""
        self._waiting += self._squeeze.compress(data)
        if len(self._waiting) >= PIECE:
            self._put()

    def back(self) -> Iterator[bytes]:
        """Yield all of it."""
        self._waiting += self._squeeze.flush()
        self._put()
        expand = zlib.decompressobj()
        for part in range(1, self._count + 1):
            data = self._store.take(-part)
            while data:
                yield expand.decompress(data, PIECE)
                data = expand.unconsumed_tail
        yield expand.flush()

    def _put(self) -> None:
        self._count += 1
        self._store.put(-self._count, bytes(self._waiting))
        self._waiting.clear()


def _gone() -> NotFound:
    return NotFound("unknown_customer", "there is no such customer", path="customer")
