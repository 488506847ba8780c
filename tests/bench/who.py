"""P11: "who saw me?" over 10,000 bulk reads of a million customers, against reading the same bitmap bytes.

Each read went through everybody in chunks of 5,000, a fifth having refused at random. The chunk that is about the
customer is written by the log itself, with its entry and its whole set; what lies in other blocks and cells than hers
is not touched by the question, and is left out. The peer fetches the bytes of the same 10,000 sets and does nothing
with them.
"""

import random
from collections.abc import Iterator

from audit.about import entries_about
from audit.entries import Entry
from audit.subjects import CELL_BITS, CELLS
from cdp.bootstrap import Platform
from cdp.services.who_saw import who_saw
from cdp.terms import CHUNK_ROWS
from tests.bench.ground import BENCH, Ground, fill
from tests.bench.measure import Case

READS = 10_000
PAGE = 100
BATCH = 500
_SPAN = CHUNK_ROWS * 5 // 4
"""How many ordinals a chunk spans of which a fifth are not in it."""


def cases(ground: Ground) -> Iterator[Case]:
    """The rows P11."""
    platform = ground.new_store()
    customer = fill(platform, range(1))[0]
    _read_everybody(platform, customer.ordinal)
    engine = platform._database._engine
    cell = CELLS | customer.ordinal >> CELL_BITS
    sign = "?" if ground.engine == "sqlite" else "%s"
    query = f"SELECT members FROM cdp_log_subject WHERE block = {sign}"

    def floor() -> None:
        with engine.connect() as conn:
            cursor = conn.connection.cursor(**({"binary": True} if ground.engine == "postgresql" else {}))
            cursor.execute(query, (cell,))
            assert len(cursor.fetchall()) == READS

    def search() -> None:
        with engine.connect() as conn:
            assert len(entries_about(conn, customer.ordinal)) >= READS

    def page() -> None:
        found = list(who_saw(platform, customer.customer_id, principal=BENCH, limit=PAGE))
        assert len(found) == PAGE

    def case(what: str, ours: object) -> Case:
        return Case("P11", what, "SELECT of the same bitmap bytes", "question", 1, ours, floor)  # type: ignore[arg-type]

    yield case("search of 10,000 bulk reads", search)
    yield case(f"who saw her: the newest {PAGE}, on the log", page)


def _read_everybody(platform: Platform, ordinal: int) -> None:
    """Append, for so many reads, the chunk that is about a customer."""
    dice, versions, log = random.Random(4), platform.in_force().versions, platform.door._log
    facts = {
        "view": "masked", "kind": "standard", "entity": "customer", "purpose": "service", "plan": "0" * 64,
        "fields": [[f"field{number}", "masked"] for number in range(11)], "where": [], "chunk": 3, "rows": CHUNK_ROWS,
    }  # fmt: skip
    start = ordinal // _SPAN * _SPAN
    everybody = [each for each in range(start, start + _SPAN) if each != ordinal]
    sets = [[ordinal, *dice.sample(everybody, CHUNK_ROWS - 1)] for _ in range(20)]
    for _ in range(READS // BATCH):
        log.append_many([Entry("disclosure", "read", BENCH, versions, facts, dice.choice(sets)) for _ in range(BATCH)])
