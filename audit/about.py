"""Which entries are about a person: the search through the sets of customers beside the log.

Design section 6. Her ordinal is in one block or one cell of each entry that is about her (`audit.subjects`). Each row
says between which of its members it lies, so that a set that she cannot be in is not looked into.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pyroaring import BitMap
from sqlalchemy import Connection, and_, bindparam, or_, select

from audit.entries import parse_entry
from audit.subjects import CELLS, places_of
from cdp.errors import Unavailable
from cdp.store.platform import LOG_ENTRY, LOG_SUBJECT
from cdp.store.statement import Statement

BATCH: Final = 500

_STATEMENTS: Final[dict[str, Statement]] = {}


@dataclass(frozen=True, slots=True)
class Known:
    """A number under which the log knows a customer.

    Attributes:
        whose: the customer whose number it is; empty for somebody else's, under which it was about her for a time.
        since, until: from when to when, as entries write it; for all time if they are empty.
    """

    ordinal: int
    whose: str
    since: str = ""
    until: str = ""


def entries_of(conn: Connection, numbers: Sequence[Known]) -> dict[int, tuple[str, ...]]:
    """Return the entries about a customer, ascending, each with whose numbers it is about; none for somebody else's.

    Raises:
        Unavailable: as `entries_about`.
    """
    found: dict[int, tuple[str, ...]] = {}
    for known in numbers:
        entries = entries_about(conn, known.ordinal)
        if known.until:
            new = [each for each in entries if each not in found]
            found |= dict.fromkeys(_between(conn, new, known.since, known.until), ())
        else:
            found |= {each: (*found.get(each, ()), known.whose) for each in entries}
    return {each: found[each] for each in sorted(found)}


def _between(conn: Connection, entries: Sequence[int], since: str, until: str) -> list[int]:
    c, found = LOG_ENTRY.c, []
    for start in range(0, len(entries), BATCH):
        wanted = select(c.number, c.entry).where(c.number.in_(entries[start : start + BATCH]))
        rows = conn.execute(wanted)
        found += [number for number, entry in rows if since <= parse_entry(bytes(entry))["at"] <= until]
    return found


def entries_about(conn: Connection, ordinal: int) -> list[int]:
    """Return the numbers of the entries that are about the customer with this ordinal, ascending.

    Raises:
        Unavailable: `log_broken`, when a set is none.
    """
    (block, member), (cell, cell_member) = places_of(ordinal)
    values = {"in_block": block, "member": member, "in_cell": cell, "cell_member": cell_member}
    rows = _statement(conn.dialect.name).rows(conn, values)
    deserialize = BitMap.deserialize
    try:
        return sorted(
            number
            for number, place, members in rows
            if (member if place < CELLS else cell_member) in deserialize(members)
        )
    except ValueError:
        hint = "run `cdp log verify`, which says where"
        raise Unavailable("log_broken", "a set of customers beside the log is damaged", path="log", hint=hint) from None


def _statement(dialect: str) -> Statement:
    """Return the search in an engine's SQL, written once."""
    if dialect not in _STATEMENTS:
        c = LOG_SUBJECT.c
        places = [
            and_(c.block == bindparam(place), c.low <= bindparam(member), c.high >= bindparam(member))
            for place, member in (("in_block", "member"), ("in_cell", "cell_member"))
        ]
        found = select(c.entry, c.block, c.members).where(or_(*places))
        _STATEMENTS[dialect] = Statement(found, dialect, binary=True)
    return _STATEMENTS[dialect]
