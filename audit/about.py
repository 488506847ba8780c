"""Which entries are about a person: the search through the sets of customers beside the log.

Design section 6. Her ordinal is in one block or one cell of each entry that is about her (`audit.subjects`). Each row
says between which of its members it lies, so that a set that she cannot be in is not looked into.
"""

from typing import Final

from pyroaring import BitMap
from sqlalchemy import Connection, and_, bindparam, or_, select

from audit.subjects import CELLS, places_of
from cdp.errors import Unavailable
from cdp.store.platform import LOG_SUBJECT
from cdp.store.statement import Statement

_STATEMENTS: Final[dict[str, Statement]] = {}


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
