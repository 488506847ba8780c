"""P10: appending to the log, durable, in batches of 1,000, against a bare chain of SHA-256 with the same commits.

An entry of ours is made (its time, its salt, its JSON), hashed, put into the tree, and written with its tile hashes and
the right edge. The peer has ready bytes of the same length, hashes each together with the hash before it, and writes
the same rows by the bare driver: executemany on SQLite, COPY on PostgreSQL. It proves nothing about one entry
without all that follow.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import count

from sqlalchemy import Column, MetaData, Table

from audit.entries import Entry
from cdp.store.bulk import insert_rows
from cdp.store.columns import BYTES, INTEGER
from tests.bench.ground import BENCH, Ground, transaction
from tests.bench.measure import Case

BATCH = 1_000
BATCHES = 10
FACTS = {"view": "everything", "purpose": "service", "chunk": 0, "rows": 0, "columns": {"full_name": "clear"}}


def cases(ground: Ground) -> Iterator[Case]:
    """The rows P10."""
    platform = ground.new_store()
    versions, log = platform.in_force().versions, platform.door._log
    entries = [Entry("disclosure", "read", BENCH, versions, FACTS) for _ in range(BATCH)]

    def ours() -> None:
        for _ in range(BATCHES):
            log.append_many(entries)

    how = "COPY" if ground.engine == "postgresql" else "executemany"
    yield Case(
        "P10", "append, batches of 1,000", f"SHA-256 chain, {how}, same commits", "entry", BATCH * BATCHES, ours,
        _chain(ground, length=420),
    )  # fmt: skip


def _chain(ground: Ground, length: int) -> Callable[[], None]:
    table = Table(
        "bare_chain", MetaData(), Column("number", INTEGER, primary_key=True, autoincrement=False),
        Column("entry", BYTES, nullable=False), Column("leaf", BYTES, nullable=False),
        sqlite_strict=True,
    )  # fmt: skip
    table.drop(ground.bare, checkfirst=True)
    table.create(ground.bare)
    numbers = count()
    data, link = bytes(length), bytes(32)

    def run() -> None:
        nonlocal link
        for _ in range(BATCHES):
            rows = []
            for _ in range(BATCH):
                link = sha256(link + data).digest()
                rows.append((next(numbers), data, link))
            with transaction(ground.bare):
                insert_rows(ground.bare, table, rows)

    return run
