"""A SQLite file or a PostgreSQL database: opened privately, read and written in transactions that are durable.

Design section 5 (WAL, `synchronous=FULL`, `secure_delete=ON`, 0600 in a 0700 folder) and invariant 7. Only
the vault (keys) and the door (everything else) reach a database through this.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, Self, TypeVar
from urllib.parse import quote

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from cdp.database import columnar
from cdp.database.address import parse_url
from cdp.database.anew import Anew
from cdp.database.columnar import COLUMNAR
from cdp.database.faults import STORE, Which, driver_fault, fault, will_pass
from cdp.database.horizon import pass_horizon
from cdp.database.private import Opened, make_private_file, require_private_file
from cdp.database.turns import Turns

T = TypeVar("T")

WAIT_SECONDS: Final = 10
"""How long a transaction waits for another one's lock before it gives up."""

ATTEMPTS: Final = 3
"""How often a transaction is run that failed through no fault of its own."""

DRIVER_ERRORS: Final = (SQLAlchemyError, sqlite3.Error, psycopg.Error)

# A connection that was opened is kept: opening it costs many times what a read does.
POOL: Final = 15

_PRAGMAS: Final = (
    f"PRAGMA busy_timeout={WAIT_SECONDS * 1000}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",  # sorting must not leave values in temporary files
    # Of each connection. Four times that made an export of 300,000 rows 60 MB larger and no faster.
    "PRAGMA cache_size=-16384",
)

# SQLite: a transaction that will write takes its lock at once; one that first reads could not wait for it any more.
_READING: Final = "BEGIN"
_SNAPSHOT: Final = "BEGIN DEFERRED"
_WRITING: Final = "BEGIN IMMEDIATE"
_NONE: Final = ""

# PostgreSQL: a role may be set to acknowledge a commit before it is on disk; what is acknowledged here must be.
_DURABLE: Final = (
    f"SELECT set_config('lock_timeout', '{WAIT_SECONDS}s', true), set_config('synchronous_commit',"
    " CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END,"
    " true)"
)


