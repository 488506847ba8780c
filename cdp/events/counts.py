"""The counts that operators look at: what became of events, by source and reason."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam
from sqlalchemy.dialects import postgresql, sqlite

from cdp.store.arriving import COUNT

RECEIVED: Final = "received"
FOLDED: Final = "folded"
DUPLICATE: Final = "duplicate"
DROPPED: Final = "dropped"
QUARANTINED: Final = "quarantined"
CAPPED: Final = "capped"
"""What became of identifiers and links that were over a cap; the events they came with were folded."""

SUPPRESSED: Final = "suppressed"
"""Why something is dropped: it names somebody who is not to be taken in."""


class Counted(NamedTuple):
    """What is counted: of which source, what became of it, and why."""

    source: int
    what: str
    reason: str = ""


def count(conn: Connection, counts: Mapping[Counted, int]) -> None:
    """Add to the counts, in one order, so that two who add cannot wait for each other."""
    rows = [{**key._asdict(), "number": number} for key, number in sorted(counts.items()) if number]
    if not rows:
        return
    insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    added = insert(COUNT).values({each.name: bindparam(each.name) for each in COUNT.c})
    merged = added.on_conflict_do_update(
        index_elements=list(COUNT.primary_key.columns), set_={"number": COUNT.c.number + added.excluded.number}
    )
    conn.execute(merged, rows)
