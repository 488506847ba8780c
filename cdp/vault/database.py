"""The database of the key store: a SQLite file of its own, or a PostgreSQL database of its own.

Design section 5 (WAL, `synchronous=FULL`, `secure_delete=ON`, 0600 in a 0700 folder) and invariant 7.
"""

import errno
import os
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self, TypeVar
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from cdp.errors import BadInput
from cdp.vault.faults import driver_fault, fault, will_pass

T = TypeVar("T")

WAIT_SECONDS: Final = 10
"""How long a transaction waits for another one's lock before it gives up."""

ATTEMPTS: Final = 3
"""How often a transaction is run that failed through no fault of its own."""

_PRAGMAS: Final = (
    f"PRAGMA busy_timeout={WAIT_SECONDS * 1000}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
)

# SQLite: a transaction that will write takes its lock at once; one that first reads could not wait for it any more.
_BEGIN: Final = "cdp_begin"
_READING: Final = "BEGIN"
_WRITING: Final = "BEGIN IMMEDIATE"
_NONE: Final = ""

# PostgreSQL: a role may be set to acknowledge a commit before it is on disk; a key must not be lost that way.
_DURABLE: Final = text(
    "SELECT set_config('lock_timeout', :wait, true), set_config('synchronous_commit',"
    " CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END,"
    " true)"
)


class KeyDatabase:
    """Runs transactions. Each of them may be run again, so it must be right to do so; all of the vault's are."""

    def __init__(self, engine: Engine, where: str) -> None:
        self.where = where
        """What errors give as the path: the file, or host and database; never a password."""
        self.is_postgresql = engine.dialect.name == "postgresql"
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> Self:
        """The key store that is there. Never makes one: a fresh store in place of a lost one would hide the loss."""
        parsed = _parse(url)
        if parsed.get_backend_name() == "postgresql":
            return cls(_postgresql(parsed), f"postgresql:{parsed.host or ''}/{parsed.database or ''}")
        path = Path(str(parsed.database)).absolute()
        _require_private_file(path)
        return cls(_sqlite(path), str(path))

    @classmethod
    def create(cls, url: str) -> Self:
        """As `open`, after making the empty file and its folder if the file is not there."""
        parsed = _parse(url)
        if parsed.get_backend_name() == "sqlite":
            _make_private_file(Path(str(parsed.database)).absolute())
        return cls.open(url)

    def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, from a transaction that does not write."""
        return self._run(_READING, work)

    def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, once what it wrote is on disk."""
        if not self.is_postgresql:
            return self._run(_WRITING, work)

        def durably(connection: Connection) -> T:
            connection.execute(_DURABLE, {"wait": f"{WAIT_SECONDS}s"})
            return work(connection)

        return self._run(_WRITING, durably)

    def truncate_log(self) -> None:
        """Empties SQLite's write-ahead log, in which deleted rows live on (5,557 copies were counted in one).

        Raises:
            Unavailable: `keystore_locked` when a reader keeps it in use; what was committed before stands.
        """
        if self.is_postgresql:
            return
        busy = self._run(_NONE, lambda c: c.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one())
        if busy:
            raise fault("keystore_locked", self.where)

    def close(self) -> None:
        """Closes the connections of the pool."""
        self._engine.dispose()

    def _run(self, begin: str, work: Callable[[Connection], T]) -> T:
        engine = self._engine.execution_options(**{_BEGIN: begin})
        attempt = 1
        while True:
            try:
                with engine.begin() as connection:
                    return work(connection)
            except SQLAlchemyError as error:
                if attempt == ATTEMPTS or not will_pass(error):
                    raise driver_fault(error, self.where) from None
            attempt += 1


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:  # its text holds the URL, and the URL may hold a password
        raise BadInput("keys_url_malformed", "not a database URL", path="CDP_KEYS_URL", hint=_HINT) from None
    backend = parsed.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise BadInput("keys_url_unknown", "not a kind of key store", path="CDP_KEYS_URL", hint=_HINT)
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise BadInput("keys_url_fleeting", "a key store in memory is lost", path="CDP_KEYS_URL", hint=_HINT)
    return parsed


_HINT: Final = "give `sqlite:///path/of/file` or `postgresql://user:password@host/database`"


def _sqlite(path: Path) -> Engine:
    # mode=rw: SQLite itself would make an empty file in place of one that has gone.
    location = URL.create("sqlite", database=f"file:{quote(str(path))}", query={"uri": "true", "mode": "rw"})
    engine = create_engine(location, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None  # the driver would begin transactions late, and none before DDL
        for pragma in _PRAGMAS:
            raw.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        statement = connection.get_execution_options()[_BEGIN]
        if statement:
            connection.exec_driver_sql(statement)

    return engine


def _postgresql(url: URL) -> Engine:
    arguments = {} if "connect_timeout" in url.query else {"connect_timeout": WAIT_SECONDS}
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        connect_args=arguments,
        # A rotation looks for rows that were committed while it waited for a lock; a snapshot from before would miss
        # them, and their keys would be lost. So this is no matter for a role's or a database's default.
        isolation_level="READ COMMITTED",
    )


def _require_private_file(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise fault("keystore_missing", path) from None
    except OSError:
        raise fault("keystore_unreadable", path) from None
    if not stat.S_ISREG(mode):
        raise fault("keystore_unreadable", path)
    if mode & 0o077:
        raise fault("keystore_exposed", path)


def _make_private_file(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        code = "keystore_full" if error.errno == errno.ENOSPC else "keystore_unwritable"
        raise fault(code, path) from None
