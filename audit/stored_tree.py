"""The stored tree as proofs read it: tiles out of the two tables in which an append leaves them (`audit.tiles`)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from audit.merkle import HASH_BYTES, Frontier
from audit.tiles import TILE_WIDTH, Tile, TiledTree, read_frontier
from cdp.store.platform import LOG_DROPPED, LOG_ENTRY, LOG_HEAD, LOG_TILE

Rows = Callable[[Select[Any]], Iterable[Any]]
"""Runs a query: a connection's `execute`, or the door's `lookup`. Rows of the tree never change, so either will do."""


class StoredTiles:
    """The `TileReader` over the database."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def read_tiles(self, tiles: Sequence[Tile], /) -> list[bytes]:
        """Return the hashes of each tile; one that is not there as asked comes back short."""
        return [self._read(tile) for tile in tiles]

    def _read(self, tile: Tile) -> bytes:
        found = self._rows_of(tile)
        if tile.level or found:
            return found
        # The entries were dropped; their leaf hashes were not.
        kept = [
            bytes(row[0]) for row in self._rows(select(LOG_DROPPED.c.leaves).where(LOG_DROPPED.c.number == tile.index))
        ]
        return b"".join(kept)[: tile.width * HASH_BYTES]

    def _rows_of(self, tile: Tile) -> bytes:
        start = tile.index * TILE_WIDTH
        if tile.level == 0:
            number, query = LOG_ENTRY.c.number, select(LOG_ENTRY.c.leaf)
        else:
            number, query = LOG_TILE.c.number, select(LOG_TILE.c.hash).where(LOG_TILE.c.level == tile.level)
        here = query.where(number >= start, number < start + tile.width).order_by(number)
        return b"".join(bytes(row[0]) for row in self._rows(here))


def read_head(conn: Connection) -> Frontier:
    """Return the right edge of the stored tree.

    Raises:
        BrokenTree: the head states no tree.
    """
    head = conn.execute(select(LOG_HEAD.c.frontier)).scalar_one_or_none()
    return Frontier.decode(b"" if head is None else bytes(head))


def read_root(conn: Connection, size: int) -> bytes:
    """Return the root of the first `size` entries, now or in the past.

    Raises:
        BrokenTree: the store lacks a hash.
    """
    return read_frontier(size, reader=TiledTree(size, StoredTiles(conn.execute))).root()
