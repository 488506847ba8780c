"""P8: bulk load through the Writer, in batches as an import makes them, against the driver's own bulk load.

A batch of ours makes and stores a key for each customer in the key store, computes every shape, seals, indexes
identifiers, and has its entry in the log. The peer loads rows that are ready, by COPY or executemany: those of the
`customer` table alone, and then those of every table that the Writer fills, keys included.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, Table, select

from cdp.store.bulk import insert_rows
from cdp.store.columns import BYTES, INTEGER, TEXT
from cdp.store.platform import IDENTIFIER
from cdp.store.tables import build_schema
from cdp.terms import CHUNK_ROWS, CUSTOMER
from tests.bench.ground import Ground, batches, fill, first_customers, transaction
from tests.bench.measure import PAIRS, Case

RUNS = PAIRS + 1
WRAPPED_BYTES = 60
Rows = list[Sequence[Any]]


def cases(ground: Ground) -> Iterator[Case]:
    """The rows P8."""
    amount = min(2 * CHUNK_ROWS, ground.size // RUNS)
    store, runs = ground.new_store(), count()

    def ours() -> None:
        for numbers in _next(runs, amount):
            fill(store, numbers)

    how = "COPY" if ground.engine == "postgresql" else "executemany"
    alone, ready = _ready(ground, amount * RUNS)
    for against, tables in (("`customer`, ready-made", alone), ("all its tables, ready-made", {**alone, **ready})):
        yield Case(
            "P8", "bulk load by the Writer", f"{how} of {against}", "row", amount, ours, _load(ground, amount, tables)
        )


def _load(ground: Ground, amount: int, tables: dict[Table, list[Rows]]) -> Callable[[], None]:
    """Load ready rows into tables of the same making, in batches of the same size; each run takes the next ones."""
    for table in tables:
        table.drop(ground.bare, checkfirst=True)
        table.create(ground.bare)
    runs = count()

    def run() -> None:
        for numbers in _next(runs, amount):
            with transaction(ground.bare):
                for table, rows in tables.items():
                    here = rows[numbers.start : numbers.stop]
                    insert_rows(ground.bare, table, [row for each in here for row in each])

    return run


def _next(runs: Iterator[int], amount: int) -> Iterator[range]:
    start = next(runs) * amount
    return batches(range(start, start + amount))


def _ready(ground: Ground, people: int) -> tuple[dict[Table, list[Rows]], dict[Table, list[Rows]]]:
    """What the Writer has put into the `customer` table for so many customers, and into the others, by customer."""
    schema = build_schema(ground.platform.in_force().catalogue, ground.engine)
    keys = Table(
        "bare_key", MetaData(), Column("customer_id", TEXT), Column("version", INTEGER), Column("wrapped", BYTES),
        PrimaryKeyConstraint("customer_id"),
    )  # fmt: skip
    ids: list[str] = list(ground.store.execute(first_customers(ground, people)).scalars())
    others = {table: _stored(ground, table, ids) for table in (schema.sealed[CUSTOMER], IDENTIFIER)}
    wrapped: list[Rows] = [[(customer_id, 1, os.urandom(WRAPPED_BYTES))] for customer_id in ids]
    return {schema.customer: _stored(ground, schema.customer, ids)}, {**others, keys: wrapped}


def _stored(ground: Ground, table: Table, ids: Sequence[str]) -> list[Rows]:
    found: dict[str, Rows] = {customer_id: [] for customer_id in ids}
    place = table.columns.keys().index("customer_id")
    for row in ground.store.execute(select(table).where(table.c.customer_id.in_(first_customers(ground, len(ids))))):
        found[row[place]].append(tuple(row))
    return list(found.values())
