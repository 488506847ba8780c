"""What a witness remembers, in a small SQLite file of its own.

Which logs it knows and their keys, the last checkpoint that it cosigned for each, and notes that do not fit. The file
is 0600. `synchronous=FULL`: what was cosigned is remembered after a crash.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from audit.checkpoint import Checkpoint, parse_checkpoint
from audit.note import VerifierKey, parse_note

WAIT_SECONDS: Final = 10
MAX_EVIDENCE: Final = 100
"""Of one log so many notes that do not fit are kept, the first ones: two already prove a fork."""

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS log (origin TEXT NOT NULL, vkey TEXT NOT NULL, PRIMARY KEY (origin, vkey)) STRICT;
CREATE TABLE IF NOT EXISTS cosigned (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, note BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS evidence (origin TEXT NOT NULL, note BLOB NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (origin, note)) STRICT;
"""


class SqliteTurn:
    """A log's place, inside a transaction that holds the write lock."""

    def __init__(self, conn: sqlite3.Connection, origin: str) -> None:
        row = conn.execute("SELECT note FROM cosigned WHERE origin = ?", (origin,)).fetchone()
        self.last: Checkpoint | None = parse_checkpoint(parse_note(row[0])[0]) if row else None
        self._conn = conn
        self._origin = origin

    def keep(self, checkpoint: Checkpoint, note: bytes) -> None:
        """Replace the last checkpoint."""
        self._conn.execute(
            "INSERT INTO cosigned VALUES (?, ?, ?) ON CONFLICT (origin) DO UPDATE SET size = excluded.size,"
            " note = excluded.note",
            (self._origin, checkpoint.size, note),
        )

    def accuse(self, note: bytes) -> None:
        """Keep a note that does not fit."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self._conn.execute(
            "INSERT INTO evidence SELECT ?, ?, ? WHERE (SELECT count(*) FROM evidence WHERE origin = ?) < ?"
            " ON CONFLICT DO NOTHING",
            (self._origin, note, at, self._origin, MAX_EVIDENCE),
        )


class SqliteWitnessStore:
    """The file; each call opens it, so that threads and processes may share it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def create(cls, path: Path) -> "SqliteWitnessStore":
        """Make the file; raises `FileExistsError` when there is one."""
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        store = cls(path)
        with closing(store._open()) as conn:
            conn.execute("PRAGMA journal_mode=WAL")
            conn.executescript(_TABLES)
        return store

    def trust(self, key: VerifierKey) -> None:
        """Know a log by its key, whose name is the origin of the log."""
        with self._writing() as conn:
            conn.execute("INSERT INTO log VALUES (?, ?) ON CONFLICT DO NOTHING", (key.name, key.format()))

    def keys(self, origin: str) -> Sequence[VerifierKey]:
        """Return the keys of a log."""
        with closing(self._open()) as conn:
            rows = conn.execute("SELECT vkey FROM log WHERE origin = ? ORDER BY vkey", (origin,)).fetchall()
        return [VerifierKey.parse(row[0]) for row in rows]

    def seen(self) -> list[tuple[str, int, int]]:
        """Return for each log its origin, the size cosigned last, and how many notes do not fit."""
        query = (
            "SELECT origin, coalesce((SELECT size FROM cosigned c WHERE c.origin = l.origin), 0),"
            " (SELECT count(*) FROM evidence e WHERE e.origin = l.origin) FROM log l GROUP BY origin ORDER BY origin"
        )
        with closing(self._open()) as conn:
            return [(str(origin), int(size), int(odd)) for origin, size, odd in conn.execute(query)]

    def evidence(self, origin: str) -> list[bytes]:
        """Return the last note that was cosigned, and those that do not fit it."""
        with closing(self._open()) as conn:
            rows = conn.execute(
                "SELECT note FROM cosigned WHERE origin = ? UNION ALL SELECT note FROM evidence WHERE origin = ?",
                (origin, origin),
            )
            return [bytes(row[0]) for row in rows]

    @contextmanager
    def turn(self, origin: str) -> Iterator[SqliteTurn]:
        """Hold a log's place, and all others with it: a witness has little to do."""
        with self._writing() as conn:
            yield SqliteTurn(conn, origin)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with closing(self._open()) as conn:
            conn.execute("BEGIN IMMEDIATE")
            try:
                yield conn
            except BaseException:
                conn.execute("ROLLBACK")
                raise
            conn.execute("COMMIT")

    def _open(self) -> sqlite3.Connection:
        # mode=rw: a fresh file in place of a lost one would forget what was cosigned
        conn = sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=rw", uri=True, timeout=WAIT_SECONDS)
        conn.isolation_level = None
        conn.execute("PRAGMA synchronous=FULL")
        return conn
