"""The stored tree: what an append writes of it, what a proof reads of it, and the proofs themselves.

RFC 9162 sections 2.1.3.1 and 2.1.4.1 (proofs); C2SP tlog-tiles (tiles of height 8: 256 hashes, 8,192 bytes).

What is stored, and no more:

- every entry with its leaf hash: level 0;
- for every full tile one hash, the Merkle tree hash over it, as a hash of the level above: one 32-byte row for 256
  entries, one more for 65,536, and so on (`TileHash`, key (level, index));
- the right edge (`merkle.Frontier`), so that an append reads one row.

Rows are only added, never changed. Tile (level, index) of a tree of any size, now or in the past, full or partial, is a
range of these rows: the first `width` hashes from `index * 256` on. So nothing else is kept for partial tiles. A proof
reads at most two tiles a level, on the way to the leaf and at the tree's end: 8 tiles at 80 million entries.

A proof about entries from some multiple of 256 on reads no leaf before it. So old entries can be dropped with their
leaf hashes, 256 at a time, while the tile hashes stay.

Pure: the store comes in as a `TileReader`, the rows to write go out as values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from audit.merkle import HASH_BYTES, MAX_SIZE, BrokenTree, Frontier, Growth, fold, node_hash, split_hashes

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT


@dataclass(frozen=True, slots=True)
class TileHash:
    """The hash over one full tile: hash number `index` of `level`, which is 1 or more.

    It covers the leaves [index * 256**level, (index + 1) * 256**level).
    """

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """The first `width` hashes, 1 to 256, of tile `index` at `level`, as C2SP numbers them."""

    level: int
    index: int
    width: int


@dataclass(frozen=True, slots=True)
class Node:
    """A perfect subtree: its leaves are [index * 2**height, (index + 1) * 2**height)."""

    height: int
    index: int


class HashReader(Protocol):
    """A tree as proofs read it: by perfect subtrees."""

    def read_hashes(self, nodes: Sequence[Node], /) -> Sequence[bytes]:
        """Return one 32-byte hash for each node, in order; proofs call it once each.

        Raises `BrokenTree` for a hash that should be there and is not.
        """


class TileReader(Protocol):
    """A tree as the store keeps it: by tiles."""

    def read_tiles(self, tiles: Sequence[Tile], /) -> Sequence[bytes]:
        """Return `width * 32` bytes for each tile, in order: leaf hashes at level 0, tile hashes above.

        A tile that is not there as asked comes back short; whoever called raises `BrokenTree`.
        """


def tile_hashes(growth: Growth) -> list[TileHash]:
    """Return the hashes of the tiles that an append filled, for the appender to write in the same transaction.

    They cost nothing: appending computed them. Joining batches or splitting them changes nothing in all the rows.
    """
    return [
        TileHash(height // TILE_HEIGHT, index, one)
        for height in range(TILE_HEIGHT, len(growth.rows), TILE_HEIGHT)
        for index, one in enumerate(growth.rows[height], growth.start >> height)
    ]


def tile_width(level: int, index: int, size: int) -> int:
    """Return how many hashes tile (level, index) has in a tree of `size` leaves: 0 (no such tile) to 256."""
    count = size >> level * TILE_HEIGHT  # how many hashes the level has
    return min(max(count - index * TILE_WIDTH, 0), TILE_WIDTH)


class TiledTree:
    """The `HashReader` over tiles: reads whole tiles and hashes up inside them.

    Keeps the tiles it read last, so that proofs for neighbours in the log cost one read together. Tiles of a tree never
    change, so what it keeps cannot be stale.

    Args:
        size: leaves of the stored tree; it answers for this and every smaller tree.
        reader: where tiles come from.
        keep: how many tiles to keep between calls, about 35 kB each.
    """

    def __init__(self, size: int, reader: TileReader, *, keep: int = 64) -> None:
        self._size = size
        self._reader = reader
        self._keep = keep
        self._tiles: dict[Tile, list[tuple[bytes, ...]]] = {}  # the oldest read first

    def read_hashes(self, nodes: Sequence[Node], /) -> list[bytes]:
        """Return the hash of each node.

        Raises:
            ValueError: a node reaches beyond the stored tree.
            BrokenTree: the store gave a tile of another length than the tree's size demands.
        """
        places = [self._place(node) for node in nodes]
        missing = sorted({tile for tile, _, _ in places} - self._tiles.keys())
        if missing:
            self._load(missing)
        hashes = [self._tiles[tile][height][at] for tile, height, at in places]
        while len(self._tiles) > self._keep:
            del self._tiles[next(iter(self._tiles))]
        return hashes

    def _place(self, node: Node) -> tuple[Tile, int, int]:
        """Return the tile that holds a node, the height inside the tile, and the position at that height."""
        if (node.index + 1) << node.height > self._size:
            raise ValueError("a node reaches beyond the stored tree")
        level, height = divmod(node.height, TILE_HEIGHT)
        index, at = divmod(node.index, TILE_WIDTH >> height)
        return Tile(level, index, tile_width(level, index, self._size)), height, at

    def _load(self, tiles: Sequence[Tile]) -> None:
        blobs = self._reader.read_tiles(tiles)
        if [len(blob) for blob in blobs] != [tile.width * HASH_BYTES for tile in tiles]:
            raise BrokenTree("tile_length", f"a stored tree of {self._size} leaves lacks hashes")
        for tile, blob in zip(tiles, blobs, strict=True):
            rows = [split_hashes(blob)]
            while len(rows) < TILE_HEIGHT:
                rows.append(tuple(map(node_hash, rows[-1][:-1:2], rows[-1][1::2])))
            self._tiles[tile] = rows


def read_frontier(size: int, *, reader: HashReader) -> Frontier:
    """Return the right edge of the first `size` leaves of a stored tree; its `root()` is the root at that size.

    Raises:
        ValueError: `size` is no size of a tree.
        BrokenTree: the store lacks a hash.
    """
    if not 0 <= size <= MAX_SIZE:
        raise ValueError("no tree has this size")
    return Frontier(size, tuple(_read(_perfect(0, size), reader)))


def inclusion_proof(index: int, size: int, *, reader: HashReader) -> list[bytes]:
    """Return PATH(index, D_size), the siblings on the way from a leaf up to the root (RFC 9162 section 2.1.3.1).

    Args:
        index: of the leaf, from 0.
        size: of the tree that the proof is for; the stored tree may be larger.
        reader: the stored tree.

    Returns:
        32-byte hashes, the lowest sibling first; at most 27 for 80 million leaves.

    Raises:
        ValueError: a tree of this size has no such leaf.
        BrokenTree: the store lacks a hash.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise ValueError("a tree of this size has no such leaf")
    low, high = 0, size
    siblings: list[tuple[int, int]] = []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            siblings.append((middle, high))
            high = middle
        else:
            siblings.append((low, middle))
            low = middle
    return _read_ranges(siblings[::-1], reader)


