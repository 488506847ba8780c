"""The end of the stored log, looked at when a store is opened: a torn append is refused, never written over.

An append is one transaction, so its rows are there together or not at all. Where they are not, a disk or a hand has
come between: nothing may be appended behind that, and nothing may be skipped. What lies before is `audit.verify_log`'s.
"""

from sqlalchemy import Connection, func, select, text

from audit.merkle import BrokenTree, Frontier, leaf_hash
from audit.stored_tree import StoredTiles, read_head
from audit.tiles import TiledTree, read_frontier
from cdp.errors import Unavailable
from cdp.store.platform import LOG_ENTRY


def check_tail(conn: Connection) -> None:
    """Return if the newest entry is the last that the head states, whole, and the head is that of the stored leaves.

    Args:
        conn: a transaction that has not read yet.

    Raises:
        Unavailable: `log_torn`.
    """
    if conn.dialect.name == "postgresql":  # another process may be appending
        conn.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    c = LOG_ENTRY.c
    try:
        head = read_head(conn)
    except BrokenTree:
        raise _torn("the log has lost its head", Frontier()) from None
    newest = conn.execute(select(func.max(c.number))).scalar_one()
    if newest is not None and newest != head.size - 1:
        raise _torn("the newest entry is not the last one that the head of the log states", head)
    row = conn.execute(select(c.entry, c.leaf).where(c.number == newest)).one_or_none()
    if row is not None and leaf_hash(bytes(row.entry)) != bytes(row.leaf):
        raise _torn("the newest entry is damaged", head)
    try:
        edge = read_frontier(head.size, reader=TiledTree(head.size, StoredTiles(conn.execute)))
    except BrokenTree:
        raise _torn("the end of the log lacks hashes", head) from None
    if edge != head:
        raise _torn("the head of the log is not that of its last entries", head)


def _torn(message: str, head: Frontier) -> Unavailable:
    hint = "restore the newest backup; what a bundle or a published tile has beyond it is lost from it"
    return Unavailable("log_torn", message, path=f"entry {max(head.size - 1, 0)}", hint=hint)
