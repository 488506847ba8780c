"""The last measured proof of how soon a refusal is honoured: an entry of the log, in whole microseconds."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from audit.entries import parse_entry
from audit.search import Search, Sought, find_entries
from cdp.bootstrap import Platform
from cdp.services.latency.measure import ACT
from cdp.store.platform import LOG_ENTRY

_MOST: Final = 50


@dataclass(frozen=True)
class Proof:
    """What was measured, and which entry says so.

    Attributes:
        micros: by name of the quantile, from the acknowledgement to the end of the first read that honours it.
    """

    number: int
    at: str
    engine: str
    trials: int
    reads: int
    rows_after: int
    micros: dict[str, int]


def last_proof(platform: Platform) -> Proof | None:
    """Return the last proof that the log has; it is about nobody."""
    lookup, search = platform.door.lookup, Search({"act": [Sought(ACT)], "what": [Sought("change")]})
    for number in find_entries(lookup, search, before=None, limit=_MOST, known=platform.door.newest.known).numbers:
        body = parse_entry(bytes(lookup(select(LOG_ENTRY.c.entry).where(LOG_ENTRY.c.number == number))[0][0]))
        if isinstance(body.get("micros"), dict):
            names = ("engine", "trials", "reads", "rows_after", "micros")
            return Proof(number, body["at"], *(body[name] for name in names))
    return None
