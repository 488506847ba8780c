"""The ground of every row: a store filled through the product's own Writer, and the same data in a bare table.

The bare table is what a program without the platform would have: one table, every value in the clear, a number to page
by, the customer id as key. It lies in a database of its own on the same engine, opened with the same settings.
"""

import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Select,
    Table,
    UniqueConstraint,
    create_engine,
    event,
    select,
)

from audit.entries import Entry, Principal
from cdp.bootstrap import Platform, create_platform
from cdp.catalogue.model import Catalogue
from cdp.config import Settings
from cdp.services.publish import initialise
from cdp.store.bulk import insert_rows
from cdp.store.columns import INTEGER, TEXT
from cdp.store.records import Stored
from cdp.store.tables import build_schema
from cdp.store.write import Writer
from cdp.terms import CHUNK_ROWS, CUSTOMER
from tests.bench.people import FIELDS, catalogue, new_rows, policy
from tests.postgres import shared_server
from tests.samples import of_tests
from views.policy import Policy

BENCH = Principal("os:bench", "reader")
FreshUrl = Callable[[], str]
"""Makes an empty database and returns its URL."""

# What `cdp.database` sets, so that neither side has an advantage there.
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "temp_store=MEMORY", "cache_size=-65536")


@dataclass(frozen=True)
class Ground:
    """One engine's ground. `store` and `bare` are connections of the benchmark's own, past the door."""

    engine: str
    size: int
    platform: Platform
    store: Connection
    bare: Connection
    twin: Table
    people: Sequence[tuple[str, int]]
    """The id and the number of every customer, in the order they were written."""
    new_bare: Callable[[], Connection]
    """Opens one more connection to the bare database, for a thread of its own."""
    new_store: Callable[..., Platform]
    """Makes one more, empty store: of the same organisation, or of the catalogue and the policy that are given."""


@contextmanager
def ground(engine: str, size: int, folder: Path) -> Iterator[Ground]:
    """Fill the ground on one engine; all of it is gone afterwards."""
    with ExitStack() as stack:
        fresh = _fresh(engine, folder, stack)

        homes = count()

        def new_store(model: Catalogue | None = None, rules: Policy | None = None) -> Platform:
            settings = Settings(home=folder / f"home{next(homes)}", database_url=fresh(), keys_url=fresh())
            platform = stack.enter_context(create_platform(settings))
            initialise(platform, model or catalogue(), rules or policy(), principal=BENCH)
            return platform

        def connect(url: str) -> Connection:
            engine_ = _engine(url)
            stack.callback(engine_.dispose)
            return stack.enter_context(engine_.connect())

        platform, bare_url = new_store(), fresh()
        store, bare = connect(platform.settings.data_url), connect(bare_url)
        people, twin = _fill(platform, bare, size)
        for conn in (store, bare):
            _settle(conn)
        yield Ground(engine, size, platform, store, bare, twin, people, lambda: connect(bare_url), new_store)


def fill(platform: Platform, numbers: range) -> list[Stored]:
    """Write one batch of customers as an import does: the rows and their entry in one transaction."""
    force = platform.in_force()
    entity = force.catalogue.entities[CUSTOMER]
    writer = Writer(
        force.catalogue, entity, version=force.catalogue_version, vault=platform.vault, dialect=platform.door.dialect
    )
    with platform.door.record(Entry("change", "import", BENCH, force.versions)) as change:
        created = writer.create(change.conn, of_tests(change.conn, force.policy, new_rows(numbers)))
        change.subjects += [row.ordinal for row in created]
    return created


def batches(numbers: range) -> Iterator[range]:
    """The batches of an import."""
    for start in range(numbers.start, numbers.stop, CHUNK_ROWS):
        yield range(start, min(start + CHUNK_ROWS, numbers.stop))


def first_customers(ground: Ground, count: int) -> Select[Any]:
    """The ids of so many customers, from the first on; a run over a million need not hold them all in memory."""
    customer = build_schema(ground.platform.in_force().catalogue, ground.engine).customer.c
    return select(customer.customer_id).order_by(customer.ordinal).limit(count)


def say(text: str) -> None:
    """Tell how far it is, apart from the table."""
    print(text, file=sys.stderr, flush=True)


def _fill(platform: Platform, bare: Connection, size: int) -> tuple[list[tuple[str, int]], Table]:
    twin = _twin(bare.dialect.name)
    twin.create(bare)
    people: list[tuple[str, int]] = []
    for numbers in batches(range(size)):
        created = fill(platform, numbers)
        rows = [
            [row.customer_id, number, *(row.values[name] for name in FIELDS)]
            for row, number in zip(created, numbers, strict=True)
        ]
        with transaction(bare):
            insert_rows(bare, twin, rows)
        people += [(row.customer_id, number) for row, number in zip(created, numbers, strict=True)]
    return people, twin


@contextmanager
def transaction(conn: Connection) -> Iterator[None]:
    """A transaction of the driver's own on a connection that otherwise commits each statement."""
    cursor = conn.connection.cursor()
    cursor.execute("BEGIN")
    yield
    cursor.execute("COMMIT")


def _twin(dialect: str) -> Table:
    """The bare table; keyed and clustered as `cdp.store.tables` does it, so that both are read the same way."""
    on_sqlite = dialect == "sqlite"
    parts: list[Any] = [
        Column("customer_id", TEXT, nullable=False),
        Column("number", INTEGER, primary_key=on_sqlite, autoincrement=False, nullable=False),
        *(Column(name, INTEGER if name == "income" else TEXT) for name in FIELDS),
    ]
    if on_sqlite:
        return Table("bare", MetaData(), *parts, UniqueConstraint("customer_id"), sqlite_strict=True)
    return Table("bare", MetaData(), *parts, PrimaryKeyConstraint("customer_id"), Index("bare_number", "number"))


def _fresh(engine: str, folder: Path, stack: ExitStack) -> FreshUrl:
    if engine == "postgresql":
        server = stack.enter_context(shared_server(folder, durable=True))
        return lambda: stack.enter_context(server.fresh_database())
    files = count()
    return lambda: f"sqlite:///{folder / f'{next(files)}.db'}"


def _engine(url: str) -> Engine:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def prepare(raw: sqlite3.Connection, _record: object) -> None:
            for pragma in _PRAGMAS:
                raw.execute(f"PRAGMA {pragma}")

    return engine


def _settle(conn: Connection) -> None:
    """Leave nothing of the filling for the first reader to do."""
    conn.exec_driver_sql("VACUUM (ANALYZE)" if conn.dialect.name == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)")
