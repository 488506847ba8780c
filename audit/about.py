"""Which entries are about a person: the search through the sets of customers beside the log.

Design section 6. Each row of `cdp_log_subject` says between which of its members it lies (`low`, `high`), so that of a
read that went through everybody in the order of ordinals one chunk is looked into, not all of its block.
"""

from pyroaring import BitMap
from sqlalchemy import Connection, bindparam, select

from audit.subjects import BLOCK_BITS
from cdp.store.platform import LOG_SUBJECT
from cdp.store.statement import Statement

_STATEMENTS: dict[str, Statement] = {}


def entries_about(conn: Connection, ordinal: int) -> list[int]:
    """Return the numbers of the entries that are about the customer with this ordinal, ascending."""
    block, member = ordinal >> BLOCK_BITS, ordinal & ((1 << BLOCK_BITS) - 1)
    rows = _statement(conn.dialect.name).rows(conn, {"in_block": block, "member": member})
    deserialize = BitMap.deserialize
    return sorted(number for number, members in rows if member in deserialize(bytes(members)))


def _statement(dialect: str) -> Statement:
    """Return the search in an engine's SQL, written once."""
    if dialect not in _STATEMENTS:
        c = LOG_SUBJECT.c
        here = (c.block == bindparam("in_block"), c.low <= bindparam("member"), c.high >= bindparam("member"))
        search = select(c.entry, c.members).where(*here)
        _STATEMENTS[dialect] = Statement(search, dialect)
    return _STATEMENTS[dialect]
