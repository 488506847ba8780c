"""Dropping entries that are older than the log's retention, by whole tiles; the tree stays what it was.

C2SP tlog-tiles, "Pruning", and more than it asks: the leaf hashes of a dropped tile stay, 8 kB for 256 entries, so
every proof that could be made before can be made after, of dropped entries too, and a checkpoint of any age is still
compared with. What goes is what an entry said, whom it was about, and why.

That entries were dropped is an entry itself (`DROP`): it says up to which one. `audit.verify_log` demands it.
"""

from typing import Final

from sqlalchemy import Connection, delete, func, select

from audit.entries import parse_entry
from audit.indexing import forget_dropped
from audit.tiles import TILE_WIDTH
from cdp.store.bulk import insert_rows
from cdp.store.platform import LOG_DROPPED, LOG_ENTRY, LOG_NOTE, LOG_SUBJECT

DROP: Final = "drop_log"
DROPPED_TO: Final = "dropped_to"
"""The fact of such an entry that says how many entries are gone, from the first on."""

TILES_AT_ONCE: Final = 64


def dropped(conn: Connection) -> int:
    """Return how many entries were dropped, from the first on."""
    return int(conn.execute(select(func.count()).select_from(LOG_DROPPED)).scalar_one()) * TILE_WIDTH


def drop_tiles(conn: Connection, *, before: str, signed: int) -> int:
    """Drop some of the oldest tiles whose entries are all older, and return how many entries are gone by then.

    Args:
        conn: a transaction that also writes the entry which says so.
        before: a time as entries write it.
        signed: how many entries are signed for; nothing beyond is dropped.

    Raises:
        Unavailable: `entry_malformed`.
    """
    start = dropped(conn)
    number = LOG_ENTRY.c.number
    tiles = []
    for first in range(start, signed - TILE_WIDTH + 1, TILE_WIDTH)[:TILES_AT_ONCE]:
        here = select(LOG_ENTRY.c.entry, LOG_ENTRY.c.leaf).where(number >= first, number < first + TILE_WIDTH)
        rows = conn.execute(here.order_by(number)).all()
        if len(rows) < TILE_WIDTH or any(parse_entry(bytes(row.entry))["at"] >= before for row in rows):
            break
        tiles.append((first // TILE_WIDTH, b"".join(bytes(row.leaf) for row in rows)))
    insert_rows(conn, LOG_DROPPED, tiles)
    end = start + TILE_WIDTH * len(tiles)
    if tiles:
        for column in (number, LOG_SUBJECT.c.entry, LOG_NOTE.c.entry):
            conn.execute(delete(column.table).where(column < end))
        forget_dropped(conn, end)
    return end