class Database:
    """Runs transactions in one database."""

    def __init__(
        self, engine: Engine, where: str, which: Which, *, turns: Turns | None = None, file: Opened | None = None
    ) -> None:  # fmt: skip
        self.where = where
        """What errors give as the path: the file, or host and database; never a password."""
        self.dialect: str = engine.dialect.name
        self._which = which
        self._engine = engine
        self._turns, self._file = turns, file
        self._anew = Anew(engine) if self.is_postgresql else None
        # PostgreSQL: what is only read needs no BEGIN and COMMIT, each of them a trip to the server of its own.
        self._reader = engine.execution_options(isolation_level="AUTOCOMMIT") if self.is_postgresql else engine

    @classmethod
    def open(cls, url: str, which: Which, *, pool: int = POOL) -> Self:
        """Open the database that is there. Never makes one: a fresh one in place of a lost one would hide the loss.

        Args:
            pool: how many connections are kept; who wants one more waits.

        Raises:
            BadInput: the URL is malformed.
            Unavailable: `…_missing`, `…_exposed`, `…_unreadable`.
        """
        parsed = parse_url(url, which)
        if parsed.get_backend_name() == "postgresql":
            return cls(_postgresql(parsed, pool), f"postgresql:{parsed.host or ''}/{parsed.database or ''}", which)
        path = Path(str(parsed.database)).absolute()
        require_private_file(path, which)
        turns = Turns(path) if which is STORE else None
        return cls(_sqlite(path, pool), str(path), which, turns=turns, file=Opened(path, which))

    @classmethod
    def create(cls, url: str, which: Which) -> Self:
        """As `open`, after making the empty file and its folder if the file is not there."""
        parsed = parse_url(url, which)
        if parsed.get_backend_name() == "sqlite":
            make_private_file(Path(str(parsed.database)).absolute(), which)
        return cls.open(url, which)

    @property
    def is_postgresql(self) -> bool:
        """Whether a server keeps it."""
        return self.dialect == "postgresql"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection to read from; on PostgreSQL each statement sees what was committed before it.

        Raises:
            Unavailable: what the driver said, as an error of ours.
        """
        with self._transaction(_READING) as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Yield a transaction that does not write, for what reads the same state by several statements.

        Raises:
            Unavailable: what the driver said, as an error of ours.
        """
        with self._transaction(_SNAPSHOT) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a transaction that may write; when it has ended well, what it wrote is on disk.

        Raises:
            Unavailable: what the driver said, as an error of ours.
        """
        with self._transaction(_WRITING) as connection:
            yield connection

    def read(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` returns; it may be run again when a connection had died, so it must be right to do so."""
        return self._run(_READING, work)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` returns, once what it wrote is on disk; it may be run again, as with `read`."""
        return self._run(_WRITING, work)

    def give_way(self) -> None:
        """Let those write who wait, before the next of many transactions; PostgreSQL's locks are queues already."""
        if self._turns is not None:
            self._turns.give_way()

    def truncate_log(self) -> None:
        """Empty SQLite's write-ahead log, in which deleted rows live on (5,557 copies were counted in one).

        Raises:
            Unavailable: `…_locked` when a reader keeps it in use; what was committed before stands.
        """
        if self.is_postgresql:
            return
        end = time.monotonic() + WAIT_SECONDS
        # SQLite waits for readers, but not for another connection that is doing the same.
        while self._run(_NONE, lambda c: c.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()):
            if time.monotonic() > end:
                raise fault(self._which, "locked", self.where)
            time.sleep(0.01)

    def clean_up(self, tables: Sequence[str]) -> None:
        """Have what was dropped from these tables leave the files, and what was deleted leave SQLite's log.

        PostgreSQL keeps the values of a dropped column in its rows, and rows that are dead, until it writes the table
        into another file; nobody can read it meanwhile, and first every transaction must end that could still see
        them. SQLite, for all its `secure_delete`, keeps copies in the gaps of pages whose rows it once moved
        (measured: of 400 values up to two).

        Raises:
            Unavailable: `…_locked` when a reader keeps them in use, `…_full`; it may be called again.
        """
        try:
            if tables:
                self._postgresql_anew(tables) if self.is_postgresql else self._sqlite_anew()
        except DRIVER_ERRORS as error:
            raise driver_fault(self._which, error, self.where) from None
        self.truncate_log()

    def _postgresql_anew(self, tables: Sequence[str]) -> None:
        with self._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            if not pass_horizon(connection, seconds=WAIT_SECONDS):
                raise fault(self._which, "locked", self.where)
            quote = connection.dialect.identifier_preparer.quote_identifier
            for table in tables:
                connection.exec_driver_sql(f"VACUUM (FULL) {quote(table)}")

    def _sqlite_anew(self) -> None:
        with self._begun(_NONE) as connection:
            # It first writes a copy beside, too large for memory; that holds no more than the database will.
            connection.exec_driver_sql("PRAGMA temp_store=FILE")
            try:
                connection.exec_driver_sql("VACUUM")
            finally:
                connection.exec_driver_sql("PRAGMA temp_store=MEMORY")

    def forget_statements(self) -> None:
        """Have statements prepared anew: PostgreSQL refuses those whose columns have changed their type since."""
        if self._anew is not None:  # SQLite does so by itself
            self._anew.ask()

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        try:
            with self._begun(begin) as connection:
                yield connection
        except DRIVER_ERRORS as error:
            raise driver_fault(self._which, error, self.where) from None

    def _run(self, begin: str, work: Callable[[Connection], T]) -> T:
        attempt = 1
        while True:
            try:
                with self._begun(begin) as connection:
                    return work(connection)
            except DRIVER_ERRORS as error:
                if attempt == ATTEMPTS or not will_pass(error):
                    raise driver_fault(self._which, error, self.where) from None
            attempt += 1

    @contextmanager
    def _begun(self, begin: str) -> Iterator[Connection]:
        engine = self._reader if begin == _READING else self._engine
        if self.is_postgresql:
            begin = _DURABLE if begin == _WRITING else _NONE
        with engine.begin() as connection:
            if begin == _WRITING and self._turns is not None:
                with self._turns.waiting():
                    connection.exec_driver_sql(begin)
            elif begin:
                connection.exec_driver_sql(begin)
            if self._file is not None:
                self._file.require_in_place()
            yield connection


def _sqlite(path: Path, pool: int) -> Engine:
    # mode=rw: SQLite itself would make an empty file in place of one that has gone.
    location = URL.create("sqlite", database=f"file:{quote(str(path))}", query={"uri": "true", "mode": "rw"})
    # The one used last is used next: each keeps pages of its own, and a long read would go through all of them in turn.
    engine = create_engine(location, hide_parameters=True, pool_size=pool, max_overflow=0, pool_use_lifo=True)

    @event.listens_for(engine, "connect")
    def prepare(raw: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
        raw.isolation_level = None  # the driver would begin transactions late, and none before DDL
        for pragma in _PRAGMAS:
            raw.execute(pragma)

    return engine


def _postgresql(url: URL, pool: int) -> Engine:
    arguments = {} if "connect_timeout" in url.query else {"connect_timeout": WAIT_SECONDS}
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        connect_args=arguments,
        # What waited for a lock must see what was committed meanwhile: the log its newest head, a rotation the newest
        # keys. So this is no matter for a role's or a database's default.
        isolation_level="READ COMMITTED",
        pool_size=pool,
        max_overflow=0,
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: psycopg.Connection, record: ConnectionPoolEntry) -> None:
        # A read, too, waits for who alters its table, and would do so for ever.
        raw.execute(f"SET lock_timeout = {round(WAIT_SECONDS * 1000)}")
        raw.commit()
        record.info[COLUMNAR] = partial(columnar.postgresql, url)

    event.listen(engine, "close", columnar.close)
    return engine