def consistency_proof(old_size: int, new_size: int, *, reader: HashReader) -> list[bytes]:
    """Return PROOF(old_size, D_new_size), that a tree grew out of a smaller one (RFC 9162 section 2.1.4.1).

    Args:
        old_size: of the tree that somebody remembers.
        new_size: of the tree that the proof is for; the stored tree may be larger.
        reader: the stored tree.

    Returns:
        32-byte hashes in the order of the RFC; none if the old tree is empty or is the new one.

    Raises:
        ValueError: the old tree is the larger one, or no tree has such a size.
        BrokenTree: the store lacks a hash.
    """
    if not 0 <= old_size <= new_size <= MAX_SIZE:
        raise ValueError("the old tree is the larger one, or no tree has such a size")
    if old_size in {0, new_size}:
        return []
    # Go down to the subtree that ends where the old tree ends; what branches off on the way is needed.
    low, high = 0, new_size
    parts: list[tuple[int, int]] = []
    while high != old_size:
        middle = low + _split(high - low)
        if old_size <= middle:
            parts.append((middle, high))
            high = middle
        else:
            parts.append((low, middle))
            low = middle
    # That subtree is needed too, unless it is the whole old tree: its root is what the verifier already has.
    if low > 0:
        parts.append((low, high))
    return _read_ranges(parts[::-1], reader)


def _split(count: int) -> int:
    """Return the largest power of two below `count`, which is 2 or more: where RFC 9162 splits a subtree."""
    return 1 << (count - 1).bit_length() - 1


def _perfect(low: int, high: int) -> list[Node]:
    """Return the perfect subtrees that make up the leaves [low, high), largest first.

    INVARIANT: each power of two up to `high - low` divides `low`. Splitting as RFC 9162 does keeps it so.
    """
    count = high - low
    heights = [height for height in reversed(range(count.bit_length())) if count >> height & 1]
    nodes = []
    for height in heights:
        nodes.append(Node(height, low >> height))
        low += 1 << height
    return nodes


def _read(nodes: Sequence[Node], reader: HashReader) -> Sequence[bytes]:
    """Return the hashes of the nodes; refuse any other number of them."""
    hashes = reader.read_hashes(nodes)
    if len(hashes) != len(nodes):
        raise BrokenTree("hashes_missing", "the stored tree did not give one hash for each node")
    return hashes


def _read_ranges(ranges: Sequence[tuple[int, int]], reader: HashReader) -> list[bytes]:
    """Return the Merkle tree hash of each range of leaves, from one read of all the perfect subtrees in them."""
    parts = [_perfect(low, high) for low, high in ranges]
    hashes = iter(_read([node for part in parts for node in part], reader))
    return [fold([next(hashes) for _ in part]) for part in parts]
