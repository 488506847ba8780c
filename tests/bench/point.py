"""Point reads of the full view: policy, door, log and unsealing for one customer at a time.

Held against the bare driver that reads the same row by its key, and against the same with one durable insert after it:
a disclosure is not over before its entry is on disk, so that is the least that any such log can cost.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Column, Connection, MetaData, Table, bindparam, insert, select

from cdp.services.read import read_view
from cdp.store.columns import BYTES, INTEGER
from cdp.store.statement import Statement
from tests.bench.ground import BENCH, Ground
from tests.bench.measure import Case
from tests.bench.people import FIELDS, ROLE, email
from views.conditions import parse_conditions
from views.request import ViewRequest

READS = 400
THREADS = 8
ENTRY = bytes(900)
"""As long as an entry of the log about such a read is."""


def cases(ground: Ground) -> Iterator[Case]:
    """The rows of point reads."""
    chosen = random.Random(2).choices(ground.people, k=READS)
    ids = [customer_id for customer_id, _ in chosen]
    by_id = [("customer_id", f"eq.{customer_id}") for customer_id in ids]
    by_email = [("email", f"eq.{email(number)}") for _, number in chosen]
    bare, logged = BareReads(ground, ids, durable=False), BareReads(ground, ids, durable=True)

    def case(what: str, against: str, ours: Callable[[], None], peer: Callable[[], None]) -> Case:
        return Case("POINT", what, against, "read", READS, ours, peer)

    yield case("one customer by id", "bare SELECT", lambda: _read_all(ground, by_id), bare.alone)
    yield case("one customer by e-mail", "bare SELECT", lambda: _read_all(ground, by_email), bare.alone)
    yield case("one customer by id", "bare SELECT and durable INSERT", lambda: _read_all(ground, by_id), logged.alone)
    yield case(
        "by id, 8 threads, one shared commit", "the same by 8 threads",
        lambda: _by_threads(lambda part: _read_all(ground, by_id[part::THREADS])), logged.together,
    )  # fmt: skip


def _read_all(ground: Ground, conditions: Sequence[tuple[str, str]]) -> None:
    for condition in conditions:
        request = ViewRequest("everything", ROLE, where=parse_conditions([condition]), reason="a benchmark")
        answer = read_view(ground.platform, request, principal=BENCH)
        assert sum(len(chunk) for chunk in answer.chunks) == 1


def _by_threads(work: Callable[[int], None]) -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(work, range(THREADS)))


class BareReads:
    """What the driver does by itself: one row by its key, and if wanted an insert that is on disk when it returns."""

    def __init__(self, ground: Ground, ids: Sequence[str], *, durable: bool) -> None:
        c = ground.twin.c
        self._ids = ids
        self._durable = durable
        by_id = select(c.customer_id, *(c[name] for name in FIELDS)).where(c.customer_id == bindparam("customer_id"))
        self._select = Statement(by_id, ground.engine)
        log = Table("bare_log", MetaData(), Column("number", INTEGER, primary_key=True), Column("entry", BYTES))
        log.create(ground.bare, checkfirst=True)
        self._insert = Statement(insert(log).values(entry=bindparam("entry")).inline(), ground.engine)
        self._conn = ground.bare
        self._conns = [ground.new_bare() for _ in range(THREADS)] if durable else []

    def alone(self) -> None:
        """All reads, one after the other."""
        self._run(self._conn, self._ids)

    def together(self) -> None:
        """All reads, shared among threads, each with a connection of its own."""
        _by_threads(lambda part: self._run(self._conns[part], self._ids[part::THREADS]))

    def _run(self, conn: Connection, ids: Sequence[str]) -> None:
        for customer_id in ids:
            assert len(self._select.rows(conn, {"customer_id": customer_id})) == 1
            if self._durable:
                self._insert.run(conn, {"entry": ENTRY})
